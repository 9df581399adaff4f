//! `continues` in version 2, which refuses to be restored, with its config as the reason.

use guests::{Continues, Continuing};
use ringtap_plugin::Refusal;

struct RefusesRestore(String);

impl Continues for RefusesRestore {
    const VERSION: u8 = 2;

    fn new(config: &str) -> Result<Self, Refusal> {
        Ok(Self(config.to_owned()))
    }

    fn on_restore(&mut self) -> Result<(), Refusal> {
        Err(format!("told to refuse: {}", self.0).into())
    }
}

type Guest = Continuing<RefusesRestore>;

ringtap_plugin::export!(Guest: Aggregate + State);
