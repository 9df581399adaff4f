//! Interfaces that come, go and change while ringtap runs.

use std::net::{IpAddr, UdpSocket};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_net::{
    Namespace, add_address, add_default_route, add_neighbour, create_veth, delete_link,
    enter_new_namespace, interface_named, move_link, rename_link, set_arp, set_down,
    set_link_local, set_up,
};
use ringtap_tests::{Metrics, PluginDirectory, Running, config_file, finish, lab, ringtap, until};
use tempfile::TempDir;

/// A pair on the near side whose first end sends to the second. Gone with the lab.
#[derive(Clone)]
struct Pair<'a> {
    lab: &'a Lab,
    name: String,
    index: u32,
    address: IpAddr,
}

impl<'a> Pair<'a> {
    /// `number` tells pairs of one lab apart.
    fn new(lab: &'a Lab, name: &str, number: u8) -> Self {
        let address = [10, 99, number, 1].into();
        let other = format!("peer{number}");
        let make = || {
            create_veth(name, &other, lab.namespace(Side::Near)).unwrap();
            interface_named(name).unwrap().unwrap().index
        };
        let index = lab.inside(Side::Near, make).unwrap();
        let pair = Self { lab, name: name.to_owned(), index, address };
        let other = lab.inside(Side::Near, || interface_named(&other).unwrap().unwrap().index);
        for end in [other.unwrap(), index] {
            pair.near(|| {
                // Without these the kernel says something on its own.
                set_link_local(end, false).unwrap();
                set_arp(end, false).unwrap();
                set_up(end).unwrap();
            });
        }
        pair.wait_up();
        pair.near(|| add_address(index, address, 24).unwrap());
        pair.meet();
        pair
    }

    fn near<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.lab.inside(Side::Near, work).unwrap()
    }

    fn wait_up(&self) {
        let is_up = || interface_named(&self.name).unwrap().unwrap().operational == Some(true);
        until("the pair is up", || self.near(is_up));
    }

    /// Know the neighbour that everything is sent to.
    fn meet(&self) {
        let IpAddr::V4(own) = self.address else { unreachable!("pairs are IPv4") };
        let [a, b, c, _] = own.octets();
        self.near(|| add_neighbour(self.index, [a, b, c, 2].into(), Side::Far.mac()).unwrap());
    }

    fn rename(&mut self, name: &str) {
        self.near(|| rename_link(self.index, name).unwrap());
        self.name = name.to_owned();
    }

    fn send(&self, packets: u32) {
        let IpAddr::V4(own) = self.address else { unreachable!("pairs are IPv4") };
        let [a, b, c, _] = own.octets();
        self.near(|| {
            let socket = UdpSocket::bind((self.address, 0)).unwrap();
            for _ in 0..packets {
                socket.send_to(b"x", (IpAddr::from([a, b, c, 2]), 9)).unwrap();
            }
        });
    }
}

/// `ringtap run` on the near side with these patterns and the guest that counts.
fn run(lab: &Lab, plugins: &PluginDirectory, arguments: &[&str]) -> Running {
    let mut command = ringtap(lab, Side::Near);
    command.args(["run", "--plugins", plugins.as_str()]).args(arguments);
    let running = Running::spawn(lab, Side::Near, command);
    running.log_line("serving http://");
    running
}

fn seen(metrics: &Metrics, interface: &str) -> u64 {
    metrics.sum("ringtap_packets_seen_total", &[("interface", interface)])
}

#[test]
fn an_interface_that_comes_is_tapped_and_one_of_another_name_is_not() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let running = run(&lab, &plugins, &["-i", "box*", "-i", "lan7"]);
    running.log_line("no interface matches \"box*\" yet; there are lo, near0; waiting for one");
    running.log_line("there is no interface \"lan7\"; there are lo, near0; going on without");
    let other = Pair::new(&lab, "other", 1);
    let pairs = [Pair::new(&lab, "box1", 2), Pair::new(&lab, "lan7", 3)];
    for pair in &pairs {
        running.log_line(&format!("tapping {} (asked for): tc egress", pair.name));
        pair.send(50);
    }
    other.send(20);
    let metrics = running.settled(&["counts"]);
    let counts = ["box1", "lan7", "other"].map(|name| seen(&metrics, name));
    assert_eq!((counts, metrics.records("counts")), ([50, 50, 0], [100, 0, 0, 100]));
    running.terminate().assert_clean();
}

