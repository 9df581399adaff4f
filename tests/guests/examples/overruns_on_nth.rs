//! `continues` in version 2, which never returns from its `nth` (3) batch, after it counted that.

use guests::{Continues, Continuing};
use ringtap_plugin::{Config, Refusal};

struct OverrunsOnNth {
    left: u64,
}

impl Continues for OverrunsOnNth {
    const VERSION: u8 = 2;

    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let left = config.integer("nth", 3, 1..=u64::MAX)?;
        config.finish()?;
        Ok(Self { left })
    }

    fn on_batch(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            loop {
                std::hint::spin_loop();
            }
        }
    }
}

type Guest = Continuing<OverrunsOnNth>;

ringtap_plugin::export!(Guest: Aggregate + State);
