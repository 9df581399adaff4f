use ringtap_lab::{
    Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{PluginDirectory, Running, lab};

use crate::{ETHERNET, ip_header, paths};

/// A runtime with `counts` and one tap, on either side.
struct OneTap {
    running: Running,
    _plugins: PluginDirectory,
}

/// Records, packets and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sums {
    records: u64,
    packets: u64,
    bytes: u64,
}

impl OneTap {
    fn start(lab: &Lab, side: Side, ingress: &str, egress: &str) -> Self {
        let plugins = PluginDirectory::new(&["counts"]);
        let arguments = ["--ingress", ingress, "--egress", egress, "--plugins", plugins.as_str()];
        Self { running: Running::start_on(lab, side, &arguments), _plugins: plugins }
    }

    fn sums(&self) -> Sums {
        let metrics = self.running.settled(&["counts"]);
        let [records, packets, bytes] = ["records", "packets", "bytes"]
            .map(|what| metrics.sum(&format!("guest_{what}_total"), &[]));
        Sums { records, packets, bytes }
    }
}

/// Large packets that a tap sees before they are cut count as what a tap on the other side sees
/// after the cut, and as what the interface says it sent.
#[test]
fn super_packets_count_as_the_packets_they_become() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    // Native XDP on one end of a veth pair makes the kernel cut what the other end sends.
    let cut = OneTap::start(&lab, Side::Far, "xdp-native", "none");
    let whole = OneTap::start(&lab, Side::Near, "none", "tc");
    for family in paths(&lab).into_iter().map(|path| path.family) {
        let path = Path::new(Side::Near, family);
        assert_eq!(traffic::udp_gso(&lab, path, 5, 40, 1000).unwrap(), 200);
        assert_eq!(traffic::tcp(&lab, path.to_port(443), 3, 300_000).unwrap(), 900_000);
        let (sent, received) = (whole.sums(), cut.sums());
        assert_eq!((sent.packets, sent.bytes), (received.packets, received.bytes));
        assert_eq!(received.records, received.packets);
        assert!(sent.records < sent.packets / 4, "nothing was left to cut: {sent:?}");
        assert_eq!(lab.statistics(Side::Near).unwrap().tx_packets, sent.packets);
    }
    whole.running.terminate().assert_clean();
    cut.running.terminate().assert_clean();
}

/// As above, but the packets stay large all the way: ingress counts them as egress did.
#[test]
fn super_packets_count_alike_at_both_ends() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let sender = OneTap::start(&lab, Side::Far, "none", "tc");
    let receiver = OneTap::start(&lab, Side::Near, "tc", "none");
    for family in paths(&lab).into_iter().map(|path| path.family) {
        let path = Path::new(Side::Far, family);
        let before = receiver.sums();
        assert_eq!(traffic::udp_gso(&lab, path, 5, 40, 1000).unwrap(), 200);
        let seen = receiver.sums();
        let frame = ETHERNET + ip_header(family) + 8 + 1000;
        let of_datagrams = Sums { records: 5, packets: 200, bytes: 200 * frame };
        assert_eq!(seen, before + of_datagrams);

        assert_eq!(traffic::tcp(&lab, path.to_port(443), 3, 300_000).unwrap(), 900_000);
        let seen = receiver.sums();
        assert_eq!(seen, sender.sums());
        assert!(seen.records < seen.packets, "no super-packets: {seen:?}");
    }
    sender.running.terminate().assert_clean();
    receiver.running.terminate().assert_clean();
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            packets: self.packets + other.packets,
            bytes: self.bytes + other.bytes,
        }
    }
}
