//! ringtap-capture
