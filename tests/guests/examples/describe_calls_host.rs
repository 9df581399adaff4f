//! Asks for the time in `describe`, where every capability traps. The SDK doesn't let a plugin do
//! that, so this one is written against the bindings.

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package ringtap:guest;
        world guest {
            import ringtap:plugin/clock@0.1.0;
            export ringtap:plugin/lifecycle@0.1.0;
        }",
    world: "ringtap:guest/guest",
    generate_all,
});

use exports::ringtap::plugin::lifecycle::{Description, Guest};
use ringtap::plugin::clock;

struct DescribeCallsHost;

impl Guest for DescribeCallsHost {
    fn describe() -> Description {
        let version = clock::now_ns().to_string();
        let (name, interests) = ("describe-calls-host".to_owned(), Vec::new());
        Description { name, version, tick_ms: 0, interests, state: None }
    }

    fn init(_config: String) -> Result<(), String> {
        Ok(())
    }

    fn tick(_now_ns: u64) {}

    fn stop(_now_ns: u64) {}
}

export!(DescribeCallsHost);
