//! Has both the roles `aggregate` and `filter`. The SDK refuses that, so this one is written against the
//! bindings.

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package ringtap:guest;
        world guest {
            export ringtap:plugin/lifecycle@0.1.0;
            export ringtap:plugin/aggregate@0.1.0;
            export ringtap:plugin/filter@0.1.0;
        }",
    world: "ringtap:guest/guest",
    generate_all,
});

use exports::ringtap::plugin::{aggregate, filter, lifecycle};
use lifecycle::Description;

struct TwoRoles;

impl lifecycle::Guest for TwoRoles {
    fn describe() -> Description {
        let (name, version) = ("two-roles".to_owned(), "1".to_owned());
        Description { name, version, tick_ms: 0, interests: Vec::new(), state: None }
    }

    fn init(_config: String) -> Result<(), String> {
        Ok(())
    }

    fn tick(_now_ns: u64) {}

    fn stop(_now_ns: u64) {}
}

impl aggregate::Guest for TwoRoles {
    fn on_packets(_batch: aggregate::Batch, _records: Vec<u8>, _payload: Vec<u8>) {}
}

impl filter::Guest for TwoRoles {
    fn keep(b: filter::Batch, _records: Vec<u8>, _payload: Vec<u8>) -> Vec<u8> {
        vec![0; b.count.div_ceil(8) as usize]
    }
}

export!(TwoRoles);
