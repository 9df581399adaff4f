//! The header parser. Generic over where the bytes are, so that the taps and replay share it.
//!
//! Written for the verifier as much as for people: every function is inlined, every loop has a
//! constant bound, every offset is checked against a constant, and nothing is allocated.

mod arp;
mod ipv4;
mod ipv6;
mod link;
mod plain;
mod transport;

pub use plain::parse_plain;

use crate::{Frame, MAX_HEADER_BYTES, PacketRecord, mark};

/// What the first byte that is parsed belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// An Ethernet II or 802.3 header.
    Ethernet,
    /// What follows an EtherType, as in Linux cooked captures.
    EtherType(u16),
    /// An IPv4 or IPv6 header, told apart by its version.
    Ip,
}

/// Parse the headers from `offset` on into `record`.
///
/// The caller has zeroed `record` and set what headers don't say: `wire_len`, `cap_len` and the
/// rest of the metadata. A VLAN tag from metadata, already in `vlan[0]` and counted, is the first.
///
/// Stops where the frame ends ([`mark::PARTIAL`]) or headers contradict themselves
/// ([`mark::MALFORMED`]) and keeps what was right so far.
#[inline(always)]
pub fn parse<F: Frame + ?Sized>(frame: &F, start: Start, offset: u32, record: &mut PacketRecord) {
    parse_headers(frame, start, offset, record);
    check_length(record);
}

/// [`parse`] without the last step, for who learns the frame's length from its headers: `wire_len` may
/// be unset if `frame` gives it. [`check_length`] has to follow.
#[inline(always)]
pub fn parse_headers<F: Frame + ?Sized>(
    frame: &F,
    start: Start,
    offset: u32,
    record: &mut PacketRecord,
) {
    let marks = record.marks;
    let mut parser = Parser { frame, record, at: offset, end: u32::MAX, marks };
    // Where parsing stopped early, `marks` says why.
    let (Ok(()) | Err(Stopped)) = parser.run(start);
    parser.record.marks = parser.marks;
}

/// Mark an IP packet that claims more bytes than were on the wire: it contradicts itself, but its headers
/// are as good as any.
#[inline(always)]
pub fn check_length(record: &mut PacketRecord) {
    if record.ip_end() > record.frame_len() {
        record.marks |= mark::MALFORMED;
    }
}

/// Parsing ended before the last header; the reason is in `marks`.
struct Stopped;

type Step<T = ()> = Result<T, Stopped>;

/// Which network header comes next.
#[derive(Clone, Copy)]
enum Network {
    Ipv4,
    Ipv6,
    /// The version tells.
    Ip,
    Arp,
    /// Nothing that is parsed.
    Other,
}

struct Parser<'a, F: ?Sized> {
    frame: &'a F,
    record: &'a mut PacketRecord,
    /// Where the next header starts.
    at: u32,
    /// Where the innermost header that has a length says that its content ends.
    end: u32,
    /// A copy of the record's, kept in a register.
    marks: u32,
}

impl<F: Frame + ?Sized> Parser<'_, F> {
    #[inline(always)]
    fn run(&mut self, start: Start) -> Step {
        let network = match start {
            Start::Ethernet => self.ethernet()?,
            Start::EtherType(ether_type) => self.after_ether_type(ether_type)?,
            Start::Ip => Network::Ip,
        };
        self.forget_path();
        let network = match network {
            Network::Ip => self.ip_by_version()?,
            known => known,
        };
        match network {
            Network::Ipv4 => self.ipv4(),
            Network::Ipv6 => self.ipv6(),
            Network::Arp => self.arp(),
            Network::Ip | Network::Other => Ok(()),
        }
    }

    #[inline(always)]
    fn ip_by_version(&mut self) -> Step<Network> {
        let [first, _] = self.load()?;
        match first >> 4 {
            4 => Ok(Network::Ipv4),
            6 => Ok(Network::Ipv6),
            _ => self.malformed(),
        }
    }

    /// Different headers led here, but from here on they make no difference.
    #[inline(always)]
    fn forget_path(&mut self) {
        self.at = self.frame.conceal(self.at);
        self.end = self.frame.conceal(self.end);
        self.marks = self.frame.conceal(self.marks);
    }

    /// `N` bytes at the current place, not stepped over.
    #[inline(always)]
    fn load<const N: usize>(&mut self) -> Step<[u8; N]> {
        if self.at + N as u32 > self.end {
            return self.malformed();
        }
        match self.try_load(self.at) {
            Some(bytes) => Ok(bytes),
            None => self.partial(),
        }
    }

    /// `N` bytes at `at` if they are in the frame and within the enclosing header's length.
    #[inline(always)]
    fn try_load<const N: usize>(&self, at: u32) -> Option<[u8; N]> {
        if at > MAX_HEADER_BYTES || at + N as u32 > self.end {
            return None;
        }
        self.frame.load(at)
    }

    /// Bytes of the frame on the wire that stand in the frame, so without a tag from metadata.
    #[inline(always)]
    fn frame_len(&self) -> u32 {
        match self.frame.wire_len() {
            Some(len) => len,
            None => self.record.frame_len(),
        }
    }

    #[inline(always)]
    fn partial<T>(&mut self) -> Step<T> {
        self.marks |= mark::PARTIAL;
        Err(Stopped)
    }

    #[inline(always)]
    fn malformed<T>(&mut self) -> Step<T> {
        self.marks |= mark::MALFORMED;
        Err(Stopped)
    }
}
