//! What is left of a runtime that ends, is interrupted or is killed: nothing, or what `ringtap detach`
//! and the next start remove.

use std::fs;

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::{Namespace, interface_named, tc_filters};
use ringtap_tests::{PluginDirectory, Running, finish, lab, ringtap, tcx_programs, tool, until};
use rustix::process::Signal;

fn filters(lab: &Lab) -> Vec<String> {
    let index = lab.index(Side::Near).unwrap();
    let filters = lab.inside(Side::Near, || tc_filters(index)).unwrap().unwrap();
    filters.into_iter().filter_map(|filter| filter.name).collect()
}

fn has_clsact(lab: &Lab) -> bool {
    let mut tc = lab.command(Side::Near, "tc").unwrap();
    tool(tc.args(["qdisc", "show", "dev", "near0"])).is_none_or(|text| text.contains("clsact"))
}

fn has_xdp(lab: &Lab) -> bool {
    lab.inside(Side::Near, || interface_named("near0").unwrap().unwrap().xdp.is_some()).unwrap()
}

#[test]
fn links_go_with_a_killed_process() {
    for ingress in ["xdp-native", "xdp-generic", "tc"] {
        let Some(lab) = lab(LabConfig::default()) else { return };
        let running = Running::start(&lab, &["--ingress", ingress, "--attach", "link"]);
        assert_eq!(has_xdp(&lab), ingress != "tc");
        assert_eq!(tcx_programs(&lab, Side::Near), [u64::from(ingress == "tc"), 1]);
        assert_eq!(running.kill().code, None);
        // The kernel frees what a dead process held in its own time.
        until("the XDP program is gone", || !has_xdp(&lab));
        until("the TCX programs are gone", || tcx_programs(&lab, Side::Near) == [0, 0]);
        // And the hooks are free for the next one.
        Running::start(&lab, &["--ingress", ingress]).terminate().assert_clean();
    }
}

#[test]
fn filters_outlive_a_killed_process_until_they_are_detached() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let arguments = ["--ingress", "tc", "--attach", "netlink"];
    let running = Running::start(&lab, &arguments);
    running.log_line("tc ingress by clsact filter");
    running.log_line("tc egress by clsact filter");
    let living = filters(&lab);
    assert_eq!(living.len(), 2);

    let detached = finish(ringtap(&lab, Side::Near).arg("detach"));
    assert_eq!(detached.code, Some(0));
    assert!(detached.stdout.starts_with("nothing to remove"), "{}", detached.stdout);
    assert_eq!(filters(&lab), living, "they belong to a process that lives");

    assert_eq!(running.kill().code, None);
    assert_eq!(filters(&lab), living, "nobody removed them");
    let elsewhere = finish(ringtap(&lab, Side::Near).args(["detach", "-i", "eth*"]));
    assert!(elsewhere.stdout.starts_with("nothing to remove"), "{}", elsewhere.stdout);
    let detached = finish(ringtap(&lab, Side::Near).arg("detach"));
    assert_eq!(detached.code, Some(0));
    for name in &living {
        assert!(detached.stdout.contains(&format!("near0: removed {name}")), "{living:?}");
    }
    assert_eq!(filters(&lab), [""; 0]);
    assert!(!has_clsact(&lab));
}

#[test]
fn the_next_start_sweeps_what_the_dead_left_and_nothing_else() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let arguments = ["--ingress", "tc", "--attach", "netlink", "--listen", "none"];
    let start = || {
        let mut command = ringtap(&lab, Side::Near);
        command.args(["run", "-i", "near0"]).args(arguments);
        let running = Running::spawn(&lab, Side::Near, command);
        running.log_line("tc egress by clsact filter");
        running
    };
    let lives = start();
    let living = filters(&lab);
    let dies = start();
    let dead: Vec<_> = filters(&lab).into_iter().filter(|name| !living.contains(name)).collect();
    assert_eq!((living.len(), dead.len()), (2, 2));
    dies.kill();
    let next = start();
    for name in &dead {
        next.log_line(&format!("near0: removed {name}, which a dead process left"));
    }
    let now = filters(&lab);
    assert_eq!(now.len(), 4);
    assert!(living.iter().all(|name| now.contains(name)), "{living:?} in {now:?}");
    assert!(!dead.iter().any(|name| now.contains(name)), "{dead:?} in {now:?}");
    next.terminate().assert_clean();
    let mut left = filters(&lab);
    left.sort();
    let mut expected = living;
    expected.sort();
    assert_eq!(left, expected);
    lives.terminate().assert_clean();
    assert_eq!(filters(&lab), [""; 0]);
    assert!(!has_clsact(&lab));
}

