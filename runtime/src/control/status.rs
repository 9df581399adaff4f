use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wanted::Wanted;

/// Where every packet and every record went in one instance, at one moment. Counts are since the
/// start, and exact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub version: String,
    pub pid: u32,
    /// Unix time of this status, in ms.
    pub at_ms: u64,
    pub uptime_ms: u64,
    pub interests: InterestTable,
    /// One for each interface, hook and direction; those that were detached too, since what they
    /// counted stays.
    pub taps: Vec<TapReport>,
    pub plugins: Vec<PluginReport>,
    /// What is wrong apart from single plugins, a sentence each.
    pub problems: Vec<String>,
}

/// The tables by which packets are judged, which all plugins share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InterestTable {
    /// Of the tables that judge; none before a plugin wanted something.
    pub generation: Option<u32>,
    /// Bits that rules take.
    pub bits: u64,
    /// Bits that there are.
    pub bits_capacity: u64,
    /// Records of no known tables. Not 0 means a bug.
    pub strays: u64,
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
    /// What stands before it; not told where it is not attached.
    pub sight: Option<SightReport>,
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

/// What runs before a tap and may take packets away from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SightReport {
    /// `clear`, `behind` or `blind`.
    pub state: String,
    /// In the order in which they run, in words.
    pub behind: Vec<String>,
    /// Packets that passed the interface of which a blind tap saw none.
    pub passed: Option<u64>,
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
    /// What `shed` is made of, by reason.
    pub shed_by: BTreeMap<String, u64>,
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
    pub interests: Vec<InterestReport>,
    /// How far the compilation of a version is that has not taken over yet.
    pub compiling: Option<String>,
    /// Starts after a failure.
    pub restarts: u64,
    /// When it is started again, from now.
    pub restarts_in_ms: Option<u64>,
    /// How long records waited when one version took over from another, the last time.
    pub handover_ns: Option<u64>,
    /// Log lines and events over its rates, which were dropped.
    pub log_suppressed: u64,
    pub events_suppressed: u64,
    /// How it is held to its CPU budget, if it has one.
    pub budget: Option<BudgetReport>,
    /// What other plugins feed it with, a line each.
    pub edges: Vec<EdgeReport>,
}

/// What is done to hold a plugin to its CPU budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BudgetReport {
    /// It is given one of so many records.
    pub one_in: u32,
    /// It is given nothing.
    pub suspended: bool,
    pub thinned: u64,
    pub relaxed: u64,
    pub suspensions: u64,
}

/// What became of what one plugin gave to another: `published = shed + failed + delivered +
/// in_flight`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EdgeReport {
    pub input: String,
    pub published: u64,
    pub shed: u64,
    pub failed: u64,
    pub delivered: u64,
    pub in_flight: u64,
    pub closes: bool,
}

/// What a plugin gets to see by one of its interests: what the operator left of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InterestReport {
    pub name: String,
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Bits of the table that its rules take, shared with equal ones of others.
    pub bits: u64,
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
