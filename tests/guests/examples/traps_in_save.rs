//! `continues`, which panics when it is saved.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct TrapsInSave;

impl Continues for TrapsInSave {
    const VERSION: u8 = 1;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }

    fn on_save(&mut self) -> Result<(), Refusal> {
        panic!("told to trap")
    }
}

type Guest = Continuing<TrapsInSave>;

ringtap_plugin::export!(Guest: Aggregate + State);
