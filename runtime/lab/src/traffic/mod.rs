//! Traffic in a lab: real sockets, exact numbers.
//!
//! Every function returns when all that it sent has arrived, or fails; it never waits for one packet
//! longer than two seconds. Sockets are made inside the sides and used from the calling thread.

mod dns;
mod frames;
mod icmp;
mod mix;
mod path;
mod tcp;
mod udp;

use std::time::Duration;

pub use dns::dns;
pub use frames::frames;
pub use icmp::icmp_echo;
pub use mix::Mix;
pub use path::Path;
pub use tcp::tcp;
pub use udp::{udp, udp_gso};

/// The longest wait for a packet that should be there.
const PATIENCE: Duration = Duration::from_secs(2);
