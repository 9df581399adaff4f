//! An event `packet` for each packet, its fields called as in `ringtap replay --print packets`,
//! and its `payload` if it comes with any.

use ringtap_plugin::{Aggregate, Batch, Event, Packet, Plugin, Refusal, interface_name};

struct EmitsPackets;

impl Plugin for EmitsPackets {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Aggregate for EmitsPackets {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for (packet, n) in batch.packets().zip(batch.sequence()..) {
            transport(network(link(&packet, n), &packet), &packet).emit();
        }
    }
}

fn link(packet: &Packet<'_>, n: u64) -> Event {
    let vlans: Vec<_> = packet.vlan_ids().map(|id| id.to_string()).collect();
    Event::new("packet", packet.time_ns())
        .field("n", n)
        .maybe("iface", interface_name(packet.ifindex()))
        .field("hook", packet.hook().name())
        .maybe("direction", packet.direction().map(|direction| direction.name()))
        .field("len", packet.wire_len())
        .field("packets", packet.packets())
        .field("bytes", packet.wire_bytes())
        .maybe("eth_src", packet.eth_src())
        .maybe("eth_dst", packet.eth_dst())
        .maybe("eth_type", packet.eth_type())
        .maybe("vlans", (!vlans.is_empty()).then(|| vlans.join(",")))
}

fn network(event: Event, packet: &Packet<'_>) -> Event {
    event
        .maybe("ip_version", packet.ip_version())
        .maybe("src", packet.src())
        .maybe("dst", packet.dst())
        .maybe("protocol", packet.protocol())
        .maybe("ttl", packet.ttl())
        .maybe("tos", packet.tos())
        .maybe("ip_len", packet.ip_len())
        .maybe("fragment", packet.is_fragment().then_some(true))
        .maybe("partial", packet.is_partial().then_some(true))
        .maybe("malformed", packet.is_malformed().then_some(true))
}

fn transport(event: Event, packet: &Packet<'_>) -> Event {
    event
        .maybe("src_port", packet.src_port())
        .maybe("dst_port", packet.dst_port())
        .maybe("tcp_flags", packet.tcp_flags().map(|flags| flags.0))
        .maybe("tcp_seq", packet.tcp_seq())
        .maybe("icmp_type", packet.icmp_type())
        .maybe("icmp_code", packet.icmp_code())
        .maybe("payload", (!packet.payload().is_empty()).then(|| packet.payload().to_vec()))
}

ringtap_plugin::export!(EmitsPackets: Aggregate);
