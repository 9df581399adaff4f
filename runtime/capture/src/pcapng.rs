//! The format of Wireshark, draft-ietf-opsawg-pcapng.

use crate::{
    capture::{Interface, MAX_FRAME_BYTES, Packet},
    error::CaptureError,
    fields::{Fields, Order},
    link::LinkType,
    source::Source,
    time::Clock,
};
use ringtap_record::Direction;

/// The type of a section header, the same in both byte orders.
pub(crate) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Type, length, and the length again at the end.
const FRAMING_BYTES: u32 = 12;
/// Blocks that are read have no more than this for options beside a packet.
const MAX_BLOCK_BYTES: u32 = 2 * MAX_FRAME_BYTES as u32;
/// Interfaces of all sections. Each holds a name until the capture is closed.
const MAX_INTERFACES: usize = 1 << 16;
const MAX_NAME_BYTES: usize = 256;

const BLOCK_START: &str = "a block header";
const BLOCK: &str = "a block";

/// Reads packets after the first section header's type.
#[derive(Debug)]
pub(crate) struct Reader {
    order: Order,
    /// Where the interfaces of this section start among those of the capture.
    first: usize,
    clocks: Vec<(Clock, SnapLen)>,
}

/// Bytes kept of each packet, 0 for all.
type SnapLen = u32;

struct Block {
    kind: u32,
    offset: u64,
}

impl Reader {
    /// Read the rest of the first section header.
    pub(crate) fn open(source: &mut Source) -> Result<Self, CaptureError> {
        let mut reader = Self { order: Order::Little, first: 0, clocks: Vec::new() };
        reader.section(source, 0)?;
        Ok(reader)
    }

    /// Read blocks up to the next packet; `None` at the end. `interfaces` grows on the way.
    pub(crate) fn next(
        &mut self,
        source: &mut Source,
        interfaces: &mut Vec<Interface>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Packet>, CaptureError> {
        loop {
            let offset = source.offset();
            let Some(kind) = source.start::<4>(BLOCK_START)? else { return Ok(None) };
            let block = Block { kind: self.order.u32(kind), offset };
            match block.kind {
                SECTION => {
                    self.section(source, offset)?;
                    self.first = interfaces.len();
                    self.clocks.clear();
                }
                INTERFACE => {
                    self.body(source, &block, buffer)?;
                    let interface = self.interface(buffer).ok_or_else(|| {
                        malformed(source, &block, "is too short for an interface description")
                    })?;
                    if interfaces.len() == MAX_INTERFACES {
                        return Err(malformed(source, &block, "is one interface too many"));
                    }
                    interfaces.push(interface);
                }
                PACKET | SIMPLE_PACKET | ENHANCED_PACKET => {
                    self.body(source, &block, buffer)?;
                    return self.packet(source, &block, buffer).map(Some);
                }
                _ => self.skip(source, offset)?,
            }
        }
    }

    /// Read a section header from its length on. It says which byte order all others have.
    fn section(&mut self, source: &mut Source, offset: u64) -> Result<(), CaptureError> {
        let [a, b, c, d, magic @ ..] = source.array::<8>(BLOCK_START)?;
        let block = Block { kind: SECTION, offset };
        self.order = match magic {
            [0x4d, 0x3c, 0x2b, 0x1a] => Order::Little,
            [0x1a, 0x2b, 0x3c, 0x4d] => Order::Big,
            _ => return Err(malformed(source, &block, "has no byte-order magic")),
        };
        let len = self.order.u32([a, b, c, d]);
        let version = source.array::<4>(BLOCK)?;
        let mut fields = Fields::new(self.order, &version);
        let (major, minor) = fields.u16().zip(fields.u16()).unwrap_or_default();
        if major != 1 {
            let name = source.name();
            return Err(CaptureError::Version { name, format: "pcapng", major, minor });
        }
        // Section length and options: how long sections are is seen when the next one starts.
        let rest = check(source, offset, len, 28, u32::MAX)? - 20;
        source.skip(u64::from(rest), BLOCK)?;
        self.trailer(source, offset, len)
    }

    /// Read a block from its length on: its body without the framing.
    fn body(
        &self,
        source: &mut Source,
        block: &Block,
        buffer: &mut Vec<u8>,
    ) -> Result<(), CaptureError> {
        let len = self.order.u32(source.array(BLOCK_START)?);
        check(source, block.offset, len, FRAMING_BYTES, MAX_BLOCK_BYTES)?;
        source.read((len - FRAMING_BYTES) as usize, buffer, BLOCK)?;
        self.trailer(source, block.offset, len)
    }

    fn skip(&self, source: &mut Source, offset: u64) -> Result<(), CaptureError> {
        let len = self.order.u32(source.array(BLOCK_START)?);
        check(source, offset, len, FRAMING_BYTES, u32::MAX)?;
        source.skip(u64::from(len - FRAMING_BYTES), BLOCK)?;
        self.trailer(source, offset, len)
    }

    fn trailer(&self, source: &mut Source, offset: u64, len: u32) -> Result<(), CaptureError> {
        let again = self.order.u32(source.array("a block's trailing length")?);
        if again == len {
            return Ok(());
        }
        let problem = "has another length at its end than at its start";
        Err(CaptureError::Malformed { name: source.name(), offset, what: "the block", problem })
    }

    fn interface(&mut self, body: &[u8]) -> Option<Interface> {
        let mut fields = Fields::new(self.order, body);
        let link_type = LinkType(u32::from(fields.u16()?));
        fields.u16()?;
        let snap_len = fields.u32()?;
        let (mut name, mut resolution, mut offset) = (None, 6, 0);
        for (code, value) in options(fields) {
            match (code, value) {
                (2, _) => name = Some(text(value)),
                (9, &[exponent, ..]) => resolution = exponent,
                (14, _) => offset = Fields::new(self.order, value).i64().unwrap_or_default(),
                _ => {}
            }
        }
        self.clocks.push((Clock::new(resolution, offset), snap_len));
        Some(Interface::new(name, link_type))
    }

    fn packet(&self, source: &Source, block: &Block, body: &[u8]) -> Result<Packet, CaptureError> {
        let too_short = || malformed(source, block, "is too short for the packet in it");
        let fields = Fields::new(self.order, body);
        let layout = match block.kind {
            SIMPLE_PACKET => self.simple(fields),
            kind => stamped(kind, fields),
        };
        let layout = layout.ok_or_else(too_short)?;
        let (clock, _) = *self.clocks.get(layout.interface).ok_or_else(|| {
            malformed(source, block, "names an interface that no block before it describes")
        })?;
        if layout.cap_len > MAX_FRAME_BYTES {
            return Err(malformed(source, block, "has a packet of more than 1 MiB"));
        }
        let (start, mut rest) = (body.len() - layout.rest.len(), layout.rest);
        rest.padded(layout.cap_len).ok_or_else(too_short)?;
        Ok(Packet {
            timestamp_ns: layout.timestamp.map_or(0, |timestamp| clock.ns(timestamp)),
            wire_len: layout.wire_len,
            interface: self.first + layout.interface,
            direction: options(rest).find_map(|(code, value)| {
                let flags = Fields::new(self.order, value).u32().filter(|_| code == 2);
                flags.and_then(direction)
            }),
            bytes: start..start + layout.cap_len,
        })
    }

    /// A simple packet is the section's first interface's, and cut where that says.
    fn simple<'a>(&self, mut fields: Fields<'a>) -> Option<Layout<'a>> {
        let wire_len = fields.u32()?;
        let snap_len = match self.clocks.first() {
            Some(&(_, limit)) if limit != 0 => limit,
            _ => u32::MAX,
        };
        let cap_len = (wire_len.min(snap_len) as usize).min(fields.len());
        Some(Layout { interface: 0, timestamp: None, cap_len, wire_len, rest: fields })
    }
}

