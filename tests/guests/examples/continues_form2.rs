//! `continues`, as its author changed it: version 3 writes another form of the state and reads both.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct Form2;

impl Continues for Form2 {
    const VERSION: u8 = 3;
    const SCHEMA: u32 = 2;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

type Guest = Continuing<Form2>;

ringtap_plugin::export!(Guest: Aggregate + State);
