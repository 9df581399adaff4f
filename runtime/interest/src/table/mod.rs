//! Tables: from the value in each dimension to the rules that take it.
//!
//! A dimension's values fall into classes that no rule tells apart. Its trie, eight bits a level,
//! leads from a value to the set of rules of its class; the sets of all dimensions are ANDed. What
//! a packet costs depends on the dimensions in use and on the length of prefixes, never on the
//! number of rules.

mod classify;
#[cfg(feature = "std")]
mod compile;
mod judge;
#[cfg(feature = "std")]
mod partition;
mod plan;
mod rule_set;
#[cfg(feature = "std")]
mod trie;

pub use classify::{Lookup, classify};
#[cfg(feature = "std")]
pub use compile::{CompileError, Tables};
pub use judge::{Judged, judge};
pub use plan::{
    LEAF, MAX_CLASSES, MAX_NODES, MAX_PATHS, MAX_SETS, NODE_WORDS, PATH, PayloadClass, Plan, Plans,
    SampleClass, TrieNode, TriePath,
};
pub use rule_set::{MAX_RULES, RuleSet};
