//! Hooks that others hold, and interfaces that are not there, are down or go away.

use std::net::{IpAddr, UdpSocket};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::{
    add_address, add_neighbour, create_veth, delete_link, interface_named, set_arp, set_link_local,
    set_up,
};
use ringtap_tests::{ForeignProgram, PluginDirectory, Running, finish, lab, ringtap, until};

/// The program on the near interface's XDP hook.
fn xdp(lab: &Lab) -> Option<u32> {
    let look = || interface_named("near0").unwrap().unwrap().xdp.map(|program| program.id);
    lab.inside(Side::Near, look).unwrap()
}

/// The index of another interface on the near side, `spare0`, which is down.
fn add_spare(lab: &Lab) -> u32 {
    let add = || {
        create_veth("spare0", "spare1", lab.namespace(Side::Near)).unwrap();
        interface_named("spare0").unwrap().unwrap().index
    };
    lab.inside(Side::Near, add).unwrap()
}

/// 300 packets each way, and the plugin `counts` has them all.
fn assert_both_ways_are_counted(lab: &Lab, running: &Running) {
    for from in Side::BOTH {
        assert_eq!(traffic::udp(lab, Path::new(from, Family::V4), 300, 10).unwrap(), 300);
    }
    assert_eq!(running.settled(&["counts"]).records("counts"), [600, 0, 0, 600]);
}

#[test]
fn a_held_xdp_hook_is_reported_with_its_holder_and_left_alone() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let other = ForeignProgram::xdp(&lab, Side::Near);
    let holder = format!("held by program {} (\"{}\")", other.id, ForeignProgram::NAME);
    for ingress in ["xdp", "xdp-native", "xdp-generic"] {
        let alone = ["run", "-i", "near0", "--ingress", ingress, "--egress", "none"];
        let refused = finish(ringtap(&lab, Side::Near).args(alone));
        assert_eq!(refused.code, Some(3), "{:#?}", refused.log);
        assert!(refused.says(&["near0", "XDP", &holder]), "{:#?}", refused.log);
        assert_eq!(xdp(&lab), Some(other.id));
    }
    // With another tap to do, it does without this one, and says so.
    let running = Running::start(&lab, &["--ingress", "xdp"]);
    assert!(running.log_line(&holder).contains("going on without"));
    assert_eq!(traffic::udp(&lab, Path::new(Side::Near, Family::V4), 100, 10).unwrap(), 100);
    let metrics = running.settled(&["flow-log", "top-talkers"]);
    assert_eq!(metrics.sum("ringtap_packets_seen_total", &[("hook", "tc")]), 100);
    assert!(!metrics.has("ringtap_packets_seen_total", &[("hook", "xdp")]));
    running.terminate().assert_clean();
    assert_eq!(xdp(&lab), Some(other.id));
}

#[test]
fn two_runtimes_share_an_interface_but_not_its_xdp_hook() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let first = Running::start(&lab, &["--ingress", "xdp", "--plugins", plugins.as_str()]);
    let held = xdp(&lab).unwrap();
    let alone = ["run", "-i", "near0", "--ingress", "xdp", "--egress", "none", "--listen", "none"];
    let refused = finish(ringtap(&lab, Side::Near).args(alone));
    assert_eq!(refused.code, Some(3), "{:#?}", refused.log);
    let holder = format!("held by program {held} (\"ringtap_xdp\") of another ringtap");
    assert!(refused.says(&[&holder]), "{:#?}", refused.log);

    let mut second = ringtap(&lab, Side::Near);
    second.args(["run", "-i", "near0", "--ingress", "tc", "--listen", "none", "--plugins"]);
    second.arg(plugins.path());
    let second = Running::spawn(&lab, Side::Near, second);
    second.log_line("tc egress by TCX link");
    assert_both_ways_are_counted(&lab, &first);
    let ended = second.terminate();
    ended.assert_clean();
    assert!(ended.says(&["counts: 600 records = 0 shed + 0 failed + 600 delivered"]));
    assert_eq!(xdp(&lab), Some(held));
    first.terminate().assert_clean();
}

