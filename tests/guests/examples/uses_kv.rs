//! Keeps the number of records that it ever saw under the key `records` of its store, and
//! `guest_kv_records` tells it, from the start on. With each batch it also stores `keys` (0) new ones of
//! `value_bytes` (8) each; what the host refuses is `guest_refused_total`, what there is
//! `guest_kv_keys`. Panics over batch `fails_on` (0, none) after all that.

use ringtap_plugin::{Aggregate, Batch, Config, Counter, Gauge, Plugin, Refusal, kv};

const RECORDS: &str = "records";

struct UsesKv {
    keys: u64,
    value_bytes: usize,
    fails_on: u64,
    batches: u64,
    records: Gauge,
    known: Gauge,
    refused: Counter,
}

impl UsesKv {
    fn fill(&self) {
        for _ in 0..self.keys {
            let n = kv::keys("fill/").len();
            let key = format!("fill/{n:08}");
            if kv::set(&key, &vec![b'x'; self.value_bytes]).is_err() {
                self.refused.inc();
            }
        }
    }

    fn show(&self) {
        self.records.set(records() as f64);
        self.known.set(kv::keys("").len() as f64);
    }
}

impl Plugin for UsesKv {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let keys = config.integer("keys", 0, 0..=10_000)?;
        let value_bytes = config.integer("value_bytes", 8, 0..=1 << 20)? as usize;
        let fails_on = config.integer("fails_on", 0, 0..=u64::MAX)?;
        config.finish()?;
        let records = Gauge::new("guest_kv_records", "Records as stored.", &[])?;
        let known = Gauge::new("guest_kv_keys", "Keys in the store.", &[])?;
        let refused = Counter::new("guest_refused_total", "Values that were refused.", &[])?;
        let plugin = Self { keys, value_bytes, fails_on, batches: 0, records, known, refused };
        plugin.show();
        Ok(plugin)
    }
}

impl Aggregate for UsesKv {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        self.batches += 1;
        let total = records() + batch.len() as u64;
        if kv::set(RECORDS, &total.to_le_bytes()).is_err() {
            self.refused.inc();
        }
        self.fill();
        self.show();
        assert_ne!(self.batches, self.fails_on, "told to trap");
    }
}

fn records() -> u64 {
    let stored = kv::get(RECORDS).and_then(|bytes| bytes.try_into().ok());
    stored.map_or(0, u64::from_le_bytes)
}

ringtap_plugin::export!(UsesKv: Aggregate);
