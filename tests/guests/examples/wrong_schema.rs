//! `continues`, which reads only a form of the state that nobody wrote before; version 2.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct WrongSchema;

impl Continues for WrongSchema {
    const VERSION: u8 = 2;
    const SCHEMA: u32 = 9;
    const READS_FROM: u32 = 9;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

type Guest = Continuing<WrongSchema>;

ringtap_plugin::export!(Guest: Aggregate + State);
