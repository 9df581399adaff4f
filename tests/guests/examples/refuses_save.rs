//! `continues`, which refuses to be saved, with its config as the reason.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct RefusesSave(String);

impl Continues for RefusesSave {
    const VERSION: u8 = 1;

    fn new(config: &str) -> Result<Self, Refusal> {
        Ok(Self(config.to_owned()))
    }

    fn on_save(&mut self) -> Result<(), Refusal> {
        Err(format!("told to refuse: {}", self.0).into())
    }
}

type Guest = Continuing<RefusesSave>;

ringtap_plugin::export!(Guest: Aggregate + State);
