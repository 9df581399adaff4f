use ringtap_plugin::{Counter, Error, Gauge, Metric, warn};

use crate::{
    config::Settings,
    table::{Counters, Entry, Pair, Table, Traffic},
};

/// The table as metrics.
pub(crate) struct Report {
    settings: Settings,
    seen: Counters,
    not_ip: Counters,
    table_full: Counters,
    pairs: Gauge,
    last_shown_ns: Option<u64>,
    warned: bool,
}

impl Report {
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        Ok(Self {
            settings,
            seen: Counters {
                packets: Counter::new("top_talkers_seen_packets_total", "Packets seen.", &[])?,
                bytes: Counter::new("top_talkers_seen_bytes_total", "Bytes seen.", &[])?,
            },
            not_ip: untracked("not_ip")?,
            table_full: untracked("table_full")?,
            pairs: Gauge::new("top_talkers_pairs", "Pairs in the table.", &[])?,
            last_shown_ns: None,
            warned: false,
        })
    }

    /// What a batch brought.
    pub(crate) fn count(&self, seen: Traffic, not_ip: Traffic, dropped: Traffic) {
        self.seen.add(seen);
        self.not_ip.add(not_ip);
        self.table_full.add(dropped);
    }

    pub(crate) fn last_shown_ns(&self) -> Option<u64> {
        self.last_shown_ns
    }

    /// Go on with the table of the instance before, whose config may have allowed for more.
    pub(crate) fn resume(&mut self, table: &mut Table, last_shown_ns: Option<u64>) {
        self.last_shown_ns = last_shown_ns;
        if table.shown() > self.settings.top {
            for (_, entry) in table.split(self.settings.top).1 {
                entry.hide();
            }
        }
        self.table_full.add(table.shrink());
        self.pairs.set(table.len() as f64);
    }

    /// Show the heaviest pairs and no others.
    pub(crate) fn show(&mut self, table: &mut Table, now_ns: u64) {
        table.decay(self.decay(now_ns));
        self.pairs.set(table.len() as f64);
        let (shown, others) = table.split(self.settings.top);
        for (_, entry) in others {
            entry.hide();
        }
        for (pair, entry) in shown {
            match entry.show(pair) {
                Ok(true) => {}
                Ok(false) => self.warn("the limit of series is reached"),
                Err(error) => self.warn(&error.to_string()),
            }
        }
    }

    fn warn(&mut self, why: &str) {
        if !std::mem::replace(&mut self.warned, true) {
            warn!("some pairs are not shown; lower `top` or raise `max_series`: {why}");
        }
    }

    fn decay(&mut self, now_ns: u64) -> f64 {
        let last_ns = self.last_shown_ns.replace(now_ns).unwrap_or(now_ns);
        let elapsed_s = now_ns.saturating_sub(last_ns) as f64 / 1e9;
        0.5_f64.powf(elapsed_s / self.settings.half_life.as_secs_f64())
    }
}

fn untracked(reason: &str) -> Result<Counters, Error> {
    let counter = |name, help| Counter::new(name, help, &[("reason", reason)]);
    Ok(Counters {
        packets: counter(
            "top_talkers_untracked_packets_total",
            "Packets of no pair in the table.",
        )?,
        bytes: counter("top_talkers_untracked_bytes_total", "Bytes of no pair in the table.")?,
    })
}

impl Entry {
    /// Whether there was room for it.
    fn show(&mut self, pair: &Pair) -> Result<bool, Error> {
        if self.counters.is_none() {
            self.counters = Counters::of(pair)?;
        }
        let Some(counters) = &self.counters else { return Ok(false) };
        counters.add(self.total - self.reported);
        self.reported = self.total;
        Ok(true)
    }

    fn hide(&mut self) {
        if let Some(Counters { packets, bytes }) = self.counters.take() {
            packets.forget();
            bytes.forget();
            self.reported = Traffic::default();
        }
    }
}

impl Counters {
    /// `None` where there is no room for both: in a series of all such pairs, what comes and goes
    /// would be counted again whenever it comes.
    pub(crate) fn of(Pair { src, dst }: &Pair) -> Result<Option<Self>, Error> {
        let (src, dst) = (src.to_string(), dst.to_string());
        let labels = [("src", src.as_str()), ("dst", dst.as_str())];
        let counter = |name, help| Counter::new(name, help, &labels);
        let packets = counter("top_talkers_packets_total", "Packets of the busiest pairs.")?;
        let bytes = counter("top_talkers_bytes_total", "Bytes of the busiest pairs.")?;
        if packets.is_overflow() || bytes.is_overflow() {
            packets.forget();
            bytes.forget();
            return Ok(None);
        }
        Ok(Some(Self { packets, bytes }))
    }

    fn add(&self, traffic: Traffic) {
        if traffic.packets > 0 {
            self.packets.add(traffic.packets);
            self.bytes.add(traffic.bytes);
        }
    }
}
