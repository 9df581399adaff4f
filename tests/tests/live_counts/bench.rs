use ringtap_lab::{Family, Lab, LabConfig, Side};
use ringtap_net::LinkStatistics;
use ringtap_tests::{Metrics, PluginDirectory, Running, lab};

use crate::{ETHERNET, Ingress};

/// A runtime with the guest `counts` on the near side of a lab, and what was counted before.
pub(crate) struct Bench {
    pub(crate) lab: Lab,
    ingress: Ingress,
    running: Running,
    _plugins: PluginDirectory,
    before: Counted,
}

/// Everything that counts the same packets.
#[derive(Clone)]
struct Counted {
    metrics: Metrics,
    link: LinkStatistics,
}

/// Packets and bytes in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) ingress: u64,
    pub(crate) egress: u64,
    pub(crate) bytes: u64,
}

impl Bench {
    pub(crate) fn new(config: LabConfig, ingress: Ingress) -> Option<Self> {
        let lab = lab(config)?;
        let plugins = PluginDirectory::new(&["counts"]);
        let arguments = ["--ingress", ingress.flag, "--plugins", plugins.as_str()];
        let running = Running::start(&lab, &arguments);
        running.log_line(ingress.how);
        running.log_line("tc egress by TCX link");
        let before = count(&lab, &running);
        Some(Self { lab, ingress, running, _plugins: plugins, before })
    }

    /// What came since the last look, after checking that the taps, the plugin and the interface
    /// agree on it and that it is all of this protocol.
    pub(crate) fn seen(&mut self, protocol: &str, family: Family) -> Seen {
        let now = count(&self.lab, &self.running);
        let before = std::mem::replace(&mut self.before, now.clone());
        let grown = |name: &str, labels: &[(&str, &str)]| {
            now.metrics.sum(name, labels) - before.metrics.sum(name, labels)
        };
        let tap = |direction, hook| {
            let labels = [("interface", "near0"), ("hook", hook), ("direction", direction)];
            let seen = grown("ringtap_packets_seen_total", &labels);
            assert_eq!(grown("ringtap_packets_published_total", &labels), seen);
            seen
        };
        let (ingress, egress) = (tap("ingress", self.ingress.hook), tap("egress", "tc"));
        let ip_version = if family == Family::V4 { "4" } else { "6" };
        let labels = [("protocol", protocol), ("ip_version", ip_version)];
        let packets = grown("guest_packets_total", &labels);
        assert_eq!(packets, ingress + egress, "the plugin and the taps, {labels:?}");
        assert_eq!(grown("guest_packets_total", &[]), packets, "other packets than {labels:?}");
        assert_eq!(grown("guest_records_total", &[]), packets);
        assert_eq!(now.link.rx_packets - before.link.rx_packets, ingress, "the interface");
        assert_eq!(now.link.tx_packets - before.link.tx_packets, egress, "the interface");
        let bytes = grown("guest_bytes_total", &labels);
        let link_bytes = now.link.rx_bytes + now.link.tx_bytes;
        let link_bytes = link_bytes - before.link.rx_bytes - before.link.tx_bytes;
        // A veth with native XDP counts what it receives without the Ethernet header.
        let uncounted = if self.ingress.flag == "xdp-native" { ingress * ETHERNET } else { 0 };
        assert_eq!(bytes, link_bytes + uncounted, "the interface");
        Seen { ingress, egress, bytes }
    }

    pub(crate) fn finish(self) {
        assert_eq!(self.before.metrics.sum("guest_sequence_errors_total", &[]), 0);
        let ended = self.running.terminate();
        ended.assert_clean();
    }
}

/// All that was sent so far, which has to have arrived.
fn count(lab: &Lab, running: &Running) -> Counted {
    let metrics = running.settled(&["counts"]);
    Counted { metrics, link: lab.statistics(Side::Near).unwrap() }
}

/// Packets one way, as the near side sees them.
pub(crate) fn one_way(from: Side, packets: u64, bytes: u64) -> Seen {
    match from {
        Side::Near => Seen { ingress: 0, egress: packets, bytes },
        Side::Far => Seen { ingress: packets, egress: 0, bytes },
    }
}
