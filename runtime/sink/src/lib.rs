//! ringtap-sink
