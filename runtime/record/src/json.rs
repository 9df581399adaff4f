use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::{Direction, Hook, PacketRecord, mark};

/// A packet as a JSON object; a key is absent where the packet has no such thing.
///
/// Keys, in this order: `n`, `ts_ns`, `iface`, `hook`, `direction`, `len` (on the wire), `caplen`,
/// `eth_src`, `eth_dst`, `eth_type` (the innermost), `vlans` (ids, outermost first), `ip_version`,
/// `src`, `dst`, `protocol` (after extension headers), `ttl`, `tos` (the whole byte), `ip_len`,
/// `ip_id`, `ip_flags` (3 bits: DF is 2, MF is 1), `frag_offset` (bytes), `flow_label`, `src_port`,
/// `dst_port`, `tcp_flags`, `tcp_seq`, `tcp_ack`, `tcp_window`, `icmp_type`, `icmp_code`,
/// `fragment`, `partial`, `malformed` (`true` or absent). Of several IP headers, the outermost.
#[derive(Clone, Copy, Debug)]
pub struct PacketJson<'a> {
    /// The number of the packet, from 1.
    pub n: u64,
    /// The name of its interface, if it has one.
    pub iface: Option<&'a str>,
    /// Unix time in ns.
    pub ts_ns: u64,
    /// All the rest.
    pub record: &'a PacketRecord,
}

impl Serialize for PacketJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = Object { map: serializer.serialize_map(None)?, record: self.record };
        object.always("n", self.n)?;
        object.always("ts_ns", self.ts_ns)?;
        object.some("iface", self.iface)?;
        object.metadata()?;
        object.link()?;
        object.network()?;
        object.transport()?;
        object.verdicts()?;
        object.map.end()
    }
}

struct Object<'a, M> {
    map: M,
    record: &'a PacketRecord,
}

impl<M: SerializeMap> Object<'_, M> {
    fn metadata(&mut self) -> Result<(), M::Error> {
        let record = self.record;
        self.some("hook", Hook::from_number(record.hook).map(Hook::name))?;
        self.some("direction", Direction::from_number(record.direction).map(Direction::name))?;
        self.always("len", record.wire_len)?;
        self.always("caplen", record.cap_len)
    }

    fn link(&mut self) -> Result<(), M::Error> {
        let record = self.record;
        self.some("eth_src", record.eth_src().map(Text))?;
        self.some("eth_dst", record.eth_dst().map(Text))?;
        self.marked("eth_type", mark::ETH_TYPE, record.eth_type)?;
        let tags = record.vlan_tags();
        self.some("vlans", (!tags.is_empty()).then_some(VlanIds(tags)))
    }

    fn network(&mut self) -> Result<(), M::Error> {
        let record = self.record;
        self.some("ip_version", (record.ip_version != 0).then_some(record.ip_version))?;
        if !record.l3_header_complete() {
            return Ok(());
        }
        self.some("src", record.src())?;
        self.some("dst", record.dst())?;
        self.always("protocol", record.protocol)?;
        self.always("ttl", record.ttl)?;
        self.always("tos", record.tos)?;
        self.always("ip_len", record.ip_len)?;
        if record.ip_version == 4 || record.has(mark::IP6_FRAGMENT_HEADER) {
            self.always("ip_id", record.ip_id)?;
            self.always("ip_flags", record.ip_flags)?;
            self.always("frag_offset", record.frag_offset)?;
        }
        self.some("flow_label", (record.ip_version == 6).then_some(record.flow_label))
    }

    fn transport(&mut self) -> Result<(), M::Error> {
        let record = self.record;
        self.marked("src_port", mark::PORTS, record.src_port)?;
        self.marked("dst_port", mark::PORTS, record.dst_port)?;
        self.marked("tcp_flags", mark::TCP_FLAGS, record.tcp_flags)?;
        self.marked("tcp_seq", mark::TCP_SEQ, record.tcp_seq)?;
        self.marked("tcp_ack", mark::TCP_ACK, record.tcp_ack)?;
        self.marked("tcp_window", mark::TCP_WINDOW, record.tcp_window)?;
        self.marked("icmp_type", mark::ICMP, record.icmp_type)?;
        self.marked("icmp_code", mark::ICMP, record.icmp_code)
    }

    fn verdicts(&mut self) -> Result<(), M::Error> {
        self.marked("fragment", mark::FRAGMENT, true)?;
        self.marked("partial", mark::PARTIAL, true)?;
        self.marked("malformed", mark::MALFORMED, true)
    }

    fn always(&mut self, key: &'static str, value: impl Serialize) -> Result<(), M::Error> {
        self.map.serialize_entry(key, &value)
    }

    fn some(&mut self, key: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.always(key, value))
    }

    fn marked(
        &mut self,
        key: &'static str,
        mark: u32,
        value: impl Serialize,
    ) -> Result<(), M::Error> {
        self.some(key, self.record.has(mark).then_some(value))
    }
}

