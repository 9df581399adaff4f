//! The guests of reloads without a reload: in a replay they count alike, and what they are up to shows
//! only where they are told to do it.

use std::process::Command;

use ringtap_tests::{Ended, Metrics, PluginDirectory, binary, capture, finish};

/// Packets of `demo.pcap`, as `capinfos` counts them too.
const DEMO_PACKETS: u64 = 330;

/// `demo.pcap` through a guest with that config.
fn replay(guest: &str, config: &str) -> (Ended, Metrics) {
    let plugins = PluginDirectory::new(&[guest]);
    plugins.put(&format!("{guest}.toml"), config.as_bytes());
    let file = plugins.path().join(format!("{guest}.wasm"));
    let mut ringtap = Command::new(binary());
    ringtap.arg("replay").arg(capture("demo.pcap")).arg("--plugin").arg(file);
    let ended = finish(ringtap.args(["--bundled", "none", "--print", "metrics"]));
    let metrics = Metrics::parse(&ended.stdout);
    metrics.assert_ledgers_close();
    (ended, metrics)
}

/// As `guests::continues::digest` has it, over all sequence numbers below `records`.
fn digest(records: u64) -> u64 {
    (0..records).fold(0_u64, |before, sequence| {
        (before ^ sequence).wrapping_add(1).wrapping_mul(0x100_0000_01b3) & ((1 << 48) - 1)
    })
}

#[test]
fn they_count_by_sequence_number() {
    for (guest, version) in [
        ("continues", 1),
        ("continues-v2", 2),
        ("continues-form2", 3),
        ("wrong-schema", 2),
        ("refuses-save", 1),
        ("refuses-restore", 2),
        ("traps-in-save", 1),
        ("traps-in-restore", 2),
    ] {
        let (ended, metrics) = replay(guest, "any config");
        ended.assert_clean();
        let sum = |name| metrics.sum(name, &[]);
        assert_eq!(metrics.records(guest), [DEMO_PACKETS, 0, 0, DEMO_PACKETS], "{guest}");
        assert_eq!(sum("guest_version"), version, "{guest}");
        assert_eq!(sum("guest_records_total"), DEMO_PACKETS, "{guest}");
        assert_eq!(sum("guest_state_records"), DEMO_PACKETS, "{guest}");
        assert_eq!(sum("guest_state_digest"), digest(DEMO_PACKETS), "{guest}");
        for none in [
            "guest_shed_total",
            "guest_skipped_total",
            "guest_repeated_total",
            "guest_state_first",
            "guest_state_restores",
        ] {
            assert_eq!(sum(none), 0, "{guest}: {none}");
        }
    }
}

#[test]
fn those_that_fail_over_a_batch_show_nothing_of_it() {
    for (guest, config, why, some_before) in [
        ("traps-on-first-batch", "any config", "trapped", false),
        ("panics-on-nth", "nth = 1", "trapped", false),
        ("panics-on-nth", "nth = 3", "trapped", true),
        ("overruns-on-nth", "nth = 1", "used up its 50ms of CPU time", false),
        ("overruns-on-nth", "nth = 3", "used up its 50ms of CPU time", true),
    ] {
        let (ended, metrics) = replay(guest, config);
        assert!(ended.says(&[guest, why]), "{guest}: {:#?}", ended.log);
        let [records, _, failed, delivered] = metrics.records(guest);
        assert_eq!((records, delivered > 0), (DEMO_PACKETS, some_before), "{guest}");
        assert!(failed > 0, "{guest}");
        assert_eq!(metrics.sum("guest_records_total", &[]), delivered, "{guest}");
        assert_eq!(metrics.sum("guest_state_digest", &[]), digest(delivered), "{guest}");
    }
    for guest in ["panics-on-nth", "overruns-on-nth"] {
        let (ended, metrics) = replay(guest, "nth = 1000");
        ended.assert_clean();
        assert_eq!(metrics.sum("guest_records_total", &[]), DEMO_PACKETS, "{guest}");
    }
}

#[test]
fn one_that_burns_cpu_over_each_record_is_within_the_deadline() {
    let (ended, metrics) = replay("spins", "rounds = 1000");
    ended.assert_clean();
    assert_eq!(metrics.sum("guest_records_total", &[]), DEMO_PACKETS);
}

#[test]
fn labels_beyond_the_bounds_are_refused_and_cost_no_call() {
    // 16 labels and 256 bytes in each are allowed.
    for (config, is_taken) in [
        ("series = 5", true),
        ("series = 5\nlabels = 17", false),
        ("series = 5\nbytes = 257", false),
    ] {
        let (ended, metrics) = replay("floods-labels", config);
        ended.assert_clean();
        let (taken, refused) =
            (metrics.sum("guest_flood_total", &[]), metrics.sum("guest_refused_total", &[]));
        assert_eq!((taken > 0, refused > 0), (is_taken, !is_taken), "{config}");
        // Five with each batch.
        assert_eq!((taken + refused) % 5, 0, "{config}");
    }
}

#[test]
fn control_characters_reach_no_terminal() {
    let is_plain = |line: &String| !line.chars().any(char::is_control);
    let (ended, _) = replay("emits-control-characters", "");
    ended.assert_clean();
    assert!(ended.says(&["emits-control-characters", "before ", "after"]), "{:#?}", ended.log);
    assert!(ended.log.iter().all(is_plain), "{:#?}", ended.log);
    let (ended, _) = replay("emits-control-characters", "refuses = true");
    assert_eq!(ended.code, Some(4), "{:#?}", ended.log);
    assert!(ended.says(&["refused to start: before ", "after"]), "{:#?}", ended.log);
    assert!(ended.log.iter().all(is_plain), "{:#?}", ended.log);
}
