//! What a plugin wants to see: filters in pcap-filter's language, compiled to tables whose cost
//! does not depend on how many rules there are.
//!
//! ```text
//! text ─► lang::Expr ─► rules: a set per dimension ─► tables: value ─► class ─► bits of rules
//!         spans         (disjunctive normal form)     one look-up per dimension that is in use
//! ```
//!
//! The right-hand side, [`Keys`] and [`classify`], is `no_std`, without allocation and generic over
//! where the tables are, so that the taps and the host share it. All the rest wants the feature
//! `std`.
#![forbid(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

mod dimension;
mod entry;
#[cfg(feature = "std")]
mod filter;
mod glance;
#[cfg(feature = "std")]
mod interest;
mod keys;
#[cfg(feature = "std")]
pub mod lang;
#[cfg(feature = "std")]
mod report;
#[cfg(feature = "std")]
mod rule;
mod table;

pub use dimension::Dimension;
pub use entry::Entry;
#[cfg(feature = "std")]
pub use filter::Filter;
#[cfg(feature = "std")]
pub use interest::{
    Interest, MAX_INTERESTS, MAX_ONE_IN, MAX_PAYLOAD, NarrowError, Narrowing, NotARate, SampleBy,
    Sampling,
};
pub use keys::{Keys, Kind};
#[cfg(feature = "std")]
pub use lang::{FilterError, Reason};
#[cfg(feature = "std")]
pub use report::{FilterReport, Judgement, Report, Verdict};
#[cfg(feature = "std")]
pub use rule::{Rule, Set};
#[cfg(feature = "std")]
pub use table::{CompileError, Tables};
pub use table::{
    Judged, LEAF, Lookup, MAX_CLASSES, MAX_NODES, MAX_PATHS, MAX_RULES, MAX_SETS, NODE_WORDS, PATH,
    PayloadClass, Plan, Plans, RuleSet, SampleClass, TrieNode, TriePath, classify, judge,
};
