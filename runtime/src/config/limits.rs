use std::{ops::RangeInclusive, time::Duration};

use bytesize::ByteSize;

use super::Expected;

/// What one plugin may use, as far as it can be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of an instance's memories and tables, summed. Default 64 MiB.
    pub memory: u64,
    /// CPU time of a call with packets, and of a tick. Default 50 ms.
    pub call_deadline: Duration,
    /// CPU time of an instantiation, `describe`, `init` and `stop`, each. Default 1 s.
    pub init_deadline: Duration,
    /// Records that wait for the plugin before more are shed. Default 65,536.
    pub queue_records: usize,
    /// Metric series. Default 10,000.
    pub max_series: usize,
    /// Bytes that the plugin may store. Default 1 MiB.
    pub max_kv: u64,
}

/// What differs from the default for one plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitOverrides {
    pub memory: Option<u64>,
    pub call_deadline: Option<Duration>,
    pub init_deadline: Option<Duration>,
    pub queue_records: Option<usize>,
    pub max_series: Option<usize>,
    pub max_kv: Option<u64>,
}

impl LimitOverrides {
    /// `default`, where nothing else is said here.
    pub(crate) fn over(&self, default: &Limits) -> Limits {
        Limits {
            memory: self.memory.unwrap_or(default.memory),
            call_deadline: self.call_deadline.unwrap_or(default.call_deadline),
            init_deadline: self.init_deadline.unwrap_or(default.init_deadline),
            queue_records: self.queue_records.unwrap_or(default.queue_records),
            max_series: self.max_series.unwrap_or(default.max_series),
            max_kv: self.max_kv.unwrap_or(default.max_kv),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            call_deadline: Duration::from_millis(50),
            init_deadline: Duration::from_secs(1),
            queue_records: 65_536,
            max_series: 10_000,
            max_kv: 1 << 20,
        }
    }
}

/// A wasm32 memory has at most 4 GiB.
const MEMORY: RangeInclusive<u64> = 64 << 10..=4 << 30;

/// The shortest and longest deadline of a call.
pub(super) const DEADLINE: (Duration, Duration) =
    (Duration::from_millis(1), Duration::from_secs(60));

/// At least the largest batch.
pub(super) const QUEUE_RECORDS: RangeInclusive<usize> =
    ringtap_pipeline::batch::MAX_BATCH_RECORDS..=16 << 20;

pub(super) const SERIES: RangeInclusive<usize> = 0..=1_000_000;

/// All of it is held in memory.
const KV: RangeInclusive<u64> = 4 << 10..=64 << 20;

/// The bytes of a memory, such as `64MiB`.
pub(super) fn memory(text: &str) -> Result<u64, Expected> {
    size(text, MEMORY, "a size from \"64KiB\" to \"4GiB\"")
}

/// The bytes of what a plugin stores, such as `1MiB`.
pub(super) fn kv(text: &str) -> Result<u64, Expected> {
    size(text, KV, "a size from \"4KiB\" to \"64MiB\"")
}

fn size(text: &str, range: RangeInclusive<u64>, wanted: &str) -> Result<u64, Expected> {
    let bytes = text.parse().ok().map(|ByteSize(bytes)| bytes);
    bytes.filter(|bytes| range.contains(bytes)).ok_or_else(|| Expected(wanted.to_owned()))
}
