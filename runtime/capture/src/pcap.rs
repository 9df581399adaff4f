//! The format of `tcpdump -w`, draft-ietf-opsawg-pcap, and what older tools wrote.

use crate::{
    capture::{Interface, MAX_FRAME_BYTES, Packet},
    error::CaptureError,
    fields::{Fields, Order},
    link::LinkType,
    source::Source,
};

const FORMAT: &str = "pcap";
const PACKET_HEADER: &str = "a packet header";
/// Bits of the link type field that don't tell the length of a frame check sequence.
const LINK_TYPE_BITS: u32 = 0x03ff_ffff;

/// What the magic number says about the packets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flavour {
    order: Order,
    nanoseconds: bool,
    /// Kuznetzov's patched libpcap: eight more bytes, which mean nothing here, in packet headers.
    patched: bool,
}

/// Reads packets after the file header.
#[derive(Debug)]
pub(crate) struct Reader {
    flavour: Flavour,
    minor_version: u16,
}

impl Flavour {
    pub(crate) fn from_magic(magic: [u8; 4]) -> Option<Self> {
        [Order::Little, Order::Big].into_iter().find_map(|order| {
            let (nanoseconds, patched) = match order.u32(magic) {
                0xa1b2_c3d4 => (false, false),
                0xa1b2_3c4d => (true, false),
                0xa1b2_cd34 => (false, true),
                _ => return None,
            };
            Some(Self { order, nanoseconds, patched })
        })
    }
}

impl Reader {
    /// Read what follows the magic number in the file header.
    pub(crate) fn open(
        flavour: Flavour,
        source: &mut Source,
    ) -> Result<(Self, Interface), CaptureError> {
        let header = source.array::<20>("the file header")?;
        let mut fields = Fields::new(flavour.order, &header);
        let (major, minor) = fields.u16().zip(fields.u16()).unwrap_or_default();
        if major != 2 || minor > 4 {
            let name = source.name();
            return Err(CaptureError::Version { name, format: FORMAT, major, minor });
        }
        // Time zone, accuracy and snapshot length: nobody ever set the first two, and packets say
        // themselves how long they are.
        let link_type = fields.bytes(12).and_then(|_| fields.u32()).unwrap_or_default();
        let link_type = LinkType(link_type & LINK_TYPE_BITS);
        Ok((Self { flavour, minor_version: minor }, Interface::new(None, link_type)))
    }

    /// Read the next packet into `buffer`; `None` at the end.
    pub(crate) fn next(
        &mut self,
        source: &mut Source,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Packet>, CaptureError> {
        let offset = source.offset();
        let Some(header) = source.start::<16>(PACKET_HEADER)? else { return Ok(None) };
        if self.flavour.patched {
            source.array::<8>(PACKET_HEADER)?;
        }
        let mut fields = Fields::new(self.flavour.order, &header);
        let mut word = || u64::from(fields.u32().unwrap_or_default());
        let (seconds, fraction) = (word(), word());
        let (cap_len, wire_len) = self.lengths(word(), word());
        if cap_len > MAX_FRAME_BYTES as u64 {
            let (what, len, max) = ("the packet", cap_len, MAX_FRAME_BYTES as u64);
            let name = source.name();
            return Err(CaptureError::Length { name, offset, what, len, min: 0, max });
        }
        source.read(cap_len as usize, buffer, "a packet")?;
        // A fraction of a second and more is wrong, but no reason to lose the packet.
        let fraction = if self.flavour.nanoseconds { fraction } else { fraction * 1000 };
        Ok(Some(Packet {
            timestamp_ns: seconds * 1_000_000_000 + fraction,
            wire_len: wire_len as u32,
            interface: 0,
            direction: None,
            bytes: 0..cap_len as usize,
        }))
    }

    /// Captured and original length. Versions before 2.3 had them the other way round, and both
    /// ways were written as 2.3.
    fn lengths(&self, first: u64, second: u64) -> (u64, u64) {
        let swapped = match self.minor_version {
            0..3 => true,
            3 => first > second,
            _ => false,
        };
        if swapped { (second, first) } else { (first, second) }
    }
}
