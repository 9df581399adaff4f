//! `continues` in version 2, which starts well and panics over the first batch. Takes any config.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct TrapsOnFirstBatch;

impl Continues for TrapsOnFirstBatch {
    const VERSION: u8 = 2;

    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }

    fn on_batch(&mut self) {
        panic!("told to trap");
    }
}

type Guest = Continuing<TrapsOnFirstBatch>;

ringtap_plugin::export!(Guest: Aggregate + State);
