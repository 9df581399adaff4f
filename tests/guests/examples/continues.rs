//! Counts records by sequence number, over reloads too; see [`guests::continues`]. Takes any config.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct Version1;

impl Continues for Version1 {
    const VERSION: u8 = 1;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

type Guest = Continuing<Version1>;

ringtap_plugin::export!(Guest: Aggregate + State);
