use std::net::{IpAddr, SocketAddr};

use crate::{RECORD_SIZE, TcpFlags, mark, packet::FIELDS};

/// A packet for a test: 100 bytes on interface 1, in a capture, at time 0, wanted by the plugin's
/// first interest, not sampled and without payload, unless said otherwise.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Record {
    bytes: [u8; RECORD_SIZE],
    payload: Option<&'static [u8]>,
}

impl Record {
    /// A frame that is no IP.
    pub fn frame() -> Self {
        let record = Self { bytes: [0; RECORD_SIZE], payload: None };
        let record = record.set("hook", 3).set("ifindex", 1);
        record.set("matched", 1).set("sample_one_in", 1).len(100)
    }

    /// An IP packet of a protocol.
    pub fn ip(src: IpAddr, dst: IpAddr, protocol: u8) -> Self {
        let version = if src.is_ipv4() { 4 } else { 6 };
        let record = Self::frame().set("ip_version", version).set("ip_len", 86);
        let record = record.address("src", src).address("dst", dst);
        record.set("protocol", protocol.into()).set("ttl", 64)
    }

    /// A TCP packet between two sockets such as `10.0.0.1:80` or `[fc00::1]:80`.
    pub fn tcp(src: &str, dst: &str, flags: TcpFlags) -> Self {
        let record = Self::between(src, dst, 6).mark(mark::TCP_SEQ | mark::TCP_ACK);
        record.mark(mark::TCP_FLAGS | mark::TCP_WINDOW).set("tcp_flags", flags.0.into())
    }

    /// A UDP packet between two sockets.
    pub fn udp(src: &str, dst: &str) -> Self {
        Self::between(src, dst, 17)
    }

    fn between(src: &str, dst: &str, protocol: u8) -> Self {
        let parse = |text: &str| text.parse::<SocketAddr>().expect("an address and a port");
        let (src, dst) = (parse(src), parse(dst));
        let record = Self::ip(src.ip(), dst.ip(), protocol).mark(mark::PORTS);
        record.set("src_port", src.port().into()).set("dst_port", dst.port().into())
    }

    /// Bytes on the wire.
    pub fn len(self, bytes: u32) -> Self {
        self.set("wire_len", bytes.into()).set("cap_len", bytes.into())
    }

    /// Unix time in ns.
    pub fn at(self, time_ns: u64) -> Self {
        self.set("timestamp_ns", time_ns)
    }

    /// The interests that took it: bit i for the i-th.
    pub fn matched(self, interests: u64) -> Self {
        self.set("matched", interests)
    }

    /// One of a sample, in which one in so many was kept.
    pub fn sampled(self, one_in: u32) -> Self {
        self.set("sample_one_in", one_in.into())
    }

    /// With these first bytes behind its headers, which some interest asked for and was granted.
    pub fn payload(self, bytes: &'static [u8]) -> Self {
        Self { payload: Some(bytes), ..self }
    }

    /// Set bits of `marks`.
    pub fn mark(self, marks: u32) -> Self {
        let known = self.read("marks");
        self.set("marks", known | u64::from(marks))
    }

    /// Add a VLAN tag inside those that there are.
    pub fn vlan(self, id: u16) -> Self {
        let count = self.read("vlan_count");
        self.set(&format!("vlan{count}"), id.into()).set("vlan_count", count + 1)
    }

    /// Set a field of `layout.packet` by its name, with underscores. Panics if there is none or the
    /// value is too large for it.
    pub fn set(mut self, field: &str, value: u64) -> Self {
        let (offset, size) = place(field);
        let bytes = value.to_le_bytes();
        let (low, high) = bytes.split_at(size);
        assert!(high.iter().all(|byte| *byte == 0), "{field} has {size} bytes: {value}");
        self.bytes[offset..offset + size].copy_from_slice(low);
        self
    }

    /// The record as it stands in a batch, its payload behind what is in `all` already.
    pub(crate) fn placed(self, all: &mut Vec<u8>) -> [u8; RECORD_SIZE] {
        let Some(payload) = self.payload else { return self.bytes };
        let place = self.set("payload_offset", all.len() as u64);
        all.extend_from_slice(payload);
        place.set("payload_len", payload.len() as u64).bytes
    }

    fn read(&self, field: &str) -> u64 {
        let (offset, size) = place(field);
        let mut bytes = [0; 8];
        bytes[..size].copy_from_slice(&self.bytes[offset..offset + size]);
        u64::from_le_bytes(bytes)
    }

    fn address(self, end: &str, address: IpAddr) -> Self {
        let bits = match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        let (hi, lo) = (format!("{end}_hi"), format!("{end}_lo"));
        self.set(&hi, (bits >> 64) as u64).set(&lo, bits as u64)
    }
}

fn place(field: &str) -> (usize, usize) {
    let known = FIELDS.iter().find(|(name, ..)| *name == field);
    let (_, offset, size) = known.unwrap_or_else(|| panic!("no field is called {field:?}"));
    (*offset, *size)
}
