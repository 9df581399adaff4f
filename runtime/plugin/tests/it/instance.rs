use std::time::Duration;

use ringtap_plugin::{Call, CallError, Instance, InstanceConfig, Limits, StartError, TimeSource};

use crate::support::{Bench, queued};

fn start(bench: &Bench, config: &InstanceConfig) -> Instance {
    let mut instance = Instance::start(&bench.engine, bench.plugin(), config).unwrap();
    instance.take_over();
    instance
}

#[test]
fn records_arrive_whole_and_effects_are_exact() {
    let bench = Bench::new();
    let mut instance = start(&bench, &bench.config("a", ""));
    for (records, sequence) in [(3, 0), (1024, 3), (1, 1027)] {
        instance.on_packets(&queued(records, sequence)).unwrap();
    }
    instance.tick().unwrap();
    instance.stop().unwrap();
    assert_eq!(bench.metric("a", "packets_total"), Some(1028.0));
    assert_eq!(bench.metric("a", "record_bytes_total"), Some(1028.0 * 152.0));
    assert_eq!(bench.metric("a", "ticks_total"), Some(1.0));
    assert_eq!(bench.event_kinds(), ["batch", "batch", "batch", "stopped"]);
}

#[test]
fn a_trap_undoes_what_the_call_did() {
    let bench = Bench::new();
    let mut instance = start(&bench, &bench.config("a", "u"));
    instance.on_packets(&queued(5, 0)).unwrap();
    let error = instance.on_packets(&queued(13, 5)).unwrap_err();
    assert!(matches!(error, CallError::Trap { call: Call::OnPackets, .. }), "{error:?}");
    let said = "`on-packets` trapped: wasm `unreachable` instruction executed (in on-packets)";
    assert_eq!(error.to_string(), said);
    assert_eq!(bench.metric("a", "packets_total"), Some(5.0));
    assert_eq!(bench.event_kinds(), ["batch"]);
}

#[test]
fn a_call_that_never_returns_is_ended_by_its_cpu_time() {
    let bench = Bench::new();
    let mut instance = start(&bench, &bench.config("a", "l"));
    let error = instance.on_packets(&queued(1, 0)).unwrap_err();
    let limit = Duration::from_millis(50);
    assert!(matches!(error, CallError::Overrun { call: Call::OnPackets, limit: l } if l == limit));
    assert_eq!(bench.metric("a", "packets_total"), Some(0.0));
}

#[test]
fn memory_ends_at_the_limit_and_the_error_says_so() {
    let bench = Bench::new();
    let limits = Limits { memory_bytes: 4 << 20, ..Limits::default() };
    let config = InstanceConfig { limits, ..bench.config("a", "m") };
    let mut instance = start(&bench, &config);
    let error = instance.on_packets(&queued(1, 0)).unwrap_err();
    assert!(matches!(error, CallError::Trap { memory_refused: true, .. }), "{error:?}");
    let most = (4 << 20) - (1 << 20)..=4 << 20;
    assert!(most.contains(&instance.memory_bytes()), "{}", instance.memory_bytes());
}

#[test]
fn a_guest_that_hands_over_what_it_has_not_got_fails_alone() {
    let bench = Bench::new();
    let mut instance = start(&bench, &bench.config("a", "o"));
    let error = instance.on_packets(&queued(1, 0)).unwrap_err();
    let said = "`on-packets` failed: string pointer/length out of bounds of memory";
    assert!(error.to_string().starts_with(said), "{error}");
}

#[test]
fn what_one_host_call_hands_over_is_limited() {
    let bench = Bench::new();
    let limits = Limits { host_call_bytes: 20, ..Limits::default() };
    let config = InstanceConfig { limits, ..bench.config("a", "") };
    let error = Instance::start(&bench.engine, bench.plugin(), &config).unwrap_err();
    let said = "`init` failed: too much data is being copied between the host and the guest";
    assert!(error.to_string().starts_with(said), "{error}");
}

#[test]
fn an_init_that_refuses_or_traps_leaves_no_trace() {
    let bench = Bench::new();
    match Instance::start(&bench.engine, bench.plugin(), &bench.config("a", "r")) {
        Err(refused @ StartError::Refused(_)) => {
            assert_eq!(refused.to_string(), "refused to start: no, thanks");
        }
        other => panic!("{other:?}"),
    }
    let trapped = Instance::start(&bench.engine, bench.plugin(), &bench.config("a", "i"));
    let init =
        |e: &StartError| matches!(e, StartError::Call(CallError::Trap { call: Call::Init, .. }));
    assert!(trapped.as_ref().is_err_and(init), "{trapped:?}");
    drop(trapped);
    assert_eq!(bench.metric("a", "packets_total"), None);
}

#[test]
fn an_instance_that_was_never_used_leaves_no_trace_and_one_that_takes_over_drops_gauges() {
    let bench = Bench::new();
    let mut old = start(&bench, &bench.config("a", ""));
    old.on_packets(&queued(7, 0)).unwrap();
    old.tick().unwrap();
    assert!(bench.metric("a", "last_tick_seconds").is_some());
    drop(Instance::start(&bench.engine, bench.plugin(), &bench.config("a", "")).unwrap());
    assert!(bench.metric("a", "last_tick_seconds").is_some());

    let mut new = Instance::start(&bench.engine, bench.plugin(), &bench.config("a", "")).unwrap();
    old.stop().unwrap();
    new.take_over();
    new.on_packets(&queued(2, 7)).unwrap();
    assert_eq!(bench.metric("a", "packets_total"), Some(9.0));
    assert_eq!(bench.metric("a", "last_tick_seconds"), None);
}

#[test]
fn a_capture_has_its_own_time() {
    let bench = Bench::new();
    let config = InstanceConfig { time: TimeSource::Capture, ..bench.config("a", "") };
    let mut instance = start(&bench, &config);
    instance.advance(5_000_000_000);
    instance.advance(4_000_000_000);
    instance.tick().unwrap();
    instance.on_packets(&queued(1, 0)).unwrap();
    assert_eq!(bench.metric("a", "last_tick_seconds"), Some(5.0));
    assert_eq!(bench.events.try_recv().unwrap().time_ns, 5_000_000_000);
}
