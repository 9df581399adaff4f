//! A filter whose answer is not what the host asked for: one byte too `short`, one too `long`, `empty`,
//! or as long as it must be with a bit beyond the last record, `stray`. Config: `answer` (`short`). A
//! batch whose length is a multiple of 8 has no place for a stray bit; all of it is kept then.
//!
//! The SDK makes no such answer, so this one is written against the bindings.

use std::sync::Mutex;

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package ringtap:guest;
        world guest {
            export ringtap:plugin/lifecycle@0.1.0;
            export ringtap:plugin/filter@0.1.0;
        }",
    world: "ringtap:guest/guest",
    generate_all,
});

use exports::ringtap::plugin::{filter, lifecycle};
use filter::Batch;
use lifecycle::Description;
use ringtap_plugin::Config;

static ANSWER: Mutex<String> = Mutex::new(String::new());

struct WrongBitmap;

impl lifecycle::Guest for WrongBitmap {
    fn describe() -> Description {
        let (name, version) = ("wrong-bitmap".to_owned(), "1".to_owned());
        Description { name, version, tick_ms: 0, interests: Vec::new(), state: None }
    }

    fn init(config: String) -> Result<(), String> {
        let mut config = Config::parse(&config).map_err(|error| error.to_string())?;
        let answer = config.text("answer", "short").map_err(|error| error.to_string())?;
        config.finish().map_err(|error| error.to_string())?;
        if !["short", "long", "empty", "stray"].contains(&answer.as_str()) {
            return Err(format!("no answer is called {answer}"));
        }
        *ANSWER.lock().expect("no call panics") = answer;
        Ok(())
    }

    fn tick(_now_ns: u64) {}

    fn stop(_now_ns: u64) {}
}

impl filter::Guest for WrongBitmap {
    fn keep(b: Batch, _records: Vec<u8>, _payload: Vec<u8>) -> Vec<u8> {
        let right = b.count.div_ceil(8) as usize;
        match ANSWER.lock().expect("no call panics").as_str() {
            "short" => vec![0; right - 1],
            "long" => vec![0; right + 1],
            "stray" => vec![0xff; right],
            _ => Vec::new(),
        }
    }
}

export!(WrongBitmap);
