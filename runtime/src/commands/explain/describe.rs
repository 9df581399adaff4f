use std::net::SocketAddr;

use ringtap_interest::Kind;
use ringtap_record::{Direction, PacketRecord, mark};

/// From the lowest bit on.
const TCP_FLAGS: [&str; 9] = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr", "ae"];

/// A packet in a line: what it is, from whom to whom, how long, and where it was seen.
pub(super) fn in_words(record: &PacketRecord, interface: Option<&str>) -> String {
    let mut words = vec![headers(record)];
    words.push(format!("{} bytes", record.wire_len));
    if record.has(mark::FRAGMENT) {
        words.push(match record.frag_offset {
            0 => "first fragment".to_owned(),
            offset => format!("fragment at {offset}"),
        });
    }
    if record.has(mark::PARTIAL) {
        words.push("headers are cut off".to_owned());
    }
    if record.has(mark::MALFORMED) {
        words.push("headers contradict themselves or the length".to_owned());
    }
    words.extend(interface.map(|name| format!("interface {name}")));
    words.extend(direction(record).map(str::to_owned));
    words.join(", ")
}

fn headers(record: &PacketRecord) -> String {
    let mut words = Vec::new();
    words.extend(record.vlan_tags().iter().map(|tag| format!("VLAN {}", tag & 0xfff)));
    let kind = Kind::of(record);
    words.push(match kind {
        Kind::Ipv4 => format!("IPv4 {}", protocol(record.protocol)),
        Kind::Ipv6 => format!("IPv6 {}", protocol(record.protocol)),
        Kind::Ipv4Cut => "IPv4 without a whole header".to_owned(),
        Kind::Ipv6Cut => "IPv6 without a whole header".to_owned(),
        Kind::Arp | Kind::ArpOther => "ARP".to_owned(),
        Kind::Other if record.has(mark::ETH_TYPE) => format!("EtherType {:#06x}", record.eth_type),
        Kind::Other => "a frame of no known type".to_owned(),
    });
    words.extend(ends(record));
    if record.has(mark::TCP_FLAGS) {
        words.push(format!("[{}]", flags(record.tcp_flags)));
    }
    if record.has(mark::ICMP) {
        words.push(format!("type {} code {}", record.icmp_type, record.icmp_code));
    }
    words.join(" ")
}

/// From whom to whom.
fn ends(record: &PacketRecord) -> Option<String> {
    let (src, dst) = (record.src()?, record.dst()?);
    Some(match record.has(mark::PORTS) {
        true => {
            let src = SocketAddr::from((src, record.src_port));
            format!("{src} > {}", SocketAddr::from((dst, record.dst_port)))
        }
        false => format!("{src} > {dst}"),
    })
}

fn protocol(number: u8) -> String {
    match number {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmp6".to_owned(),
        132 => "sctp".to_owned(),
        number => format!("protocol {number}"),
    }
}

fn flags(flags: u16) -> String {
    let set = TCP_FLAGS.iter().enumerate().filter(|(bit, _)| flags >> bit & 1 != 0);
    let names: Vec<_> = set.map(|(_, name)| *name).collect();
    if names.is_empty() { "no flags".to_owned() } else { names.join(",") }
}

fn direction(record: &PacketRecord) -> Option<&'static str> {
    Some(match Direction::from_number(record.direction)? {
        Direction::Ingress => "inbound",
        Direction::Egress => "outbound",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn udp() -> PacketRecord {
        PacketRecord {
            ip_version: 4,
            ip_len: 40,
            eth_type: 0x0800,
            protocol: 17,
            src_lo: 0x0a00_0001,
            dst_lo: 0x0a00_0002,
            src_port: 53,
            dst_port: 5000,
            wire_len: 54,
            marks: mark::ETH_TYPE | mark::PORTS,
            ..PacketRecord::default()
        }
    }

    #[test]
    fn a_packet_is_one_line() {
        let plain = "IPv4 udp 10.0.0.1:53 > 10.0.0.2:5000, 54 bytes";
        assert_eq!(in_words(&udp(), None), plain);
        let mut tagged = PacketRecord { vlan_count: 1, direction: 2, ..udp() };
        tagged.vlan[0] = 0x2007;
        let wanted = format!("VLAN 7 {plain}, interface eth0, outbound");
        assert_eq!(in_words(&tagged, Some("eth0")), wanted);
        let syn = PacketRecord {
            protocol: 6,
            tcp_flags: 0x102,
            marks: udp().marks | mark::TCP_FLAGS | mark::PARTIAL,
            ..udp()
        };
        let wanted = "IPv4 tcp 10.0.0.1:53 > 10.0.0.2:5000 [syn,ae], 54 bytes, headers are cut off";
        assert_eq!(in_words(&syn, None), wanted);
        let later = PacketRecord { frag_offset: 8, marks: mark::FRAGMENT, ..udp() };
        let wanted = "IPv4 udp 10.0.0.1 > 10.0.0.2, 54 bytes, fragment at 8";
        assert_eq!(in_words(&later, None), wanted);
        let other =
            PacketRecord { eth_type: 0x88cc, marks: mark::ETH_TYPE, ..PacketRecord::default() };
        assert_eq!(in_words(&other, None), "EtherType 0x88cc, 0 bytes");
        assert_eq!(in_words(&PacketRecord::default(), None), "a frame of no known type, 0 bytes");
    }
}
