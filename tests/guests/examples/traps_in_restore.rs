//! `continues` in version 2, which panics when it is restored.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct TrapsInRestore;

impl Continues for TrapsInRestore {
    const VERSION: u8 = 2;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }

    fn on_restore(&mut self) -> Result<(), Refusal> {
        panic!("told to trap")
    }
}

type Guest = Continuing<TrapsInRestore>;

ringtap_plugin::export!(Guest: Aggregate + State);
