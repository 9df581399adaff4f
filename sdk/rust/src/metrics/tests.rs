use super::*;
use crate::{call, host::recorder::RECORDER, testing::Harness};

/// A host without a plugin: what happens here happens in its one long call.
struct Nothing;

impl crate::Plugin for Nothing {
    fn new(_config: &str) -> Result<Self, crate::Refusal> {
        Ok(Self)
    }
}

fn host() -> Harness<Nothing> {
    Harness::new("").unwrap()
}

fn calls() -> usize {
    RECORDER.with_borrow(|recorder| recorder.calls)
}

#[test]
fn values_cross_once_when_the_call_ends() {
    let host = host();
    let counter = Counter::new("c_total", "", &[]).unwrap();
    let gauge = Gauge::new("g", "", &[]).unwrap();
    let histogram = Histogram::new("h", "", &[1.0], &[]).unwrap();
    for _ in 0..100 {
        counter.inc();
        counter.add(2);
        counter.add_f64(0.5);
        gauge.set(7.0);
        histogram.observe(0.25);
    }
    assert_eq!((host.metric("c_total", &[]), calls()), (Some(0.0), 0));
    call::end();
    assert_eq!((host.metric("c_total", &[]), calls()), (Some(350.0), 1));
    assert_eq!((host.metric("g", &[]), host.metric("h", &[])), (Some(7.0), Some(25.0)));
    call::end();
    assert_eq!(calls(), 1);
    counter.inc();
    call::end();
    assert_eq!((host.metric("c_total", &[]), host.metric("g", &[])), (Some(351.0), Some(7.0)));
}

#[test]
fn what_is_added_to_a_dropped_handle_still_counts() {
    let host = host();
    Counter::new("c_total", "", &[]).unwrap().add(5);
    call::end();
    assert_eq!(host.metric("c_total", &[]), Some(5.0));
}

#[test]
fn a_forgotten_series_is_gone_with_what_it_was_about_to_get() {
    let host = host();
    let counter = Counter::new("c_total", "", &[]).unwrap();
    let (one, two) =
        (Histogram::new("h", "", &[], &[("l", "1")]), Histogram::new("h", "", &[], &[]));
    counter.inc();
    one.as_ref().unwrap().observe(1.0);
    two.as_ref().unwrap().observe(2.0);
    counter.forget();
    one.unwrap().forget();
    call::end();
    assert_eq!((host.metric("c_total", &[]), host.metric("h", &[("l", "1")])), (None, None));
    assert_eq!(host.metric("h", &[]), Some(2.0));
    assert_eq!(
        Counter::new("c_total", "", &[]).map(|_| host.metric("c_total", &[])),
        Ok(Some(0.0))
    );
}

#[test]
fn a_family_defines_each_series_once() {
    let host = host();
    host.limit_series(2);
    let mut family = Counter::family("c_total", "", ["a", "b"]);
    family.with(["x", "yz"]).unwrap().inc();
    family.with(["xy", "z"]).unwrap().add(2);
    family.with(["x", "yz"]).unwrap().inc();
    call::end();
    assert_eq!(host.metric("c_total", &[("b", "yz"), ("a", "x")]), Some(2.0));
    assert_eq!(host.metric("c_total", &[("a", "xy"), ("b", "z")]), Some(2.0));
    family.forget(["x", "yz"]);
    family.forget(["never", "used"]);
    call::end();
    assert_eq!((family.len(), host.metrics("c_total").len()), (1, 1));
}

#[test]
fn a_family_remembers_none_of_the_values_that_overflow() {
    let host = host();
    host.limit_series(4);
    let mut family = Counter::family("c_total", "", ["a"]);
    let mut gauges = Gauge::family("g", "", ["a"]);
    for value in ["x", "y", "p", "q", "p"] {
        family.with([value]).unwrap().inc();
        gauges.with([value]).unwrap().set(1.0);
        call::end();
    }
    assert_eq!(host.metric("c_total", &[("a", "(overflow)")]), Some(3.0));
    assert_eq!(host.metric("g", &[("a", "(overflow)")]), Some(0.0));
    // Nobody may forget what is everybody's.
    family.forget(["p"]);
    Counter::new("c_total", "", &[("a", "r")]).unwrap().forget();
    family.forget(["x"]);
    call::end();
    assert_eq!((family.len(), host.metrics("c_total").len()), (1, 2));
    // There is room now.
    family.with(["p"]).unwrap().add(5);
    call::end();
    assert_eq!((family.len(), host.metric("c_total", &[("a", "p")])), (2, Some(5.0)));
}

#[test]
#[should_panic(expected = "a counter can't grow by -1")]
fn a_counter_does_not_fall() {
    host();
    Counter::new("c_total", "", &[]).unwrap().add_f64(-1.0);
}
