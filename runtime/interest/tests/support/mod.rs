//! Filters and packets that have something to do with each other: both draw on the same few values.

#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]

mod filters;
mod packets;

pub(crate) use filters::{Dialect, filters, vlans};
pub(crate) use packets::{Fragment, Packet, Place, packets};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

/// The same `count` values at every run.
pub(crate) fn samples<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

pub(crate) const V4: [&str; 6] =
    ["10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.1.77", "192.168.1.78", "224.0.0.5"];
pub(crate) const V6: [&str; 4] = ["2001:db8::1", "2001:db8::2", "2001:db8:1::1", "fe80::1"];
pub(crate) const PORTS: [u16; 6] = [53, 80, 81, 443, 8080, 65535];
pub(crate) const PROTOCOLS: [u8; 9] = [6, 17, 132, 1, 58, 2, 50, 103, 112];
pub(crate) const VLANS: [u16; 3] = [0, 5, 7];
