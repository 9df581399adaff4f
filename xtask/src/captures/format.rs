//! Writers of captures, in every variant that readers have to take.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    Micro,
    Nano,
}

impl Endian {
    fn u16(self, value: u16) -> [u8; 2] {
        if self == Self::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self == Self::Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }
}

/// A pcap file.
pub(super) struct Pcap {
    endian: Endian,
    resolution: Resolution,
    bytes: Vec<u8>,
}

impl Pcap {
    pub(super) fn new(endian: Endian, resolution: Resolution, link_type: u32) -> Self {
        let magic = if resolution == Resolution::Nano { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
        let mut file = Self { endian, resolution, bytes: Vec::new() };
        file.words(&[magic]);
        file.bytes.extend(endian.u16(2));
        file.bytes.extend(endian.u16(4));
        file.words(&[0, 0, 262_144, link_type]);
        file
    }

    pub(super) fn packet(&mut self, time_ns: u64, wire_len: usize, kept: &[u8]) {
        let fraction = (time_ns % 1_000_000_000) as u32;
        let fraction = if self.resolution == Resolution::Nano { fraction } else { fraction / 1000 };
        let seconds = (time_ns / 1_000_000_000) as u32;
        self.words(&[seconds, fraction, kept.len() as u32, wire_len as u32]);
        self.bytes.extend_from_slice(kept);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn words(&mut self, words: &[u32]) {
        self.bytes.extend(words.iter().flat_map(|word| self.endian.u32(*word)));
    }
}

/// A pcapng file. Blocks belong to the section before them.
pub(super) struct Pcapng {
    endian: Endian,
    bytes: Vec<u8>,
}

impl Default for Pcapng {
    fn default() -> Self {
        Self { endian: Endian::Little, bytes: Vec::new() }
    }
}

impl Pcapng {
    pub(super) fn section(&mut self, endian: Endian) {
        self.endian = endian;
        let mut body = Vec::new();
        body.extend(endian.u32(0x1a2b_3c4d));
        body.extend(endian.u16(1));
        body.extend(endian.u16(0));
        // The length of a section need not be known.
        body.extend([0xff; 8]);
        self.option(&mut body, 4, b"cargo xtask captures");
        self.block(0x0a0d_0d0a, body);
    }

    /// `resolution` is `if_tsresol`; without it, timestamps are in microseconds.
    pub(super) fn interface(&mut self, link_type: u16, name: &str, resolution: Option<u8>) {
        let mut body = Vec::new();
        body.extend(self.endian.u16(link_type));
        body.extend([0, 0]);
        body.extend(self.endian.u32(262_144));
        self.option(&mut body, 2, name.as_bytes());
        if let Some(resolution) = resolution {
            self.option(&mut body, 9, &[resolution]);
        }
        self.option(&mut body, 0, &[]);
        self.block(1, body);
    }

    /// `direction` is 1 for inbound, 2 for outbound, 0 for not known.
    pub(super) fn enhanced_packet(
        &mut self,
        interface: u32,
        timestamp: u64,
        frame: &[u8],
        direction: u32,
    ) {
        let mut body = self.words(&[interface]);
        body.extend(self.stamped(timestamp, frame));
        if direction != 0 {
            self.option(&mut body, 2, &self.endian.u32(direction));
            self.option(&mut body, 0, &[]);
        }
        self.block(6, body);
    }

    pub(super) fn old_packet(&mut self, interface: u16, timestamp: u64, frame: &[u8]) {
        let mut body = self.endian.u16(interface).to_vec();
        // Drops: not known.
        body.extend([0xff, 0xff]);
        body.extend(self.stamped(timestamp, frame));
        self.block(2, body);
    }

    pub(super) fn simple_packet(&mut self, frame: &[u8]) {
        let mut body = self.words(&[frame.len() as u32]);
        padded(&mut body, frame);
        self.block(3, body);
    }

    /// A block of a kind that has no packet in it.
    pub(super) fn name_resolution(&mut self) {
        let mut body = Vec::new();
        self.option(&mut body, 1, b"\x0a\x00\x00\x01host.example\0");
        self.option(&mut body, 0, &[]);
        self.block(4, body);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn stamped(&self, timestamp: u64, frame: &[u8]) -> Vec<u8> {
        let len = frame.len() as u32;
        let mut body = self.words(&[(timestamp >> 32) as u32, timestamp as u32, len, len]);
        padded(&mut body, frame);
        body
    }

    fn option(&self, body: &mut Vec<u8>, code: u16, value: &[u8]) {
        body.extend(self.endian.u16(code));
        body.extend(self.endian.u16(value.len() as u16));
        padded(body, value);
    }

    fn block(&mut self, kind: u32, body: Vec<u8>) {
        let len = body.len() as u32 + 12;
        let framing = self.words(&[kind, len]);
        self.bytes.extend(framing);
        self.bytes.extend(body);
        self.bytes.extend(self.endian.u32(len));
    }

    fn words(&self, words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| self.endian.u32(*word)).collect()
    }
}

fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend_from_slice(bytes);
    body.resize(body.len().next_multiple_of(4), 0);
}
