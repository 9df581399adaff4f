//! Keys without a record: most packets are turned away, and making a record of one costs more than
//! to judge it.

use ringtap_record::{
    Frame, Start,
    wire::{be16, be32, be64, ether_type, ipv4, protocol},
};

use crate::{Dimension, Keys, Kind};

impl Keys {
    /// The keys of a packet with one VLAN tag at most and nothing between its IP header and its
    /// transport header, all in the frame: what [`Keys::of`] makes of its record, but for length,
    /// interface and direction, which headers don't say. `None` for any other packet, which has to
    /// be parsed.
    ///
    /// `vlan` is the tag that stands beside the frame, if there is one: it is the outermost.
    #[inline(always)]
    pub fn glance<F: Frame + ?Sized>(frame: &F, start: Start, vlan: Option<u16>) -> Option<Self> {
        let mut keys = Self { present: Keys::ALWAYS, ..Self::default() };
        if let Some(tci) = vlan {
            keys.set_vlan(tci);
        }
        match start {
            Start::Ethernet => keys.ethernet(frame)?,
            Start::Ip => keys.ip(frame)?,
            Start::EtherType(_) => return None,
        }
        Some(keys)
    }

    #[inline(always)]
    fn ethernet<F: Frame + ?Sized>(&mut self, frame: &F) -> Option<()> {
        let header = frame.load::<14>(0)?;
        let outer = be16(&header, 12);
        if !ether_type::is_vlan(outer) {
            return self.network(frame, outer, 14);
        }
        let tag = frame.load::<4>(14)?;
        if !self.has(Dimension::Vlan) {
            self.set_vlan(be16(&tag, 0));
        }
        self.network(frame, be16(&tag, 2), 18)
    }

    #[inline(always)]
    fn network<F: Frame + ?Sized>(&mut self, frame: &F, inner: u16, at: u32) -> Option<()> {
        match inner {
            ether_type::IPV4 => self.ipv4(frame, at),
            ether_type::IPV6 => self.ipv6(frame, at),
            _ => None,
        }
    }

    #[inline(always)]
    fn ip<F: Frame + ?Sized>(&mut self, frame: &F) -> Option<()> {
        let [first, _] = frame.load(0)?;
        match first >> 4 {
            4 => self.ipv4(frame, 0),
            6 => self.ipv6(frame, 0),
            _ => None,
        }
    }

    #[inline(always)]
    fn ipv4<F: Frame + ?Sized>(&mut self, frame: &F, at: u32) -> Option<()> {
        let header = frame.load::<20>(at)?;
        if header[0] != ipv4::PLAIN || be16(&header, 6) & ipv4::FRAGMENT != 0 {
            return None;
        }
        let content = be16(&header, 2).checked_sub(20)?;
        self.kind = Kind::Ipv4 as u8;
        self.src[1] = u64::from(be32(&header, 12));
        self.dst[1] = u64::from(be32(&header, 16));
        self.present |= Dimension::SrcV4.bit() | Dimension::DstV4.bit();
        self.set_header(header[9], header[8], header[1]);
        self.transport(frame, at + 20, content)
    }

    #[inline(always)]
    fn ipv6<F: Frame + ?Sized>(&mut self, frame: &F, at: u32) -> Option<()> {
        let header = frame.load::<40>(at)?;
        let content = be16(&header, 4);
        if header[0] >> 4 != 6 || content == 0 || protocol::is_extension(header[6]) {
            return None;
        }
        self.kind = Kind::Ipv6 as u8;
        self.src = [be64(&header, 8), be64(&header, 16)];
        self.dst = [be64(&header, 24), be64(&header, 32)];
        self.present |= Dimension::SrcV6.bit() | Dimension::DstV6.bit();
        self.set_header(header[6], header[7], (be16(&header, 0) >> 4) as u8);
        self.transport(frame, at + 40, content)
    }

