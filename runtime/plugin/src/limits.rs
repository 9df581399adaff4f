use std::time::Duration;

use ringtap_pipeline::queue::WhenFull;
use wasmtime::ResourceLimiter;

use crate::{bucket::Rate, budget::Share};

/// What one plugin may use. The defaults are the fields' documented values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a component file: 64 MiB.
    pub file_bytes: u64,
    /// Bytes of `NAME.toml`: 1 MiB.
    pub config_bytes: u64,
    /// Bytes of linear memories and tables of an instance, summed: 128 MiB. During a replacement
    /// two instances live, each with this limit.
    pub memory_bytes: usize,
    /// Elements of an instance's tables, summed: 100,000.
    pub table_elements: usize,
    /// Core instances, memories and tables that a component may be made of, each: 64.
    pub core_items: usize,
    /// Handles of resources that an instance holds at a time: 1,000. No capability gives any; a
    /// component's parts may among themselves.
    pub handles: usize,
    /// CPU time of an `on-packets` or `tick`: 50 ms.
    pub call_time: Duration,
    /// CPU time of an instantiation, a `describe`, an `init` and a `stop`, each: 1 s.
    pub lifecycle_time: Duration,
    /// Records that wait for the plugin, at most: 65,536.
    pub queue_records: usize,
    /// What becomes of live records when that many wait: the newest are dropped.
    pub when_full: WhenFull,
    /// Part of a core that its calls may take over time. None: a whole one.
    pub cpu: Option<Share>,
    /// Metric series: 10,000. What is beyond goes into one series for each metric.
    pub metric_series: usize,
    /// A series with labels is forgotten when nothing was recorded in it for so long. None: never.
    pub series_expiry: Option<Duration>,
    /// Values that one call may record in metrics: 100,000.
    pub updates_per_call: usize,
    /// Events that one call may emit: 65,536.
    pub events_per_call: usize,
    /// Bytes of the events that one call may emit: 16 MiB.
    pub event_bytes_per_call: usize,
    /// Bytes that one call of a capability may hand to the host: 16 MiB.
    pub host_call_bytes: usize,
    /// Bytes that the plugin may store: keys, values, and 64 for each entry: 1 MiB.
    pub kv_bytes: usize,
    /// Keys under which it may store them: 10,000.
    pub kv_keys: usize,
    /// Lines that the plugin may log: 20 a second, 100 at once.
    pub log_rate: Rate,
    /// Events that the plugin may emit on live traffic: 10,000 a second, 65,536 at once.
    pub event_rate: Rate,
}

const LOG_RATE: Rate = Rate::new(20, 100).expect("neither is 0");
const EVENT_RATE: Rate = Rate::new(10_000, 65_536).expect("neither is 0");

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            config_bytes: 1 << 20,
            memory_bytes: 128 << 20,
            table_elements: 100_000,
            core_items: 64,
            handles: 1000,
            call_time: Duration::from_millis(50),
            lifecycle_time: Duration::from_secs(1),
            queue_records: 65_536,
            when_full: WhenFull::DropNewest,
            cpu: None,
            metric_series: 10_000,
            series_expiry: None,
            updates_per_call: 100_000,
            events_per_call: 65_536,
            event_bytes_per_call: 16 << 20,
            host_call_bytes: 16 << 20,
            kv_bytes: 1 << 20,
            kv_keys: 10_000,
            log_rate: LOG_RATE,
            event_rate: EVENT_RATE,
        }
    }
}

/// Counts what a store's memories and tables take: wasmtime's own limiter knows each only alone.
#[derive(Debug)]
pub(crate) struct Limiter {
    max_bytes: usize,
    max_elements: usize,
    max_items: usize,
    bytes: usize,
    elements: usize,
    grows: u64,
    refused: bool,
}

/// What wasmtime holds for a table's element.
const ELEMENT_BYTES: usize = size_of::<usize>();

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            max_bytes: limits.memory_bytes,
            max_elements: limits.table_elements,
            max_items: limits.core_items,
            bytes: 0,
            elements: 0,
            grows: 0,
            refused: false,
        }
    }

    /// Bytes that memories and tables take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How often memories were given more, at the start included.
    pub(crate) fn grows(&self) -> u64 {
        self.grows
    }

    /// Whether the guest was ever refused more, which is the likely cause when it traps.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    fn take(&mut self, bytes: usize, elements: usize) -> bool {
        let bytes = self.bytes.saturating_add(bytes);
        let elements = self.elements.saturating_add(elements);
        let fits = bytes <= self.max_bytes && elements <= self.max_elements;
        if fits {
            (self.bytes, self.elements) = (bytes, elements);
        } else {
            self.refused = true;
        }
        fits
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Beyond its own maximum a memory will not grow, whatever is answered here.
        let fits_type = maximum.is_none_or(|maximum| desired <= maximum);
        let grows = fits_type && self.take(desired.saturating_sub(current), 0);
        self.grows += u64::from(grows && desired > current);
        Ok(grows)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits_type = maximum.is_none_or(|maximum| desired <= maximum);
        let elements = desired.saturating_sub(current);
        Ok(fits_type && self.take(elements.saturating_mul(ELEMENT_BYTES), elements))
    }

    fn instances(&self) -> usize {
        self.max_items
    }

    fn tables(&self) -> usize {
        self.max_items
    }

    fn memories(&self) -> usize {
        self.max_items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> Limiter {
        Limiter::new(&Limits { memory_bytes: 1000, table_elements: 50, ..Limits::default() })
    }

    #[test]
    fn memories_and_tables_are_summed() {
        let mut limiter = limiter();
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        assert!(limiter.memory_growing(0, 400, None).unwrap());
        assert!(limiter.table_growing(0, 20, None).unwrap());
        assert_eq!((limiter.bytes(), limiter.grows()), (960, 2));
        assert!(!limiter.refused());
        assert!(!limiter.memory_growing(400, 441, None).unwrap());
        assert!(limiter.refused());
        assert!(limiter.memory_growing(400, 440, None).unwrap());
        assert_eq!((limiter.bytes(), limiter.grows()), (1000, 3));
    }

    #[test]
    fn table_elements_have_a_limit_of_their_own() {
        let mut limiter = limiter();
        assert!(!limiter.table_growing(0, 51, None).unwrap());
        assert!(limiter.table_growing(0, 50, None).unwrap());
        assert!(!limiter.table_growing(50, 51, None).unwrap());
    }

    #[test]
    fn what_the_memory_itself_forbids_is_not_counted() {
        let mut limiter = limiter();
        assert!(!limiter.memory_growing(100, 300, Some(200)).unwrap());
        assert_eq!((limiter.bytes(), limiter.refused()), (0, false));
    }
}
