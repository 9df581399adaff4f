use std::{ops::RangeInclusive, time::Duration};

use bytesize::ByteSize;
use clap::ValueEnum;
use ringtap_plugin::Share;

use super::{Expected, duration, values::expected};

/// What one plugin may use, as far as it can be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of an instance's memories and tables, summed. Default 128 MiB.
    pub memory: u64,
    /// CPU time of a call with packets, and of a tick. Default 50 ms.
    pub call_deadline: Duration,
    /// CPU time of an instantiation, `describe`, `init` and `stop`, each. Default 1 s.
    pub init_deadline: Duration,
    /// Records that wait for the plugin before more are shed. Default 65,536.
    pub queue_records: usize,
    /// What becomes of records when that many wait. Default: the newest are dropped. A capture waits.
    pub when_full: WhenFull,
    /// Part of one core over time. Default all of it.
    pub cpu: Cpu,
    /// Metric series. Default 10,000.
    pub max_series: usize,
    /// How long a series is kept that nobody updates. Default for ever.
    pub series_expiry: SeriesExpiry,
    /// Log lines a second, and at once. Default 20 and 100.
    pub log_rate: u32,
    pub log_burst: u32,
    /// Events a second on live traffic, and at once. Default 10,000 and 65,536.
    pub event_rate: u32,
    pub event_burst: u32,
    /// Elements of an instance's tables, summed. Default 100,000.
    pub max_table_elements: usize,
    /// Core instances, memories and tables of a component, each. Default 64.
    pub max_instances: usize,
    /// Handles of resources. Default 1000.
    pub max_handles: usize,
    /// Bytes that one call of a capability hands over. Default 16 MiB.
    pub host_call_bytes: u64,
    /// Bytes that the plugin may store. Default 1 MiB.
    pub max_kv: u64,
}

/// What becomes of live records when a plugin's queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhenFull {
    #[default]
    DropNewest,
    DropOldest,
    /// Smaller and smaller samples get in, from when it is half full.
    Sample,
}

impl WhenFull {
    /// As it is written.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DropNewest => "drop-newest",
            Self::DropOldest => "drop-oldest",
            Self::Sample => "sample",
        }
    }
}
/// A share of one core; `None` for all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cpu(pub Option<Share>);

/// How long a series is kept that nobody updates; `None` for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeriesExpiry(pub Option<Duration>);

/// What differs from the default for one plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitOverrides {
    pub memory: Option<u64>,
    pub call_deadline: Option<Duration>,
    pub init_deadline: Option<Duration>,
    pub queue_records: Option<usize>,
    pub when_full: Option<WhenFull>,
    pub cpu: Option<Cpu>,
    pub max_series: Option<usize>,
    pub series_expiry: Option<SeriesExpiry>,
    pub log_rate: Option<u32>,
    pub log_burst: Option<u32>,
    pub event_rate: Option<u32>,
    pub event_burst: Option<u32>,
    pub max_table_elements: Option<usize>,
    pub max_instances: Option<usize>,
    pub max_handles: Option<usize>,
    pub host_call_bytes: Option<u64>,
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
            when_full: self.when_full.unwrap_or(default.when_full),
            cpu: self.cpu.unwrap_or(default.cpu),
            max_series: self.max_series.unwrap_or(default.max_series),
            series_expiry: self.series_expiry.unwrap_or(default.series_expiry),
            log_rate: self.log_rate.unwrap_or(default.log_rate),
            log_burst: self.log_burst.unwrap_or(default.log_burst),
            event_rate: self.event_rate.unwrap_or(default.event_rate),
            event_burst: self.event_burst.unwrap_or(default.event_burst),
            max_table_elements: self.max_table_elements.unwrap_or(default.max_table_elements),
            max_instances: self.max_instances.unwrap_or(default.max_instances),
            max_handles: self.max_handles.unwrap_or(default.max_handles),
            host_call_bytes: self.host_call_bytes.unwrap_or(default.host_call_bytes),
            max_kv: self.max_kv.unwrap_or(default.max_kv),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 128 << 20,
            call_deadline: Duration::from_millis(50),
            init_deadline: Duration::from_secs(1),
            queue_records: 65_536,
            when_full: WhenFull::default(),
            cpu: Cpu::default(),
            max_series: 10_000,
            series_expiry: SeriesExpiry::default(),
            log_rate: 20,
            log_burst: 100,
            event_rate: 10_000,
            event_burst: 65_536,
            max_table_elements: 100_000,
            max_instances: 64,
            max_handles: 1000,
            host_call_bytes: 16 << 20,
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

/// Log lines and events, a second and at once.
pub(super) const RATE: RangeInclusive<usize> = 1..=1_000_000_000;

pub(super) const TABLE_ELEMENTS: RangeInclusive<usize> = 0..=10_000_000;

/// Of these wasmtime makes some for each instance, whatever it is used for.
pub(super) const INSTANCES: RangeInclusive<usize> = 1..=10_000;

pub(super) const HANDLES: RangeInclusive<usize> = 0..=1_000_000;

/// A batch of log lines, values or rows has to fit; the largest row does.
const HOST_CALL: RangeInclusive<u64> = 64 << 10..=1 << 30;

/// At least the longest deadline of a call: no series expires in the middle of one.
const EXPIRY: (Duration, Duration) = (DEADLINE.1, Duration::from_secs(30 * 24 * 60 * 60));

/// A share of a core, such as `20%`.
pub(super) fn cpu(text: &str) -> Result<Cpu, Expected> {
    let digits = text.strip_suffix('%').filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(100) => Ok(Cpu(None)),
        Some(percent) if Share::new(percent).is_some() => Ok(Cpu(Share::new(percent))),
        _ => expected("a share of one core, from \"1%\" to \"100%\""),
    }
}

/// A duration, or `never`.
pub(super) fn series_expiry(text: &str) -> Result<SeriesExpiry, Expected> {
    if text == "never" {
        return Ok(SeriesExpiry(None));
    }
    let (shortest, longest) = EXPIRY;
    let expiry = duration(shortest, longest)(text);
    expiry
        .map(|time| SeriesExpiry(Some(time)))
        .map_err(|Expected(wanted)| Expected(format!("\"never\" or {wanted}")))
}

/// The bytes of what is handed over in a call, such as `16MiB`.
pub(super) fn host_call(text: &str) -> Result<u64, Expected> {
    match text.parse().map(|ByteSize(bytes)| bytes) {
        Ok(bytes) if HOST_CALL.contains(&bytes) => Ok(bytes),
        _ => expected("a size from \"64KiB\" to \"1GiB\""),
    }
}
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