    /// The header at `at`, of a packet that has `content` bytes from there on.
    #[inline(always)]
    fn transport<F: Frame + ?Sized>(&mut self, frame: &F, at: u32, content: u16) -> Option<()> {
        match self.protocol {
            protocol::TCP if content >= 20 => {
                let header = frame.load::<20>(at)?;
                self.set_ports(be16(&header, 0), be16(&header, 2));
                self.tcp_flags = header[13];
                self.present |= Dimension::TcpFlags.bit();
            }
            protocol::UDP | protocol::SCTP if content >= 8 => {
                let header = frame.load::<8>(at)?;
                self.set_ports(be16(&header, 0), be16(&header, 2));
            }
            protocol::TCP | protocol::UDP | protocol::SCTP => return None,
            _ => {}
        }
        Some(())
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use ringtap_record::{PacketRecord, parse};

    use super::*;

    const MACS: [u8; 12] = [2; 12];

    fn tcp4(flags: u8) -> Vec<u8> {
        let mut packet = vec![0x45, 46 << 2, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0];
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2, 4, 1, 1, 0xbb]);
        packet.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, 0, 9, 0, 0, 0, 0]);
        packet
    }

    fn udp6(next: u8) -> Vec<u8> {
        let mut packet = vec![0x6b, 0x80, 0, 0, 0, 8, next, 3];
        packet.extend((1..33).collect::<Vec<u8>>());
        packet.extend([0, 53, 0, 54, 0, 8, 0, 0]);
        packet
    }

    fn framed(before: &[&[u8]], packet: &[u8]) -> Vec<u8> {
        [&MACS[..], &before.concat(), packet].concat()
    }

    /// What a glance gives is what the record gives.
    fn check(frame: &[u8], start: Start, vlan: Option<u16>) -> Option<Keys> {
        let glance = Keys::glance(frame, start, vlan);
        let mut record = PacketRecord { wire_len: frame.len() as u32, ..PacketRecord::default() };
        if let Some(tci) = vlan {
            (record.vlan[0], record.vlan_count) = (tci, 1);
        }
        parse(frame, start, 0, &mut record);
        let keys = Keys { length: 0, ..Keys::of(&record) };
        if let Some(glance) = glance {
            assert_eq!(glance, keys, "{frame:02x?}");
        }
        glance
    }

    #[test]
    fn plain_packets_need_no_more_than_a_glance() {
        let ether = Start::Ethernet;
        let tagged: &[&[u8]] = &[&[0x81, 0, 0x20, 5], &[8, 0]];
        for (frame, start, vlan, expected) in [
            (framed(&[&[8, 0]], &tcp4(0x12)), ether, None, true),
            (framed(&[&[0x86, 0xdd]], &udp6(17)), ether, None, true),
            (framed(&[&[0x86, 0xdd]], &udp6(58)), ether, None, true),
            (framed(tagged, &tcp4(2)), ether, None, true),
            (framed(tagged, &tcp4(2)), ether, Some(0xf007), true),
            (tcp4(1), Start::Ip, None, true),
            (udp6(132), Start::Ip, None, true),
            (framed(&[&[0x86, 0xdd]], &udp6(0)), ether, None, false),
            (framed(&[&[0x81, 0, 0, 5, 0x81, 0, 0, 6], &[8, 0]], &tcp4(2)), ether, None, false),
            (framed(&[&[8, 6]], &[0; 28]), ether, None, false),
            (framed(&[&[8, 0]], &udp6(17)), ether, None, false),
        ] {
            assert_eq!(check(&frame, start, vlan).is_some(), expected, "{frame:02x?}");
            for len in 0..frame.len() {
                check(&frame[..len], start, vlan);
            }
        }
    }

    #[test]
    fn no_byte_of_a_header_can_make_the_two_differ() {
        let frames = [
            framed(&[&[8, 0]], &tcp4(0x12)),
            framed(&[&[0x86, 0xdd]], &udp6(17)),
            framed(&[&[0x81, 0, 0x20, 5], &[8, 0]], &tcp4(2)),
        ];
        for frame in frames {
            for at in 12..frame.len() {
                for value in 0..=255 {
                    let mut frame = frame.clone();
                    frame[at] = value;
                    check(&frame, Start::Ethernet, None);
                }
            }
        }
    }
}
