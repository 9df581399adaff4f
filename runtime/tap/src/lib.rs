//! ringtap-tap
