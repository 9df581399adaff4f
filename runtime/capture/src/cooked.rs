//! Linux cooked captures, from sockets that see packets without their link header:
//! <https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html> and `LINKTYPE_LINUX_SLL2.html`.

use ringtap_record::{Direction, PacketRecord, Start, mark};

use crate::capture::Frame;

/// `LINUX_SLL_P_802_2`: 802.2 logical link control follows.
const PROTOCOL_LLC: u16 = 4;
/// Smaller numbers are Linux's own, and no EtherTypes.
const FIRST_ETHER_TYPE: u16 = 0x0600;
/// The largest 802.3 length.
const MAX_LENGTH: u32 = 1500;

struct Header {
    packet_type: u16,
    hardware: u16,
    address_len: u16,
    address: [u8; 8],
    protocol: u16,
}

pub(crate) fn version_1(frame: &Frame<'_>, record: &mut PacketRecord) -> Option<(Start, u32)> {
    let Some(&[a, b, c, d, e, f, address @ .., g, h]) = frame.bytes.first_chunk::<16>() else {
        record.marks |= mark::PARTIAL;
        return None;
    };
    let header = Header {
        packet_type: u16::from_be_bytes([a, b]),
        hardware: u16::from_be_bytes([c, d]),
        address_len: u16::from_be_bytes([e, f]),
        address,
        protocol: u16::from_be_bytes([g, h]),
    };
    header.start(16, record)
}

pub(crate) fn version_2(frame: &Frame<'_>, record: &mut PacketRecord) -> Option<(Start, u32)> {
    let Some(&[a, b, _, _, _, _, _, _, c, d, packet_type, address_len, address @ ..]) =
        frame.bytes.first_chunk::<20>()
    else {
        record.marks |= mark::PARTIAL;
        return None;
    };
    let header = Header {
        packet_type: packet_type.into(),
        hardware: u16::from_be_bytes([c, d]),
        address_len: address_len.into(),
        address,
        protocol: u16::from_be_bytes([a, b]),
    };
    header.start(20, record)
}

impl Header {
    fn start(&self, len: u32, record: &mut PacketRecord) -> Option<(Start, u32)> {
        self.set_direction(record);
        self.set_sender(record);
        if !self.has_ether_type() {
            return None;
        }
        match self.protocol {
            // To the parser, a length where a type could be means that control follows.
            PROTOCOL_LLC => {
                let rest = record.wire_len.saturating_sub(len).min(MAX_LENGTH) as u16;
                Some((Start::EtherType(rest), len))
            }
            0..FIRST_ETHER_TYPE => None,
            ether_type => Some((Start::EtherType(ether_type), len)),
        }
    }

    /// To us, to all, to a group, or to someone else; 4 is from us.
    fn set_direction(&self, record: &mut PacketRecord) {
        record.direction = match self.packet_type {
            0..=3 => Direction::Ingress as u8,
            4 => Direction::Egress as u8,
            _ => record.direction,
        };
    }

    fn set_sender(&self, record: &mut PacketRecord) {
        let [a, b, c, d, e, f, ..] = self.address;
        if self.address_len == 6 {
            record.eth_src_hi = u32::from_be_bytes([a, b, c, d]);
            record.eth_src_lo = u16::from_be_bytes([e, f]);
            record.marks |= mark::ETH_SRC;
        }
    }

    /// Not with Frame Relay, the three kinds of 802.11, and netlink (`ARPHRD_*`).
    fn has_ether_type(&self) -> bool {
        !matches!(self.hardware, 770 | 801..=803 | 824)
    }
}