#[test]
fn a_renamed_interface_is_followed_and_every_packet_is_counted_once() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let mut pair = Pair::new(&lab, "box1", 1);
    let running =
        run(&lab, &plugins, &["-i", "box*", "--bundled", "flow-log", "--events", "stdout"]);
    running.log_line("tapping box1 (asked for): tc egress");
    pair.send(30);
    for (name, packets) in [("box2", 7), ("box3", 0), ("box1", 5), ("box4", 1)] {
        let before = pair.name.clone();
        pair.rename(name);
        running.log_line(&format!("{before} is called {name} now; its taps stay"));
        pair.send(packets);
    }
    let metrics = running.settled(&["counts"]);
    let counts = ["box1", "box2", "box3", "box4"].map(|name| seen(&metrics, name));
    assert_eq!((counts, metrics.records("counts")[3]), ([35, 7, 0, 1], 43));
    let ended = running.terminate();
    ended.assert_clean();
    assert!(ended.says(&["box1 tc egress: 35 packets seen"]), "{:#?}", ended.log);
    // Plugins ask when they tell, and that was at the end.
    assert!(ended.stdout.contains("\"interface\":\"box4\""), "{}", ended.stdout);
}

#[test]
fn counts_close_under_each_name_when_the_name_changes_under_load() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let mut pair = Pair::new(&lab, "box0", 1);
    let running = run(&lab, &plugins, &["-i", "box*"]);
    running.log_line("tapping box0 (asked for): tc egress");
    let names = 12;
    std::thread::scope(|scope| {
        let sender = pair.clone();
        let traffic = scope.spawn(move || sender.send(60_000));
        for number in 1..=names {
            let before = pair.name.clone();
            pair.rename(&format!("box{number}"));
            running.log_line(&format!("{before} is called box{number} now"));
        }
        traffic.join().unwrap();
    });
    let metrics = running.settled(&["counts"]);
    assert_eq!(metrics.sum("ringtap_packets_seen_total", &[]), 60_000);
    let [_, shed, failed, delivered] = metrics.records("counts");
    let lost = metrics.sum("ringtap_packets_lost_total", &[]);
    assert_eq!(lost + shed + failed + delivered, 60_000);
    running.terminate().assert_clean();
}

#[test]
fn a_name_that_nothing_asks_for_lets_an_interface_go_and_one_that_is_takes_it_in() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let mut pair = Pair::new(&lab, "box1", 1);
    let running = run(&lab, &plugins, &["-i", "box*"]);
    running.log_line("tapping box1 (asked for): tc egress");
    pair.send(10);
    pair.rename("mine");
    running
        .log_line("box1 is called mine now, which is not asked for, and with it its tap tc egress");
    running
        .log_line("no tap is left: nothing is seen until there is an interface that matches box*");
    pair.send(10);
    pair.rename("box9");
    running.log_line("tapping box9 (asked for): tc egress");
    pair.send(3);
    let metrics = running.settled(&["counts"]);
    let counts = ["box1", "mine", "box9"].map(|name| seen(&metrics, name));
    assert_eq!((counts, metrics.records("counts")), ([10, 0, 3], [13, 0, 0, 13]));
    running.terminate().assert_clean();
}

#[test]
fn an_interface_that_is_made_anew_counts_on_under_its_name() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let running = run(&lab, &plugins, &["-i", "box*"]);
    for round in 1..=3_usize {
        let pair = Pair::new(&lab, "box1", 1);
        let tapped =
            |log: &[String]| log.iter().filter(|line| line.contains("tc egress by")).count();
        until("the pair is tapped", || tapped(&running.log()) == round);
        pair.send(10);
        pair.near(|| delete_link(pair.index).unwrap());
        let gone = |log: &[String]| log.iter().filter(|line| line.contains("box1 is gone")).count();
        until("the pair is let go", || gone(&running.log()) == 2 * round);
    }
    let metrics = running.settled(&["counts"]);
    assert_eq!((seen(&metrics, "box1"), metrics.records("counts")[3]), (30, 30));
    running.terminate().assert_clean();
}

#[test]
fn an_interface_that_moves_between_namespaces_is_let_go_and_taken_back() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let pair = Pair::new(&lab, "box1", 1);
    let elsewhere = || {
        enter_new_namespace().unwrap();
        Namespace::current().unwrap()
    };
    let elsewhere = std::thread::scope(|scope| scope.spawn(elsewhere).join().unwrap());
    let running = run(&lab, &plugins, &["-i", "box*"]);
    running.log_line("tapping box1 (asked for): tc egress");
    pair.send(10);
    pair.near(|| move_link(pair.index, &elsewhere).unwrap());
    running.log_line("box1 is gone, and with it its tap tc egress");
    let back = || {
        elsewhere.enter().unwrap();
        let index = interface_named("box1").unwrap().unwrap().index;
        assert_eq!(index, pair.index);
        move_link(index, lab.namespace(Side::Near)).unwrap();
    };
    std::thread::scope(|scope| scope.spawn(back).join().unwrap());
    let taps = |log: &[String]| log.iter().filter(|line| line.contains("tc egress by")).count();
    until("it is tapped again", || taps(&running.log()) == 2);
    // It came back down and without an address.
    pair.near(|| set_arp(pair.index, false).unwrap());
    pair.near(|| set_link_local(pair.index, false).unwrap());
    pair.near(|| set_up(pair.index).unwrap());
    pair.wait_up();
    pair.near(|| add_address(pair.index, pair.address, 24).unwrap());
    pair.meet();
    pair.send(5);
    let metrics = running.settled(&["counts"]);
    assert_eq!((seen(&metrics, "box1"), metrics.records("counts")[3]), (15, 15));
    running.terminate().assert_clean();
}