#[test]
fn two_runtimes_see_the_same_by_tcx() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let first = Running::start(&lab, &["--plugins", plugins.as_str()]);
    let mut second = ringtap(&lab, Side::Near);
    second.args(["run", "-i", "near0", "--listen", "none", "--plugins", plugins.as_str()]);
    let second = Running::spawn(&lab, Side::Near, second);
    second.log_line("tc egress by TCX link");
    assert_both_ways_are_counted(&lab, &first);
    for running in [second, first] {
        let ended = running.terminate();
        ended.assert_clean();
        for tap in ["near0 tc ingress", "near0 tc egress"] {
            let all = "300 packets seen = 0 uninterested + 0 sampled out + 0 lost + 300 published";
            assert!(ended.says(&[&format!("{tap}: {all}")]), "{:#?}", ended.log);
        }
        assert!(ended.says(&["counts: 600 records = 0 shed + 0 failed + 600 delivered"]));
    }
}

#[test]
fn an_interface_that_goes_takes_only_its_own_taps() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let spare = add_spare(&lab);
    let plugins = PluginDirectory::new(&["counts"]);
    let running = Running::start(&lab, &["-i", "spare0", "--plugins", plugins.as_str()]);
    running.log_line("tapping spare0");
    running.log_line("spare0 is down: its taps see nothing until it is up");
    lab.inside(Side::Near, || delete_link(spare)).unwrap().unwrap();
    running.log_line("spare0 is gone, and with it its tap tc ingress");
    running.log_line("spare0 is gone, and with it its tap tc egress");
    for from in Side::BOTH {
        assert_eq!(traffic::udp(&lab, Path::new(from, Family::V4), 100, 10).unwrap(), 100);
    }
    let metrics = running.settled(&["counts"]);
    assert_eq!(metrics.records("counts"), [200, 0, 0, 200]);
    running.terminate().assert_clean();
}

#[test]
fn the_last_interface_may_go_too() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let running = Running::start(&lab, &["--ingress", "xdp", "--plugins", plugins.as_str()]);
    assert_eq!(traffic::udp(&lab, Path::new(Side::Far, Family::V4), 100, 10).unwrap(), 100);
    let index = lab.index(Side::Near).unwrap();
    lab.inside(Side::Near, || delete_link(index)).unwrap().unwrap();
    running.log_line("near0 is gone, and with it its tap xdp ingress");
    // What it counted stays.
    let metrics = running.settled(&["counts"]);
    assert_eq!(metrics.records("counts"), [100, 0, 0, 100]);
    running.terminate().assert_clean();
}

#[test]
fn a_missing_interface_is_named_and_the_others_are_tapped() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let running = Running::start(&lab, &["-i", "nope0", "-i", "nothing*"]);
    let said = running.log_line("there is no interface \"nope0\"");
    assert!(said.contains("near0") && said.contains("going on without, until"), "{said}");
    running.log_line("no interface matches \"nothing*\" yet; there are lo, near0; waiting for one");
    assert_eq!(traffic::udp(&lab, Path::new(Side::Near, Family::V4), 10, 10).unwrap(), 10);
    let metrics = running.settled(&["flow-log", "top-talkers"]);
    assert_eq!(metrics.sum("ringtap_packets_seen_total", &[]), 10);
    running.terminate().assert_clean();

    let alone = finish(ringtap(&lab, Side::Near).args(["run", "-i", "nope0"]));
    assert_eq!(alone.code, Some(3), "{:#?}", alone.log);
    assert!(
        alone.says(&["there is no interface \"nope0\"; there are lo, near0"]),
        "{:#?}",
        alone.log
    );
}

#[test]
fn an_interface_without_a_default_route_has_to_be_asked_for() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let ended = finish(ringtap(&lab, Side::Near).arg("run"));
    assert_eq!(ended.code, Some(3), "{:#?}", ended.log);
    assert!(ended.says(&["no interface carries a default route; name one with -i"]));
}

