use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use ringtap_lab::{Lab, Side, traffic};
use ringtap_tests::{Flow, PluginDirectory, Wish, wanting};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde_json::Value;

use crate::bench::{Bench, Taps};

const PORTS: [u16; 3] = [7001, 7002, 7003];

/// Sends datagrams to each of the ports, numbered from 0, until it is told to stop. How many each
/// port got.
struct Sender {
    enough: Arc<AtomicBool>,
    thread: thread::JoinHandle<u64>,
}

impl Sender {
    fn start(lab: &Lab) -> Self {
        let enough = Arc::<AtomicBool>::default();
        let (lab, told) = (lab.clone(), Arc::clone(&enough));
        let send = move || {
            stay_on_one_cpu();
            let mut numbers = 0..;
            while !told.load(Relaxed) {
                let frames: Vec<_> = numbers.by_ref().take(20).flat_map(datagrams).collect();
                traffic::frames(&lab, Side::Near, &frames).unwrap();
                // This is no test of load, and all that is sent has to be looked at.
                thread::sleep(Duration::from_millis(2));
            }
            u64::from(numbers.start)
        };
        Self { enough, thread: thread::spawn(send) }
    }

    fn stop(self) -> u64 {
        self.enough.store(true, Relaxed);
        self.thread.join().unwrap()
    }
}

fn datagrams(number: u32) -> [Vec<u8>; 3] {
    PORTS.map(|port| Flow::new(Side::Near, 40000, port).udp(&number.to_be_bytes()))
}

/// Taps have a ring for each CPU, and it is within one that packets have an order.
fn stay_on_one_cpu() {
    let allowed = sched_getaffinity(None).unwrap();
    let mut first = CpuSet::new();
    first.set((0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu)).unwrap());
    sched_setaffinity(None, &first).unwrap();
}

/// The numbers that a version was given of a port.
fn numbers(events: &[Value], version: u64, port: u16) -> Vec<u64> {
    let of = |event: &&Value| event["version"] == version && event["port"] == port;
    events.iter().filter(of).map(|event| event["number"].as_u64().unwrap()).collect()
}

#[test]
fn what_both_versions_want_is_counted_once_and_the_rest_by_who_wants_it() {
    let plugins = PluginDirectory::new(&["counts"]);
    plugins.install("ports", "interest-ports");
    let config = "[plugins.ports]\npayload = 4\n[plugins.counts]\nfilter = \"not udp\"\n\
                  [limits]\ncall_deadline = \"10s\"\n";
    let Some(bench) = Bench::new(plugins, config) else { return };
    let sender = Sender::start(&bench.lab);
    let delivered_past = |count: u64| {
        let what = format!("more than {count} records");
        let metrics = bench.running.metrics_when(&what, |now| now.records("ports")[3] > count);
        metrics.records("ports")[3]
    };
    let first = delivered_past(100);
    let filters = |name: &str, filter: &str| (name.to_owned(), vec![filter.to_owned()]);
    let status_with = |filter| vec![filters("counts", "not udp"), filters("ports", filter)];
    assert_eq!(bench.wanted().1, status_with("udp dst port 7001 or 7003"));
    bench.plugins.install("ports", "interest-ports-v2");
    let replaced = [("plugin", "ports"), ("outcome", "replaced")];
    let metrics = bench.running.metrics_when("the new version", |metrics| {
        metrics.sum("ringtap_reloads_total", &replaced) == 1
    });
    assert!(metrics.records("ports")[3] >= first);
    assert_eq!(bench.wanted().1, status_with("udp dst port 7002 or 7003"));
    delivered_past(metrics.records("ports")[3] + 100);
    let sent = sender.stop();
    bench.note_sent(3 * sent);
    let metrics = bench.running.metrics_when("all is delivered", |metrics| {
        let [published, .., delivered] = metrics.records("ports");
        metrics.sum("ringtap_packets_seen_total", &[]) == 3 * sent
            && metrics.sum("ringtap_packets_published_total", &[]) >= published
            && delivered == published
    });
    let taps = Taps::of(&metrics);
    assert_eq!(taps.uninterested + taps.published, 3 * sent);
    let records = metrics.records("ports")[3];
    let (_, events) = bench.finish(&[("ports", records), ("counts", 0)]);
    assert_eq!(events.len() as u64, records);
    check(&events, sent);
}

/// Which of the two versions had which numbers of which port.
fn check(events: &[Value], sent: u64) {
    let all: Vec<_> = (0..sent).collect();
    let old_only = numbers(events, 1, PORTS[0]);
    let new_only = numbers(events, 2, PORTS[1]);
    let both = [numbers(events, 1, PORTS[2]), numbers(events, 2, PORTS[2])].concat();
    let told = old_only.len() + new_only.len() + both.len();
    assert_eq!(events.len(), told, "the old one had of 7002, or the new one of 7001");
    // In the order in which they were sent, none of them twice and none left out.
    assert_eq!(both, all);
    assert_eq!(old_only, all[..old_only.len()]);
    assert_eq!(new_only, all[all.len() - new_only.len()..]);
    assert!(!old_only.is_empty() && !new_only.is_empty());
    // The change is at one place: where the new one begins, the old one has ended.
    let first_of_new = numbers(events, 2, PORTS[2])[0];
    assert!(old_only.iter().all(|number| *number <= first_of_new), "7001 after the change");
    assert!(new_only.iter().all(|number| *number + 1 >= first_of_new), "7002 before the change");
}

#[test]
fn what_an_unloaded_plugin_wanted_is_of_no_interest() {
    let plugins = PluginDirectory::new(&["interest-web"]);
    plugins.put("dns.wasm", &wanting(&[Wish::new("dns", "udp port 53")]));
    let Some(bench) = Bench::new(plugins, "") else { return };
    let send = || {
        let to = |port| Flow::new(Side::Near, 40000, port);
        bench.send(Side::Near, &[(7, to(443).tcp(b"")), (5, to(53).udp(b"")), (3, to(1).udp(b""))]);
    };
    send();
    let (_, taps) = bench.delivered(&[("interest-web", 7), ("dns", 5)]);
    assert_eq!(taps, Taps { uninterested: 3, sampled_out: 0, published: 12 });
    let filters = |name: &str, filter: &str| (name.to_owned(), vec![filter.to_owned()]);
    let (dns, web) = (filters("dns", "udp port 53"), filters("interest-web", "tcp dst port 443"));
    // A port on either side takes two.
    assert_eq!(bench.wanted(), (3, vec![dns, web.clone()]));
    bench.plugins.remove("dns.wasm");
    let removed = [("plugin", "dns"), ("outcome", "removed")];
    bench.running.metrics_when("no plugin `dns`", |metrics| {
        metrics.sum("ringtap_reloads_total", &removed) == 1
    });
    send();
    let (_, taps) = bench.delivered(&[("interest-web", 14)]);
    assert_eq!(taps, Taps { uninterested: 3 + 5 + 3, sampled_out: 0, published: 19 });
    assert_eq!(bench.wanted(), (1, vec![web]));
    bench.plugins.remove("interest-web.wasm");
    let removed = [("plugin", "interest-web"), ("outcome", "removed")];
    bench
        .running
        .metrics_when("no plugin", |metrics| metrics.sum("ringtap_reloads_total", &removed) == 1);
    send();
    let (_, taps) = bench.delivered(&[]);
    assert_eq!(taps, Taps { uninterested: 11 + 15, sampled_out: 0, published: 19 });
    assert_eq!(bench.wanted(), (0, vec![]));
    bench.finish(&[]);
}
