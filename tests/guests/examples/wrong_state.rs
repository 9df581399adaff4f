//! Exports a role that it does not implement: its `state` has no `restore`.

use ringtap_plugin::{Aggregate, Batch, Plugin, Refusal};

wit_bindgen::generate!({
    inline: "
        package ringtap:plugin@0.1.9;
        interface state {
            save: func() -> result<list<u8>, string>;
        }
        world guest {
            export state;
        }",
    world: "ringtap:plugin/guest@0.1.9",
});

struct WrongState;

impl Plugin for WrongState {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Aggregate for WrongState {
    fn on_packets(&mut self, _batch: &Batch<'_>) {}
}

impl exports::ringtap::plugin::state::Guest for WrongState {
    fn save() -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

export!(WrongState);
ringtap_plugin::export!(WrongState: Aggregate);
