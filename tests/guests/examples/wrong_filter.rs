//! Exports a role that it does not implement: its `filter` is of a later release of the package, in
//! which `keep` is given numbers instead of records.

use ringtap_plugin::{Plugin, Refusal};

wit_bindgen::generate!({
    inline: "
        package ringtap:plugin@0.1.9;
        interface filter {
            keep: func(numbers: list<u64>) -> list<u8>;
        }
        world guest {
            export filter;
        }",
    world: "ringtap:plugin/guest@0.1.9",
});

struct WrongFilter;

impl Plugin for WrongFilter {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl exports::ringtap::plugin::filter::Guest for WrongFilter {
    fn keep(_numbers: Vec<u64>) -> Vec<u8> {
        Vec::new()
    }
}

export!(WrongFilter);
ringtap_plugin::export!(WrongFilter);
