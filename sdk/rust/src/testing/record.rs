use std::net::{IpAddr, SocketAddr};

use crate::{RECORD_SIZE, TcpFlags, mark, packet::FIELDS};

/// A packet for a test: 100 bytes on interface 1, in a capture, at time 0, unless said otherwise.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Record([u8; RECORD_SIZE]);

impl Record {
    /// A frame that is no IP.
    pub fn frame() -> Self {
        let record = Self([0; RECORD_SIZE]).set("hook", 3).set("ifindex", 1);
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
        self.0[offset..offset + size].copy_from_slice(low);
        self
    }

    pub(crate) fn as_bytes(&self) -> &[u8; RECORD_SIZE] {
        &self.0
    }

    fn read(&self, field: &str) -> u64 {
        let (offset, size) = place(field);
        let mut bytes = [0; 8];
        bytes[..size].copy_from_slice(&self.0[offset..offset + size]);
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
