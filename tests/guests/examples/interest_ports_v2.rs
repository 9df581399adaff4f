//! Wants UDP to the ports 7002 and 7003; see [`guests::ports`].

guests::ports_plugin!(2, "udp dst port 7002 or 7003");
