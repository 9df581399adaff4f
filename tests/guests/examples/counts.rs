//! Counts packets and bytes, and checks sequence numbers; see [`guests::counts`].

guests::counts_plugin!(1);
