//! Keeps its count of packets in its store alone, under two keys that have to be the same. Config:
//! `trap N` traps in the call that counts beyond N, after it has stored that; `fill` stores 4 KiB
//! more with every packet. Shows `guest_stored_packets` and `guest_refused_total`, and logs why it
//! was refused.
//!
//! The SDK would do no other than this, so it is written against the bindings.

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package ringtap:guest;
        world guest {
            import ringtap:plugin/kv@0.1.0;
            import ringtap:plugin/log@0.1.0;
            import ringtap:plugin/metrics@0.1.0;
            export ringtap:plugin/lifecycle@0.1.0;
            export ringtap:plugin/aggregate@0.1.0;
        }",
    world: "ringtap:guest/guest",
    generate_all,
});

use std::cell::Cell;

use exports::ringtap::plugin::{aggregate, lifecycle};
use ringtap::plugin::{kv, log, metrics};

struct Stores;

#[derive(Clone, Copy)]
enum Mode {
    Count,
    TrapBeyond(u64),
    Fill,
}

thread_local! {
    static MODE: Cell<Mode> = const { Cell::new(Mode::Count) };
}

impl lifecycle::Guest for Stores {
    fn describe() -> lifecycle::Description {
        let (name, version) = ("stores".to_owned(), "1".to_owned());
        lifecycle::Description { name, version, tick_ms: 0, interests: Vec::new(), state: None }
    }

    fn init(config: String) -> Result<(), String> {
        let mode = match config.trim().split_once(' ') {
            Some(("trap", number)) => Mode::TrapBeyond(number.parse().map_err(|_| config.clone())?),
            _ if config.trim() == "fill" => Mode::Fill,
            _ => Mode::Count,
        };
        MODE.set(mode);
        let (packets, copy) = (stored("packets"), stored("copy"));
        if packets != copy {
            return Err(format!("half of a call was kept: {packets} and {copy}"));
        }
        show(packets);
        Ok(())
    }

    fn tick(_now_ns: u64) {}

    fn stop(_now_ns: u64) {}
}

impl aggregate::Guest for Stores {
    fn on_packets(batch: aggregate::Batch, _records: Vec<u8>, _payload: Vec<u8>) {
        let before = stored("packets");
        let packets = before + u64::from(batch.count);
        for key in ["packets", "copy"] {
            kv::set(key, &packets.to_le_bytes()).expect("there is room for two numbers");
        }
        show(packets);
        match MODE.get() {
            Mode::Count => {}
            Mode::TrapBeyond(most) => assert!(packets <= most, "told to trap"),
            Mode::Fill => (before..packets).for_each(fill),
        }
    }
}

fn stored(key: &str) -> u64 {
    let value = kv::get(key).unwrap_or_default();
    value.try_into().map(u64::from_le_bytes).unwrap_or_default()
}

fn fill(number: u64) {
    if let Err(why) = kv::set(&format!("fill/{number}"), &[7; 4096]) {
        let refused = metrics::counter("guest_refused_total", "Refused.", &[]).expect("a counter");
        metrics::update(&[refused], &[1.0]).expect("a handle of the host's");
        log::write(log::Level::Warn, &why);
    }
}

fn show(packets: u64) {
    let gauge = metrics::gauge("guest_stored_packets", "What is stored.", &[]).expect("a gauge");
    metrics::update(&[gauge], &[packets as f64]).expect("a handle of the host's");
}

export!(Stores);