#[test]
fn down_and_up_is_said_and_the_taps_stay() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let pair = Pair::new(&lab, "box1", 1);
    let running = run(&lab, &plugins, &["-i", "box1"]);
    running.log_line("tapping box1 (asked for): tc egress");
    pair.send(10);
    pair.near(|| set_down(pair.index).unwrap());
    running.log_line("box1 is down: its taps see nothing until it is up");
    pair.near(|| set_up(pair.index).unwrap());
    running.log_line("box1 is up");
    pair.wait_up();
    pair.meet();
    pair.send(5);
    let metrics = running.settled(&["counts"]);
    assert_eq!(seen(&metrics, "box1"), 15);
    assert!(!running.log().iter().any(|line| line.contains("is gone")));
    running.terminate().assert_clean();
}

#[test]
fn a_plugin_is_loaded_when_the_interface_that_it_wants_comes() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let (plugins, directory) = (PluginDirectory::new(&["counts"]), TempDir::new().unwrap());
    let config = config_file(&directory, "[plugins.counts]\nfilter = \"iface late0\"\n");
    let running = run(&lab, &plugins, &["-i", "near0", "-i", "late0", "--config", &config]);
    let refused = running.log_line("plugin refused: what is configured for the plugin");
    assert!(refused.contains("names the interface \"late0\", which is not tapped"), "{refused}");
    assert_eq!(running.metrics().state("counts"), "quarantined");
    // One that nobody waits for changes nothing.
    let other = Pair::new(&lab, "other0", 1);
    let pair = Pair::new(&lab, "late0", 2);
    running.log_line("tapping late0 (asked for): tc egress");
    let reloads = |metrics: &Metrics, outcome| {
        let labels = [("plugin", "counts"), ("outcome", outcome)];
        metrics.sum("ringtap_reloads_total", &labels)
    };
    // It runs before that is counted.
    let metrics = running.metrics_when("the plugin", |metrics| reloads(metrics, "loaded") == 1);
    assert_eq!(metrics.state("counts"), "running");
    assert_eq!(reloads(&metrics, "refused"), 1);
    pair.send(10);
    other.send(5);
    running.metrics_when("its records", |metrics| metrics.records("counts") == [10, 0, 0, 10]);
    running.terminate().assert_clean();
}

#[test]
fn an_interface_that_comes_to_carry_a_default_route_is_tapped() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let plugins = PluginDirectory::new(&["counts"]);
    let near = lab.index(Side::Near).unwrap();
    lab.inside(Side::Near, || add_default_route(near)).unwrap().unwrap();
    let running = run(&lab, &plugins, &[]);
    running.log_line("tapping near0 (carries a default route): tc egress");
    assert_eq!(traffic::udp(&lab, Path::new(Side::Near, Family::V4), 9, 10).unwrap(), 9);
    let mut pair = Pair::new(&lab, "box1", 1);
    pair.send(10);
    // Down, it loses its route without a word; up again, it is where it was but for that.
    lab.inside(Side::Near, || set_down(near)).unwrap().unwrap();
    running.log_line("near0 is down");
    pair.near(|| add_default_route(pair.index).unwrap());
    running.log_line("tapping box1 (carries a default route): tc egress");
    pair.send(5);
    pair.rename("box2");
    running.log_line("box1 is called box2 now; its taps stay");
    pair.send(2);
    let metrics = running.settled(&["counts"]);
    let counts = ["near0", "box1", "box2"].map(|name| seen(&metrics, name));
    assert_eq!(counts, [9, 5, 2]);
    assert!(!running.log().iter().any(|line| line.contains("is gone")), "what was tapped stays so");
    running.terminate().assert_clean();
}

#[test]
fn names_alone_that_are_not_there_are_taken_for_typing_errors() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let ended = finish(ringtap(&lab, Side::Near).args(["run", "-i", "nope0", "-i", "nope1"]));
    assert_eq!(ended.code, Some(3), "{:#?}", ended.log);
    assert!(ended.says(&["no interface \"nope0\"", "no interface \"nope1\""]), "{:#?}", ended.log);
}