struct Text<T>(T);

impl<T: core::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct VlanIds<'a>(&'a [u16]);

impl Serialize for VlanIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut ids = serializer.serialize_seq(Some(self.0.len()))?;
        for tag in self.0 {
            ids.serialize_element(&(tag & 0xfff))?;
        }
        ids.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(record: &PacketRecord) -> String {
        let packet = PacketJson { n: 1, iface: None, ts_ns: 0, record };
        serde_json::to_string(&packet).unwrap()
    }

    #[test]
    fn every_key_of_tcp_over_ipv4_in_order() {
        let record = PacketRecord {
            marks: mark::ETH_SRC
                | mark::ETH_DST
                | mark::ETH_TYPE
                | mark::PORTS
                | mark::TCP_FLAGS
                | mark::TCP_SEQ
                | mark::TCP_ACK
                | mark::TCP_WINDOW
                | mark::FRAGMENT
                | mark::PARTIAL
                | mark::MALFORMED,
            hook: 3,
            direction: 2,
            wire_len: 1500,
            cap_len: 60,
            eth_src_hi: 0x0200_0000,
            eth_src_lo: 1,
            eth_dst_hi: 0xffff_ffff,
            eth_dst_lo: 0xffff,
            eth_type: 0x800,
            vlan: [0xe064, 7, 0, 0],
            vlan_count: 2,
            ip_version: 4,
            src_lo: 0x0a00_0001,
            dst_lo: 0x0a00_0002,
            protocol: 6,
            ttl: 64,
            tos: 0xb8,
            ip_len: 1486,
            ip_id: 9,
            ip_flags: 3,
            src_port: 1,
            dst_port: 443,
            tcp_flags: 0x112,
            tcp_seq: 5,
            tcp_ack: 6,
            ..PacketRecord::default()
        };
        let packet = PacketJson { n: 12, iface: Some("eth0"), ts_ns: 34, record: &record };
        assert_eq!(
            serde_json::to_string(&packet).unwrap(),
            concat!(
                r#"{"n":12,"ts_ns":34,"iface":"eth0","hook":"replay","direction":"egress","#,
                r#""len":1500,"caplen":60,"eth_src":"02:00:00:00:00:01","#,
                r#""eth_dst":"ff:ff:ff:ff:ff:ff","eth_type":2048,"vlans":[100,7],"#,
                r#""ip_version":4,"src":"10.0.0.1","dst":"10.0.0.2","protocol":6,"ttl":64,"#,
                r#""tos":184,"ip_len":1486,"ip_id":9,"ip_flags":3,"frag_offset":0,"#,
                r#""src_port":1,"dst_port":443,"tcp_flags":274,"tcp_seq":5,"tcp_ack":6,"#,
                r#""tcp_window":0,"fragment":true,"partial":true,"malformed":true}"#,
            )
        );
    }

    #[test]
    fn ipv6_has_identification_only_in_a_fragment_header() {
        let mut record = PacketRecord {
            marks: mark::ICMP,
            ip_version: 6,
            src_hi: 0xfe80 << 48,
            src_lo: 1,
            dst_hi: 0xff02 << 48,
            dst_lo: 2,
            ip_len: 40,
            flow_label: 3,
            protocol: 58,
            icmp_type: 135,
            ..PacketRecord::default()
        };
        let start = r#"{"n":1,"ts_ns":0,"len":0,"caplen":0,"ip_version":6,"src":"fe80::1","dst":"ff02::2","protocol":58,"ttl":0,"tos":0,"ip_len":40,"#;
        let end = r#""flow_label":3,"icmp_type":135,"icmp_code":0}"#;
        assert_eq!(json(&record), format!("{start}{end}"));

        record.marks |= mark::IP6_FRAGMENT_HEADER;
        let fragment = r#""ip_id":0,"ip_flags":0,"frag_offset":0,"#;
        assert_eq!(json(&record), format!("{start}{fragment}{end}"));
    }

    #[test]
    fn arp_has_no_ip_addresses() {
        let record = PacketRecord {
            marks: mark::ARP | mark::ETH_TYPE,
            eth_type: 0x806,
            src_lo: 1,
            icmp_type: 1,
            ..PacketRecord::default()
        };
        assert_eq!(json(&record), r#"{"n":1,"ts_ns":0,"len":0,"caplen":0,"eth_type":2054}"#);
    }

    #[test]
    fn an_ip_header_that_ends_early_tells_its_version_only() {
        let record =
            PacketRecord { marks: mark::PARTIAL, ip_version: 4, ihl: 5, ..PacketRecord::default() };
        assert_eq!(
            json(&record),
            r#"{"n":1,"ts_ns":0,"len":0,"caplen":0,"ip_version":4,"partial":true}"#
        );
    }
}
