use std::{
    fs::File,
    io::{self, BufReader, Read},
    ops::Range,
    path::Path,
};

use ringtap_record::Direction;

use crate::{
    error::CaptureError,
    link::{Link, LinkType},
    pcap, pcapng,
    source::Source,
};

/// Captured bytes of a packet, at most. tcpdump takes 256 KiB, BIG TCP makes 512 KiB.
pub const MAX_FRAME_BYTES: usize = 1 << 20;

/// One packet of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The number of the packet in the capture, from 1. Packets that were passed over count too.
    pub number: u64,
    /// Unix time in ns; 0 in a simple packet block of pcapng, which has none.
    pub timestamp_ns: u64,
    /// Bytes on the wire, as the capture says; nothing makes sure that it isn't less than what was
    /// captured.
    pub wire_len: u32,
    /// The number of its interface in the capture, from 1.
    pub interface: u32,
    pub link: Link,
    /// As the capture says. That of a Linux cooked packet is in its bytes instead.
    pub direction: Option<Direction>,
    /// What was captured of it, at most [`MAX_FRAME_BYTES`].
    pub bytes: &'a [u8],
}

/// An interface of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The option `if_name` of pcapng, at most 256 bytes of it.
    pub name: Option<String>,
    pub link_type: LinkType,
    /// Packets so far.
    pub packets: u64,
}

/// A capture that is being read.
///
/// Packets of a pcapng interface whose link type isn't supported are passed over;
/// [`refused`](Self::refused) tells which and how many.
pub struct Capture {
    source: Source,
    format: Format,
    interfaces: Vec<Interface>,
    buffer: Vec<u8>,
    packets: u64,
    ended: bool,
}

enum Format {
    Pcap(pcap::Reader),
    Pcapng(pcapng::Reader),
}

/// A packet in the buffer.
pub(crate) struct Packet {
    pub(crate) timestamp_ns: u64,
    pub(crate) wire_len: u32,
    /// From 0.
    pub(crate) interface: usize,
    pub(crate) direction: Option<Direction>,
    pub(crate) bytes: Range<usize>,
}

impl Interface {
    pub(crate) fn new(name: Option<String>, link_type: LinkType) -> Self {
        Self { name, link_type, packets: 0 }
    }
}

impl Capture {
    /// Open a file and read its header. `-` is standard input.
    pub fn open(path: &Path) -> Result<Self, CaptureError> {
        if path == Path::new("-") {
            return Self::new("standard input", io::stdin());
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Self::new(&name, file),
            Err(source) => Err(CaptureError::Open { name, source }),
        }
    }

    /// Read the header of a capture. `name` stands in errors.
    pub fn new(name: &str, reader: impl Read + Send + 'static) -> Result<Self, CaptureError> {
        let reader = BufReader::with_capacity(64 * 1024, reader);
        let mut source = Source::new(name.to_owned(), Box::new(reader));
        let Some(start) = source.start::<4>("the file header")? else {
            return Err(CaptureError::Empty { name: source.name() });
        };
        let mut interfaces = Vec::new();
        let format = if let Some(flavour) = pcap::Flavour::from_magic(start) {
            let (reader, interface) = pcap::Reader::open(flavour, &mut source)?;
            if interface.link_type.link().is_none() {
                return Err(unsupported(&source, interface.link_type));
            }
            interfaces.push(interface);
            Format::Pcap(reader)
        } else if start == pcapng::SECTION_HEADER {
            Format::Pcapng(pcapng::Reader::open(&mut source)?)
        } else {
            return Err(no_capture(source.name(), start));
        };
        Ok(Self { source, format, interfaces, buffer: Vec::new(), packets: 0, ended: false })
    }

    /// The next packet; `None` at the end and after an error. An error at the end of a capture from
    /// which no packet could be taken names the link type that was in the way.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        while !self.ended {
            let packet = self.next_packet();
            self.ended = !matches!(packet, Ok(Some(_)));
            let Some(packet) = packet? else { return self.end() };
            // Readers hand out packets of interfaces that there are.
            let Some(interface) = self.interfaces.get_mut(packet.interface) else { continue };
            interface.packets += 1;
            self.packets += 1;
            if let Some(link) = interface.link_type.link() {
                return Ok(Some(Frame {
                    number: self.packets,
                    timestamp_ns: packet.timestamp_ns,
                    wire_len: packet.wire_len,
                    interface: packet.interface as u32 + 1,
                    link,
                    direction: packet.direction,
                    bytes: self.buffer.get(packet.bytes).unwrap_or_default(),
                }));
            }
        }
        Ok(None)
    }

    /// Interfaces seen so far; that of a [`Frame`] is at [`Frame::interface`] - 1.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// The name of an interface by its number, from 1.
    pub fn interface_name(&self, number: u32) -> Option<&str> {
        let at = (number as usize).checked_sub(1)?;
        self.interfaces.get(at)?.name.as_deref()
    }

    /// Interfaces so far whose packets were passed over because of their link type.
    pub fn refused(&self) -> impl Iterator<Item = &Interface> {
        let interfaces = self.interfaces.iter();
        interfaces.filter(|interface| interface.packets > 0 && interface.link_type.link().is_none())
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, CaptureError> {
        let (source, buffer) = (&mut self.source, &mut self.buffer);
        match &mut self.format {
            Format::Pcap(reader) => reader.next(source, buffer),
            Format::Pcapng(reader) => reader.next(source, &mut self.interfaces, buffer),
        }
    }

    fn end(&self) -> Result<Option<Frame<'_>>, CaptureError> {
        let taken = self
            .interfaces
            .iter()
            .any(|interface| interface.packets > 0 && interface.link_type.link().is_some());
        match self.refused().next() {
            Some(interface) if !taken => Err(unsupported(&self.source, interface.link_type)),
            _ => Ok(None),
        }
    }
}

fn unsupported(source: &Source, link_type: LinkType) -> CaptureError {
    CaptureError::UnsupportedLinkType { name: source.name(), link_type }
}

fn no_capture(name: String, start: [u8; 4]) -> CaptureError {
    let format = match start {
        [0x1f, 0x8b, ..] => "gzip",
        [0x28, 0xb5, 0x2f, 0xfd] => "zstd",
        [0x04, 0x22, 0x4d, 0x18] => "lz4",
        [0xfd, b'7', b'z', b'X'] => "xz",
        [b'B', b'Z', b'h', _] => "bzip2",
        _ => return CaptureError::NotACapture { name, start },
    };
    CaptureError::Compressed { name, format }
}
