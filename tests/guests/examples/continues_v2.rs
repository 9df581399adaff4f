//! `continues`, as its author changed it: the version is 2, the form of the state the same.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct Version2;

impl Continues for Version2 {
    const VERSION: u8 = 2;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

type Guest = Continuing<Version2>;

ringtap_plugin::export!(Guest: Aggregate + State);
