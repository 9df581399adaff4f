//! Labs on a real kernel. What the veth pair counts is what was sent, packet for packet.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use ringtap_lab::{
    Family, Lab, LabConfig, LabError, Side,
    traffic::{self, Mix, Path},
};
use ringtap_net::{LinkStatistics, Namespace, interface_named, interfaces};

const ETHERNET: u64 = 14;

/// A lab, or `None`, said aloud, where privileges are missing.
fn lab(config: LabConfig) -> Option<Lab> {
    match Lab::new(config) {
        Ok(lab) => Some(lab),
        Err(error) if error.is_not_permitted() => {
            skip(format_args!("{error}: CAP_SYS_ADMIN and CAP_NET_ADMIN are needed"));
            None
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Packets and bytes that left the near and the far side so far. What left one reached the other.
fn sent(lab: &Lab) -> [(u64, u64); 2] {
    let [near, far] = Side::BOTH.map(|side| lab.statistics(side).unwrap());
    let received = LinkStatistics {
        rx_packets: far.tx_packets,
        rx_bytes: far.tx_bytes,
        tx_packets: far.rx_packets,
        tx_bytes: far.rx_bytes,
    };
    assert_eq!(near, received);
    [(near.tx_packets, near.tx_bytes), (far.tx_packets, far.tx_bytes)]
}

fn paths(lab: &Lab) -> Vec<Path> {
    assert!(lab.has_ipv6());
    let families = [Family::V4, Family::V6];
    Side::BOTH.into_iter().flat_map(|from| families.map(|family| Path::new(from, family))).collect()
}

fn ip_header(family: Family) -> u64 {
    if family == Family::V4 { 20 } else { 40 }
}

/// Packets and bytes by side, of a path's asking and answering side.
fn by_side(path: Path, asking: (u64, u64), answering: (u64, u64)) -> [(u64, u64); 2] {
    if path.from == Side::Near { [asking, answering] } else { [answering, asking] }
}

#[test]
fn what_is_sent_is_what_the_link_counts() {
    let Some(first) = lab(LabConfig::default()) else { return };
    for path in paths(&first) {
        let header = ETHERNET + ip_header(path.family);
        let lab = Lab::new(LabConfig::default()).unwrap();
        assert_eq!(sent(&lab), [(0, 0); 2], "nobody sent anything yet");

        assert_eq!(traffic::udp(&lab, path, 1000, 333).unwrap(), 1000);
        let mut asking = (1000, 1000 * (header + 8 + 333));
        let mut answering = (0, 0);
        assert_eq!(sent(&lab), by_side(path, asking, answering));

        assert_eq!(traffic::icmp_echo(&lab, path, 50).unwrap(), 50);
        for side in [&mut asking, &mut answering] {
            *side = (side.0 + 50, side.1 + 50 * (header + 8 + 56));
        }
        assert_eq!(sent(&lab), by_side(path, asking, answering));

        assert_eq!(traffic::dns(&lab, path.between(3, 2), 40).unwrap(), 40);
        let (before, now) = (by_side(path, asking, answering), sent(&lab));
        assert_eq!([now[0].0, now[1].0], [before[0].0 + 40, before[1].0 + 40]);
    }
}

#[test]
fn tcp_delivers_every_byte_and_both_sides_speak() {
    for offloads in [true, false] {
        let Some(lab) = lab(LabConfig { offloads, ..LabConfig::default() }) else { return };
        for path in paths(&lab) {
            let before = sent(&lab);
            assert_eq!(traffic::tcp(&lab, path.to_port(443), 3, 100_001).unwrap(), 300_003);
            let after = sent(&lab);
            let asking = usize::from(path.from == Side::Far);
            let bytes = after[asking].1 - before[asking].1;
            // SYN, FIN and acknowledgements add to it; data is sent once.
            assert!((300_003..400_000).contains(&bytes), "{bytes}");
            assert!(after[1 - asking].0 - before[1 - asking].0 >= 6);
        }
    }
}

#[test]
fn segmentation_is_left_to_the_link_or_not() {
    for (offloads, packets) in [(true, 5), (false, 200)] {
        let Some(lab) = lab(LabConfig { offloads, ..LabConfig::default() }) else { return };
        let path = Path::new(Side::Near, Family::V4);
        assert_eq!(traffic::udp_gso(&lab, path, 5, 40, 1000).unwrap(), 200);
        assert_eq!(sent(&lab)[0].0, packets);
    }
}

/// A filter where a tap would be, before software segmentation, drops what is over the MTU.
#[test]
fn without_offloads_tcp_makes_no_super_packets() {
    const DROP_OVER_1514: &str = "4,128 0 0 0,37 0 1 1514,6 0 0 2,6 0 0 0";
    for offloads in [true, false] {
        let Some(lab) = lab(LabConfig { offloads, ..LabConfig::default() }) else { return };
        let tc = |arguments: &str| {
            let mut command = lab.command(Side::Near, "tc").unwrap();
            let arguments = arguments.split_whitespace();
            command.args(arguments).args(["bytecode", DROP_OVER_1514]).status()
        };
        let mut clsact = lab.command(Side::Near, "tc").unwrap();
        match clsact.args(["qdisc", "add", "dev", "near0", "clsact"]).status() {
            Ok(status) => assert!(status.success()),
            Err(error) => {
                skip(format_args!("tc (iproute2) does not start: {error}"));
                return;
            }
        }
        assert!(tc("filter add dev near0 egress bpf da").unwrap().success());
        let path = Path::new(Side::Near, Family::V4);
        let bytes = if offloads { 3000 } else { 500_000 };
        let delivered = traffic::tcp(&lab, path, 1, bytes);
        let dropped = lab.inside(Side::Near, dropped_by_filter).unwrap();
        assert_eq!(dropped > 0, offloads);
        if !offloads {
            assert_eq!(delivered.unwrap(), bytes);
        }
    }
}

fn dropped_by_filter() -> u64 {
    let output = Command::new("tc")
        .args(["-s", "-j", "qdisc", "show", "dev", "near0", "clsact"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, drops) = text.split_once("\"drops\":").unwrap();
    drops.split(',').next().unwrap().trim().parse().unwrap()
}

#[test]
fn frames_leave_as_they_are() {
    let Some(lab) = lab(LabConfig { mtu: 9000, ..LabConfig::default() }) else { return };
    let frame = |ether_type: &[u8], length: usize| {
        let mut frame = [Side::Far.mac().0, Side::Near.mac().0].concat();
        frame.extend(ether_type);
        frame.resize(length, 0);
        frame
    };
    let prepared = [
        frame(&[0x88, 0xb5], 14),
        frame(&[0x88, 0xb5], 333),
        frame(&[0x81, 0, 0, 42, 0x88, 0xb5], 9018),
        frame(&[0x88, 0xb5], 9014),
    ];
    assert_eq!(traffic::frames(&lab, Side::Near, &prepared).unwrap(), 4);
    assert_eq!(sent(&lab), [(4, 14 + 333 + 9018 + 9014), (0, 0)]);
    for refused in [frame(&[0x88, 0xb5], 9015), vec![0; 13]] {
        let result = traffic::frames(&lab, Side::Near, &[refused]);
        assert!(matches!(result, Err(LabError::Io { operation: "send a frame", .. })));
    }
}

#[test]
fn a_datagram_that_is_dropped_is_reported() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let index = lab.index(Side::Far).unwrap();
    lab.inside(Side::Far, || ringtap_net::delete_link(index)).unwrap().unwrap();
    let error = traffic::udp(&lab, Path::new(Side::Near, Family::V4), 1, 10).unwrap_err();
    assert!(matches!(error, LabError::Io { .. } | LabError::Lost { arrived: 0, .. }), "{error:?}");
    assert!(matches!(lab.index(Side::Near), Err(LabError::NoInterface("near0"))));
}

#[test]
fn labs_do_not_disturb_each_other_or_the_host() {
    let before = interfaces().unwrap();
    let Some(one) = lab(LabConfig::default()) else { return };
    let two = Lab::new(LabConfig::default()).unwrap();
    let path = Path::new(Side::Near, Family::V4);
    thread::scope(|scope| {
        scope.spawn(|| traffic::udp(&one, path, 500, 100).unwrap());
        scope.spawn(|| traffic::udp(&two, path, 700, 100).unwrap());
    });
    assert_eq!((sent(&one)[0].0, sent(&two)[0].0), (500, 700));
    assert_eq!(interfaces().unwrap(), before);
}

/// Whether the far end of a pair is gone: it goes with the near end's namespace.
fn far_end_is_gone(far: &Namespace) -> bool {
    thread::scope(|scope| {
        let look = scope.spawn(|| {
            far.enter().unwrap();
            interface_named(Side::Far.interface()).unwrap().is_none()
        });
        look.join().unwrap()
    })
}

#[test]
fn nothing_is_left_after_drop() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let far = lab.namespace(Side::Far).try_clone().unwrap();
    let clone = lab.clone();
    drop(lab);
    assert!(!far_end_is_gone(&far));
    drop(clone);
    wait_for("the near side is still there", || far_end_is_gone(&far));
}

#[test]
fn nothing_is_left_when_the_process_is_killed() {
    const CHILD: &str = "RINGTAP_LAB_TEST_CHILD";
    if env::var_os(CHILD).is_some() {
        let lab = Lab::new(LabConfig::default()).unwrap();
        let _mix = Mix::start(&lab).unwrap();
        eprintln!("namespace {}", lab.namespace_path(Side::Far).display());
        // Until it is killed; not for good, should the parent be gone.
        thread::sleep(Duration::from_secs(30));
        return;
    }
    if lab(LabConfig::default()).is_none() {
        return;
    }
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "nothing_is_left_when_the_process_is_killed", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let path = lines.into_iter().find_map(|line| Some(line.strip_prefix("namespace ")?.to_owned()));
    let far = Namespace::from(fs::File::open(path.unwrap()).unwrap());
    assert!(!far_end_is_gone(&far));
    child.kill().unwrap();
    child.wait().unwrap();
    wait_for("the near side outlived the process", || far_end_is_gone(&far));
}

#[test]
fn commands_and_threads_run_inside() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let mut command = lab.command(Side::Far, "cat").unwrap();
    let output = command.arg("/proc/self/net/dev").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("far0:"));
    let thread = lab.spawn(Side::Near, || interface_named("near0").unwrap().unwrap()).unwrap();
    let near = thread.join().unwrap();
    assert_eq!(near.index, lab.index(Side::Near).unwrap());
    assert_eq!(
        (near.mtu, near.operational, near.kind.as_deref()),
        (1500, Some(true), Some("veth"))
    );
}

#[test]
fn the_mix_sends_until_it_is_stopped() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let mix = Mix::start(&lab).unwrap();
    wait_for("no traffic", || sent_packets(&lab) > 100);
    assert!(mix.is_running());
    let rounds = mix.stop().unwrap();
    let packets = sent_packets(&lab);
    assert!(rounds >= 2, "{rounds}");
    assert!(packets / rounds < 60, "{packets} packets in {rounds} rounds");
}

fn sent_packets(lab: &Lab) -> u64 {
    let near = lab.statistics(Side::Near).unwrap();
    near.tx_packets + near.rx_packets
}

/// Past the test harness, which keeps what passing tests print to itself.
fn skip(why: std::fmt::Arguments<'_>) {
    use std::io::Write;
    writeln!(std::io::stderr(), "SKIPPED: {why}").ok();
}
