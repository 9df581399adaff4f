use ringtap_plugin::{Config, Error, Refusal};

/// A call of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Init,
    Packets,
    Tick,
    Stop,
}

/// Which call does what the guest is for. Config: `call`, one of `init`, `packets` (the default),
/// `tick` and `stop`, and `nth` (1), counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Trigger {
    call: Call,
    left: u64,
}

impl Trigger {
    pub fn parse(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let left = config.integer("nth", 1, 1..=u64::MAX)?;
        let call = match config.text("call", "packets")?.as_str() {
            "init" => Call::Init,
            "packets" => Call::Packets,
            "tick" => Call::Tick,
            "stop" => Call::Stop,
            other => {
                let (key, value) = ("call".to_owned(), other.to_owned());
                let expected = "init, packets, tick or stop".to_owned();
                return Err(Error::Key { key, value, expected }.into());
            }
        };
        config.finish()?;
        Ok(Self { call, left })
    }

    /// Whether this is the call. True from the `nth` on.
    pub fn pulled_by(&mut self, call: Call) -> bool {
        if call == self.call {
            self.left = self.left.saturating_sub(1);
        }
        call == self.call && self.left == 0
    }
}
