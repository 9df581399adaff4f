//! Reading captures to their end, and what that must always hold to.

#![expect(dead_code, reason = "each test file uses some of it")]

use std::{fs, io::Cursor, path::Path};

use ringtap_capture::{Capture, CaptureError, Frame, Link, MAX_FRAME_BYTES};

/// A [`Frame`] that owns its bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Owned {
    pub(crate) number: u64,
    pub(crate) timestamp_ns: u64,
    pub(crate) wire_len: u32,
    pub(crate) interface: u32,
    pub(crate) link: Link,
    pub(crate) direction: Option<ringtap_record::Direction>,
    pub(crate) bytes: Vec<u8>,
}

impl Owned {
    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame {
            number: self.number,
            timestamp_ns: self.timestamp_ns,
            wire_len: self.wire_len,
            interface: self.interface,
            link: self.link,
            direction: self.direction,
            bytes: &self.bytes,
        }
    }
}

pub(crate) struct Outcome {
    pub(crate) frames: Vec<Owned>,
    pub(crate) error: Option<CaptureError>,
    pub(crate) capture: Option<Capture>,
}

/// The committed capture of that name.
pub(crate) fn capture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) const ALL: [&str; 9] = [
    "demo.pcap",
    "swapped.pcap",
    "nano.pcap",
    "raw.pcap",
    "null.pcap",
    "loop.pcap",
    "cooked.pcap",
    "cooked2.pcap",
    "mixed.pcapng",
];

/// Read to the end. No byte may come out twice, and nothing after the end.
pub(crate) fn read(bytes: Vec<u8>) -> Outcome {
    let len = bytes.len();
    let mut capture = match Capture::new("test", Cursor::new(bytes)) {
        Ok(capture) => capture,
        Err(error) => return Outcome { frames: Vec::new(), error: Some(error), capture: None },
    };
    let (mut frames, mut total) = (Vec::new(), 0);
    let error = loop {
        match capture.next_frame() {
            Ok(Some(frame)) => frames.push(owned(&frame)),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        total += frames.last().map_or(0, |frame| frame.bytes.len());
        assert!(total <= len, "more came out than went in");
    };
    assert!(matches!(capture.next_frame(), Ok(None)));
    Outcome { frames, error, capture: Some(capture) }
}

fn owned(frame: &Frame<'_>) -> Owned {
    assert!(frame.bytes.len() <= MAX_FRAME_BYTES);
    Owned {
        number: frame.number,
        timestamp_ns: frame.timestamp_ns,
        wire_len: frame.wire_len,
        interface: frame.interface,
        link: frame.link,
        direction: frame.direction,
        bytes: frame.bytes.to_vec(),
    }
}

/// Frames of a capture that must be read without an error.
pub(crate) fn frames(name: &str) -> Vec<Owned> {
    let outcome = read(capture(name));
    assert!(outcome.error.is_none(), "{name}: {:?}", outcome.error);
    outcome.frames
}
