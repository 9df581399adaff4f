//! `continues` in version 2, which never returns from its `nth` (3) batch, after it counted that.

use guests::{Continues, Continuing, Nth};
use ringtap_plugin::Refusal;

struct OverrunsOnNth(Nth);

impl Continues for OverrunsOnNth {
    const VERSION: u8 = 2;

    fn new(config: &str) -> Result<Self, Refusal> {
        Nth::parse(config).map(Self)
    }

    fn on_batch(&mut self) {
        while self.0.is_reached() {
            std::hint::spin_loop();
        }
    }
}

type Guest = Continuing<OverrunsOnNth>;

ringtap_plugin::export!(Guest: Aggregate + State);
