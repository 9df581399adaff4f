//! ringtap-plugin
