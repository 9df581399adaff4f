use ringtap_plugin::{
    State, TcpFlags, mark,
    testing::{Harness, Record, Rng},
};

use crate::FlowLog;

const CALLS: u64 = 120;

fn packet_at(rng: &mut Rng, time_ns: u64) -> Record {
    let mut end = || format!("10.0.0.{}:{}", rng.below(6), 1 + rng.below(6));
    let (src, dst) = (end(), end());
    let packet = match rng.below(6) {
        0 => Record::frame(),
        1 => Record::udp("[fc00::1]:53", &format!("[fc00::2]:{}", 1 + rng.below(9))),
        2 => {
            let ping = Record::ip([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 1);
            ping.mark(mark::ICMP).set("icmp_type", rng.below(20))
        }
        3 => Record::udp(&src, &dst).vlan(rng.below(3) as u16).vlan(7),
        _ => Record::tcp(&src, &dst, TcpFlags(1 << rng.below(5))),
    };
    let packet = packet.set("hook", 1 + rng.below(4)).set("direction", rng.below(3));
    packet.set("tap", rng.below(2)).len(60 + rng.below(1400) as u32).at(time_ns)
}

/// What the operator sees after each call. Where `reloads`, between some of them a new instance takes
/// over.
fn seen(seed: u64, reloads: bool) -> Vec<(Vec<String>, Option<f64>, Option<f64>)> {
    const CONFIG: &str = "flows = 40\nidle_timeout = 2\nactive_timeout = 5";
    let mut host = Harness::<FlowLog>::new(CONFIG).unwrap();
    let (mut rng, mut when) = (Rng::new(seed), Rng::new(!seed));
    let mut now_ns = 0;
    let mut after_each = Vec::new();
    for call in 0..CALLS {
        let mut packet = || {
            now_ns += 1 + rng.below(30_000_000);
            packet_at(&mut rng, now_ns)
        };
        if call % 7 == 6 {
            host.tick(now_ns);
        } else {
            host.packets(&(0..20).map(|_| packet()).collect::<Vec<_>>());
        }
        if reloads && when.below(3) == 0 {
            host.reload(CONFIG).unwrap();
        }
        // The table tells the flows that end together in no order.
        let mut rows: Vec<_> = host.take_events().iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        let active = host.metric("flow_log_active_flows", &[]);
        after_each.push((rows, active, host.metric("flow_log_packets_total", &[])));
    }
    host.stop(now_ns);
    let rows = host.take_events().iter().map(|row| format!("{row:?}")).collect();
    after_each.push((rows, host.metric("flow_log_active_flows", &[]), None));
    after_each
}

#[test]
fn reloads_change_nothing_that_can_be_seen() {
    for seed in 1..=20 {
        let (with, without) = (seen(seed, true), seen(seed, false));
        assert!(without.iter().any(|(rows, ..)| !rows.is_empty()), "seed {seed}");
        for (call, (with, without)) in with.iter().zip(&without).enumerate() {
            assert_eq!(with, without, "seed {seed}, call {call}");
        }
    }
}

#[test]
fn rows_that_wait_are_handed_on_in_their_order() {
    let mut host = Harness::<FlowLog>::new("idle_timeout = 1").unwrap();
    for first in (0..5000_u32).step_by(1000) {
        let packet = |i| Record::udp(&format!("10.0.0.1:{}", i + 1), "10.0.0.2:80");
        host.packets(&(first..first + 1000).map(packet).collect::<Vec<_>>());
    }
    host.tick(2_000_000_000);
    let waiting: Vec<_> = host.plugin().table.waiting().map(|ended| ended.key).collect();
    host.reload("").unwrap();
    let handed_on: Vec<_> = host.plugin().table.waiting().map(|ended| ended.key).collect();
    assert_eq!((host.take_events().len(), waiting.len()), (2048, 2952));
    assert_eq!(handed_on, waiting);
    host.stop(3_000_000_000);
    assert_eq!(host.take_events().len(), 2952);
}

#[test]
fn a_smaller_table_evicts_and_no_packet_is_uncounted() {
    let mut host = Harness::<FlowLog>::new("").unwrap();
    let packet = |i| Record::udp(&format!("10.0.0.1:{}", i + 1), "10.0.0.2:80").at(i);
    host.packets(&(0..500).map(packet).collect::<Vec<_>>());
    host.reload("flows = 16").unwrap();
    let active = host.metric("flow_log_active_flows", &[]).unwrap();
    assert!((1.0..=16.0).contains(&active), "{active}");
    host.stop(600);
    assert_eq!(host.take_events().len(), 500);
    let evicted = host.metric("flow_log_flows_total", &[("end", "evicted")]);
    assert_eq!(evicted, Some(500.0 - active));
}

#[test]
fn garbage_is_refused_and_ends_nothing() {
    let mut host = Harness::<FlowLog>::new("").unwrap();
    let mut rng = Rng::new(7);
    host.packets(&(0..50).map(|time_ns| packet_at(&mut rng, time_ns)).collect::<Vec<_>>());
    let saved = host.save().unwrap();
    let restore = |saved: &[u8]| {
        let mut host = Harness::<FlowLog>::new("").unwrap();
        host.restore(FlowLog::SCHEMA, saved).map(|()| host.plugin().table.len())
    };
    assert!(restore(&saved).unwrap() > 10);
    for len in 0..saved.len() {
        assert!(restore(&saved[..len]).is_err(), "the first {len} bytes");
    }
    assert!(restore(&[&saved[..], b"\0"].concat()).is_err());
    // No flow waits, and as many are active as a number can tell.
    assert!(restore(&[[0; 8], [0xff; 8]].concat()).is_err());
    assert!(restore(&[[0xff; 8], [0; 8]].concat()).is_err());
    for _ in 0..5000 {
        let mut damaged = saved.clone();
        let at = rng.below(saved.len() as u64) as usize;
        damaged[at] ^= 1 << rng.below(8);
        // Some damage makes another flow. It must not make a panic.
        restore(&damaged).ok();
    }
}
