use ringtap_record::{Hook, PacketRecord, Start, mark, parse};

use crate::{capture::Frame, cooked, link::Link};

/// The record of a packet, as a tap would have made it.
///
/// `ifindex` is the number of the interface in the capture, `tap` is 0, the hook is
/// [`Hook::Replay`], and the direction is told where the capture tells it.
pub fn record(frame: &Frame<'_>) -> PacketRecord {
    let mut record = PacketRecord {
        timestamp_ns: frame.timestamp_ns,
        wire_len: frame.wire_len,
        cap_len: frame.bytes.len() as u32,
        ifindex: frame.interface,
        sample_one_in: 1,
        matched: 1,
        hook: Hook::Replay as u8,
        direction: frame.direction.map_or(0, |direction| direction as u8),
        ..PacketRecord::default()
    };
    if let Some((start, offset)) = start(frame, &mut record) {
        parse(frame.bytes, start, offset, &mut record);
    }
    record
}

/// Where headers that the parser knows start, if they do.
fn start(frame: &Frame<'_>, record: &mut PacketRecord) -> Option<(Start, u32)> {
    match frame.link {
        Link::Ethernet => Some((Start::Ethernet, 0)),
        Link::Ip => Some((Start::Ip, 0)),
        Link::Ipv4 => ip_of(4, frame.bytes, record),
        Link::Ipv6 => ip_of(6, frame.bytes, record),
        Link::Null | Link::Loop => loopback(frame, record),
        Link::Cooked => cooked::version_1(frame, record),
        Link::Cooked2 => cooked::version_2(frame, record),
    }
}

fn ip_of(version: u8, bytes: &[u8], record: &mut PacketRecord) -> Option<(Start, u32)> {
    if bytes.first().is_some_and(|first| first >> 4 != version) {
        record.marks |= mark::MALFORMED;
        return None;
    }
    Some((Start::Ip, 0))
}

/// Address families: 2 is IPv4's everywhere; IPv6 has 10 on Linux, 24 on NetBSD and OpenBSD, 28 on
/// FreeBSD, 30 on macOS.
fn loopback(frame: &Frame<'_>, record: &mut PacketRecord) -> Option<(Start, u32)> {
    let Some(&family) = frame.bytes.first_chunk::<4>() else {
        record.marks |= mark::PARTIAL;
        return None;
    };
    let in_network_order = u32::from_be_bytes(family);
    // All families are below 256, so only one order makes sense of one.
    let family = match frame.link {
        Link::Null if in_network_order > 0xff => in_network_order.swap_bytes(),
        _ => in_network_order,
    };
    match family {
        2 | 10 | 24 | 28 | 30 => Some((Start::Ip, 4)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ringtap_record::Direction;

    use super::*;

    /// IPv4 10.0.0.1 to 10.0.0.2, UDP 1 to 2, no payload.
    const UDP: [u8; 28] = [
        0x45, 0, 0, 28, 0, 7, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 0, 8, 0,
        0,
    ];

    fn frame(link: Link, bytes: &[u8]) -> Frame<'_> {
        let wire_len = bytes.len() as u32;
        Frame { number: 1, timestamp_ns: 7, wire_len, interface: 3, link, direction: None, bytes }
    }

    fn record_of(link: Link, start: &[u8]) -> PacketRecord {
        record(&frame(link, &[start, &UDP].concat()))
    }

    #[test]
    fn metadata() {
        let frame = frame(Link::Ip, &UDP);
        let frame = Frame { direction: Some(Direction::Egress), wire_len: 1000, ..frame };
        let record = record(&frame);
        assert_eq!((record.timestamp_ns, record.wire_len, record.cap_len), (7, 1000, 28));
        assert_eq!((record.ifindex, record.tap, record.hook, record.direction), (3, 0, 3, 2));
        assert_eq!((record.matched, record.sample_one_in), (1, 1));
        assert_eq!((record.src_port, record.dst_port, record.marks), (1, 2, mark::PORTS));
    }

    #[test]
    fn raw_ip_is_held_to_its_version() {
        assert_eq!(record_of(Link::Ipv4, &[]).ip_version, 4);
        assert_eq!(record_of(Link::Ipv6, &[]).ip_version, 0);
        assert_eq!(record_of(Link::Ipv6, &[]).marks, mark::MALFORMED);
        assert_eq!(record(&frame(Link::Ipv4, &[])).marks, mark::PARTIAL);
    }

    #[test]
    fn loopback_in_either_order() {
        for (link, family) in [
            (Link::Null, [2, 0, 0, 0]),
            (Link::Null, [0, 0, 0, 2]),
            (Link::Null, [30, 0, 0, 0]),
            (Link::Loop, [0, 0, 0, 2]),
        ] {
            let record = record_of(link, &family);
            assert_eq!((record.ip_version, record.l3_offset), (4, 4), "{link:?} {family:?}");
            assert_eq!((record.dst_port, record.marks), (2, mark::PORTS));
        }
        for (link, family) in [(Link::Loop, [2, 0, 0, 0]), (Link::Null, [7, 0, 0, 0])] {
            let record = record_of(link, &family);
            assert_eq!((record.ip_version, record.marks), (0, 0), "{link:?} {family:?}");
        }
        assert_eq!(record(&frame(Link::Null, &[2, 0, 0])).marks, mark::PARTIAL);
    }

    #[test]
    fn cooked_tells_sender_direction_and_type() {
        let header = [0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8, 0];
        let record = record_of(Link::Cooked, &header);
        assert_eq!(record.eth_src().unwrap().0, [2, 0, 0, 0, 0, 9]);
        assert_eq!((record.eth_dst(), record.direction), (None, 2));
        assert_eq!((record.eth_type, record.l3_offset, record.dst_port), (0x800, 16, 2));

        let header = [8, 0, 0, 0, 0, 0, 0, 5, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0];
        let record = record_of(Link::Cooked2, &header);
        assert_eq!(record.eth_src().unwrap().0, [2, 0, 0, 0, 0, 9]);
        assert_eq!((record.direction, record.ifindex), (1, 3));
        assert_eq!((record.eth_type, record.l3_offset, record.dst_port), (0x800, 20, 2));
    }

    #[test]
    fn cooked_without_an_ether_type() {
        let llc = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
        let record = record_of(Link::Cooked, &llc);
        assert_eq!((record.eth_src(), record.eth_type, record.dst_port), (None, 0x800, 2));

        let novell = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        assert_eq!(record_of(Link::Cooked, &novell).marks, 0);

        // Netlink's protocol field is a netlink family.
        let netlink = [0, 0, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0];
        assert_eq!(record_of(Link::Cooked, &netlink).marks, 0);
    }

    #[test]
    fn cooked_cut_short() {
        let header = [0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 8];
        let record = record(&frame(Link::Cooked, &header));
        assert_eq!((record.marks, record.direction), (mark::PARTIAL, 0));
    }
}
