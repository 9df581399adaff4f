use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where every packet and every record went in one instance, at one moment. Counts are since the
/// start, and exact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub version: String,
    pub pid: u32,
    /// Unix time of this status, in ms.
    pub at_ms: u64,
    pub uptime_ms: u64,
    /// Those that were detached too, since what they counted stays.
    pub taps: Vec<TapReport>,
    pub plugins: Vec<PluginReport>,
    /// What is wrong apart from single plugins, a sentence each.
    pub problems: Vec<String>,
}

/// What became of the packets that a tap saw: `seen = uninterested + sampled_out + lost_total +
/// published + in_flight`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TapReport {
    pub interface: String,
    pub ifindex: u32,
    pub hook: String,
    pub direction: String,
    /// How it is attached, for people.
    pub how: String,
    pub attached: bool,
    /// Unix time of when it was attached, in ms.
    pub since_ms: u64,
    pub seen: u64,
    pub uninterested: u64,
    pub sampled_out: u64,
    /// By reason.
    pub lost: BTreeMap<String, u64>,
    pub lost_total: u64,
    pub published: u64,
    /// Counted as seen and not yet as anything else.
    pub in_flight: u64,
    /// Whether every packet is accounted for at this moment.
    pub closes: bool,
}

/// How a plugin is, and what became of its records: `published = shed + failed + delivered +
/// in_flight`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PluginReport {
    pub name: String,
    pub state: String,
    /// Why it is failed or refused.
    pub reason: Option<String>,
    /// As it says; of the instance that runs or ran last.
    pub version: Option<String>,
    pub sha256: Option<String>,
    /// What came of the last change of its file.
    pub last_reload: Option<ReloadReport>,
    pub published: u64,
    pub shed: u64,
    pub failed: u64,
    pub delivered: u64,
    /// In the queue or in a call.
    pub in_flight: u64,
    /// Whether every record is accounted for at this moment.
    pub closes: bool,
    pub queue_records: u64,
    pub queue_capacity_records: u64,
    pub memory_bytes: u64,
    pub calls: Vec<CallReport>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReloadReport {
    /// As the label `outcome` of `ringtap_reloads_total`.
    pub outcome: String,
    pub reason: Option<String>,
}

/// The calls of one kind, over all instances of a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CallReport {
    pub call: String,
    pub count: u64,
    /// Wall time, summed.
    pub time_ns: u64,
}