#[test]
fn an_interface_that_comes_up_is_seen() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let spare = add_spare(&lab);
    let mut command = ringtap(&lab, Side::Near);
    command.args(["run", "-i", "spare0", "--bundled", "top-talkers"]);
    let running = Running::spawn(&lab, Side::Near, command);
    running.log_line("spare0 is down: its taps see nothing until it is up");
    running.log_line("serving http://");
    let peer = || interface_named("spare1").unwrap().unwrap().index;
    let peer = lab.inside(Side::Near, peer).unwrap();
    for index in [spare, peer] {
        let start = || {
            // Without these the kernel says nothing on its own.
            set_link_local(index, false).unwrap();
            set_arp(index, false).unwrap();
            set_up(index).unwrap();
        };
        lab.inside(Side::Near, start).unwrap();
    }
    let is_up = || interface_named("spare0").unwrap().unwrap().operational == Some(true);
    until("spare0 is up", || lab.inside(Side::Near, is_up).unwrap());
    let send = || {
        let host: IpAddr = "10.99.0.1".parse().unwrap();
        add_address(spare, host, 24).unwrap();
        add_neighbour(spare, "10.99.0.2".parse().unwrap(), Side::Far.mac()).unwrap();
        UdpSocket::bind((host, 0)).unwrap().send_to(b"x", "10.99.0.2:9").unwrap();
    };
    lab.inside(Side::Near, send).unwrap();
    let metrics = running.settled(&["top-talkers"]);
    assert_eq!(metrics.sum("ringtap_packets_seen_total", &[("interface", "spare0")]), 1);
    running.terminate().assert_clean();
}

#[test]
fn a_tap_behind_a_program_that_ends_the_chain_is_said_to_be_blind() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let running = Running::start(&lab, &["--plugins", plugins.as_str()]);
    let send = |packets| traffic::udp(&lab, Path::new(Side::Near, Family::V4), packets, 10);
    assert_eq!(send(100).unwrap(), 100);

    let ending = ForeignProgram::ending(&lab, Side::Near, true);
    let name = format!("program {}, by TCX", ending.id);
    let behind = running.log_line(&format!("near0 tc egress: {name} runs before the tap"));
    assert!(behind.contains("what it takes away, the tap does not see"), "{behind}");
    assert_eq!(send(50).unwrap(), 50, "the foreign program does as before");
    let blind = running.log_line("near0 tc egress: the tap is blind: ");
    assert!(blind.contains(&name), "{blind}");
    let check = ["check", "-i", "near0", "--listen", "none", "--bundled", "none"];
    let checked = finish(ringtap(&lab, Side::Near).args(check));
    // Unlike a runtime that has its taps, it may ask for the name.
    let named = format!("program {} (\"{}\"), by TCX", ending.id, ForeignProgram::NAME);
    let note = format!("is behind {named}: what that takes away, it does not see");
    let mut lines = checked.stdout.lines();
    let is_told = |line: &str| line.starts_with("note interface near0: ") && line.contains(&note);
    assert!(lines.any(is_told), "{checked:#?}");
    // One that starts now runs first, and leaves the others where they are.
    let mut second = ringtap(&lab, Side::Near);
    second.args(["run", "-i", "near0", "--listen", "none", "--plugins", plugins.as_str()]);
    let second = Running::spawn(&lab, Side::Near, second);
    second.log_line("tc egress by TCX link");
    assert_eq!(send(30).unwrap(), 30);
    let ended = second.terminate();
    ended.assert_clean();
    assert!(ended.says(&["near0 tc egress: 30 packets seen"]), "{:#?}", ended.log);

    drop(ending);
    running.log_line("near0 tc egress: nothing of others runs before the tap any more");
    assert_eq!(send(7).unwrap(), 7);
    let metrics = running.settled(&["counts"]);
    assert_eq!(metrics.sum("ringtap_packets_seen_total", &[]), 107);
    running.terminate().assert_clean();
}

#[test]
fn what_others_drop_before_a_tap_is_dropped_and_not_seen() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let running = Running::start(&lab, &[]);
    let dropping = ForeignProgram::ending(&lab, Side::Near, false);
    running.log_line(&format!("near0 tc egress: program {}, by TCX", dropping.id));
    let send = || {
        let socket = UdpSocket::bind((Side::Near.address(Family::V4, 0), 0)).unwrap();
        // That the packet was dropped may be told to its sender.
        socket.send_to(b"x", (Side::Far.address(Family::V4, 0), 9)).ok();
    };
    lab.inside(Side::Near, send).unwrap();
    assert_eq!(lab.statistics(Side::Far).unwrap().rx_packets, 0);
    let metrics = running.settled(&["flow-log"]);
    assert_eq!(metrics.sum("ringtap_packets_seen_total", &[]), 0);
    running.terminate().assert_clean();
}