/// The fixed fields of a packet block.
struct Layout<'a> {
    interface: usize,
    timestamp: Option<u64>,
    cap_len: usize,
    wire_len: u32,
    rest: Fields<'a>,
}

/// The fields of an enhanced packet, and of the packet block that it replaced.
fn stamped(kind: u32, mut fields: Fields<'_>) -> Option<Layout<'_>> {
    let interface = if kind == PACKET {
        let (interface, _drops) = (fields.u16()?, fields.u16()?);
        u32::from(interface)
    } else {
        fields.u32()?
    };
    let timestamp = u64::from(fields.u32()?) << 32 | u64::from(fields.u32()?);
    let (cap_len, wire_len) = (fields.u32()? as usize, fields.u32()?);
    let (interface, timestamp) = (interface as usize, Some(timestamp));
    Some(Layout { interface, timestamp, cap_len, wire_len, rest: fields })
}

/// Codes and values, up to the end or to where they stop making sense.
fn options(mut fields: Fields<'_>) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (code, len) = (fields.u16()?, fields.u16()?);
        let value = fields.padded(usize::from(len))?;
        (code != 0).then_some((code, value))
    })
}

/// The option `epb_flags`, or `pack_flags`.
fn direction(flags: u32) -> Option<Direction> {
    match flags & 3 {
        1 => Some(Direction::Ingress),
        2 => Some(Direction::Egress),
        _ => None,
    }
}

fn text(value: &[u8]) -> String {
    let value = value.get(..MAX_NAME_BYTES).unwrap_or(value);
    String::from_utf8_lossy(value).trim_end_matches('\0').to_owned()
}

fn check(source: &Source, offset: u64, len: u32, min: u32, max: u32) -> Result<u32, CaptureError> {
    if (min..=max).contains(&len) {
        return Ok(len);
    }
    let (len, min, max) = (len.into(), min.into(), max.into());
    Err(CaptureError::Length { name: source.name(), offset, what: "the block", len, min, max })
}

fn malformed(source: &Source, block: &Block, problem: &'static str) -> CaptureError {
    let what = match block.kind {
        SECTION => "the section header",
        INTERFACE => "the interface description",
        _ => "the packet block",
    };
    CaptureError::Malformed { name: source.name(), offset: block.offset, what, problem }
}
