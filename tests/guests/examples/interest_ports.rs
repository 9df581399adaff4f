//! Wants UDP to the ports 7001 and 7003; see [`guests::ports`].

guests::ports_plugin!(1, "udp dst port 7001 or 7003");
