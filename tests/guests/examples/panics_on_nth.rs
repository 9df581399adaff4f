//! `continues` in version 2, which panics over its `nth` (3) batch, after it counted that.

use guests::{Continues, Continuing, Nth};
use ringtap_plugin::Refusal;

struct PanicsOnNth(Nth);

impl Continues for PanicsOnNth {
    const VERSION: u8 = 2;

    fn new(config: &str) -> Result<Self, Refusal> {
        Nth::parse(config).map(Self)
    }

    fn on_batch(&mut self) {
        assert!(!self.0.is_reached(), "told to trap");
    }
}

type Guest = Continuing<PanicsOnNth>;

ringtap_plugin::export!(Guest: Aggregate + State);
