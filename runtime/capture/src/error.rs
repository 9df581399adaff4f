use std::io;

use crate::link::LinkType;

/// Why a capture, or the rest of it, can't be read. `name` is the path, or `standard input`.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    #[error("can't open {name}")]
    Open {
        name: String,
        #[source]
        source: io::Error,
    },
    #[error("can't read {name} at byte {offset}")]
    Read {
        name: String,
        offset: u64,
        #[source]
        source: io::Error,
    },
    #[error("{name} is empty: a capture starts with a file header; was it written to the end?")]
    Empty { name: String },
    #[error(
        "{name} is not a pcap or pcapng capture: it starts with the bytes {start:02x?}; convert it \
         with `editcap -F pcapng` if it is a capture of another format"
    )]
    NotACapture { name: String, start: [u8; 4] },
    #[error("{name} is compressed ({format}): decompress it first, or pipe it to `replay -`")]
    Compressed { name: String, format: &'static str },
    #[error("{name}: {format} version {major}.{minor} is not known")]
    Version { name: String, format: &'static str, major: u16, minor: u16 },
    #[error(
        "{name} ends too early: {expected} starts at byte {offset} and takes {wanted} bytes, but \
         only {found} are there; packets before that were read"
    )]
    Truncated { name: String, offset: u64, expected: &'static str, wanted: u64, found: u64 },
    #[error(
        "{name}: {what} at byte {offset} says that it has {len} bytes, which is not between {min} \
         and {max}; packets before that were read"
    )]
    Length { name: String, offset: u64, what: &'static str, len: u64, min: u64, max: u64 },
    #[error("{name}: {what} at byte {offset} {problem}; packets before that were read")]
    Malformed { name: String, offset: u64, what: &'static str, problem: &'static str },
    #[error(
        "{name}: link type {link_type} is not supported; supported are Ethernet, raw IP, BSD \
         loopback and Linux cooked captures"
    )]
    UnsupportedLinkType { name: String, link_type: LinkType },
}