/// As a filter, a tap counts what it counts as a link.
#[test]
fn filters_count_every_packet() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let arguments = ["--ingress", "tc", "--attach", "netlink", "--plugins", plugins.as_str()];
    let running = Running::start(&lab, &arguments);
    for from in Side::BOTH {
        assert_eq!(traffic::udp(&lab, Path::new(from, Family::V4), 200, 10).unwrap(), 200);
    }
    let metrics = running.settled(&["counts"]);
    for direction in ["ingress", "egress"] {
        let labels = [("hook", "tc"), ("direction", direction)];
        assert_eq!(metrics.sum("ringtap_packets_seen_total", &labels), 200);
    }
    assert_eq!(metrics.records("counts"), [400, 0, 0, 400]);
    running.terminate().assert_clean();
}

#[test]
fn a_signal_or_the_end_of_its_time_ends_it_well() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    for end in [Some(Signal::TERM), Some(Signal::INT), None] {
        let plugins = PluginDirectory::new(&["counts"]);
        let mut arguments = vec!["--ingress", "xdp", "--plugins", plugins.as_str()];
        // Long enough for the traffic below, or endless.
        arguments.extend(if end.is_none() { &["--duration", "2s"][..] } else { &[] });
        let running = Running::start(&lab, &arguments);
        assert_eq!(traffic::udp(&lab, Path::new(Side::Far, Family::V4), 100, 10).unwrap(), 100);
        if let Some(signal) = end {
            running.signal(signal);
        }
        let ended = running.ended();
        ended.assert_clean();
        // What was under way was still delivered.
        assert!(ended.says(&["counts: 100 records = 0 shed + 0 failed + 100 delivered"]));
        assert_eq!(tcx_programs(&lab, Side::Near), [0, 0]);
        assert!(!has_xdp(&lab));
    }
}

mod demo {
    use super::*;

    /// A demo in a namespace of its own, where nothing else is.
    fn start(lab: &Lab) -> Running {
        let mut command = ringtap(lab, Side::Near);
        command.arg("demo");
        let running = Running::spawn(lab, Side::Near, command);
        until("the first table", || running.stdout().contains("near0 xdp ingress"));
        running
    }

    /// The namespaces of the demo's own lab.
    fn namespaces(lab: &Lab, running: &Running) -> Vec<Namespace> {
        let held = fs::read_dir(format!("/proc/{}/fd", running.id())).unwrap();
        let held = held.map(|entry| entry.unwrap().path()).filter(|path| {
            fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("net:"))
        });
        let mut found: Vec<Namespace> = Vec::new();
        for namespace in held.map(|path| Namespace::from(fs::File::open(path).unwrap())) {
            let known = found.iter().chain([lab.namespace(Side::Near)]);
            if !known.into_iter().any(|known| known.is(&namespace).unwrap()) {
                found.push(namespace);
            }
        }
        found
    }

    /// Whether the namespace has nothing but its loopback interface.
    fn is_empty(namespace: &Namespace) -> bool {
        std::thread::scope(|scope| {
            let look = scope.spawn(|| {
                namespace.enter().unwrap();
                ringtap_net::interfaces().unwrap().len() == 1
            });
            look.join().unwrap()
        })
    }

    fn links(lab: &Lab) -> Vec<String> {
        let interfaces = lab.inside(Side::Near, ringtap_net::interfaces).unwrap().unwrap();
        interfaces.into_iter().map(|interface| interface.name).collect()
    }

    #[test]
    fn leaves_nothing_however_it_ends() {
        let Some(lab) = lab(LabConfig::default()) else { return };
        let before = links(&lab);
        let signals = [Signal::INT, Signal::TERM, Signal::KILL, Signal::KILL];
        for (turn, signal) in signals.into_iter().enumerate() {
            let running = start(&lab);
            let mut held = namespaces(&lab, &running);
            assert_eq!(held.len(), 2);
            // One is kept to look at, by turns: the pair is gone once nobody holds the other.
            let kept = held.remove(turn % 2);
            drop(held);
            assert!(!is_empty(&kept));
            running.signal(signal);
            let ended = running.ended();
            match signal {
                Signal::KILL => assert_eq!(ended.code, None),
                _ => ended.assert_clean(),
            }
            until("the demo's lab is gone", || is_empty(&kept));
            assert_eq!(links(&lab), before);
        }
    }

    #[test]
    fn ends_by_itself() {
        let Some(lab) = lab(LabConfig::default()) else { return };
        let ended = finish(ringtap(&lab, Side::Near).args(["demo", "--duration", "3s"]));
        ended.assert_clean();
        assert!(ended.stdout.contains("top-talkers"), "{}", ended.stdout);
        assert!(ended.stdout.contains("sudo ringtap run -i eth0"), "{}", ended.stdout);
    }
}
