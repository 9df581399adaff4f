use ringtap_record::PacketRecord;

/// How much of addresses a plugin sees: the first bits, the others are 0. More bits than an address
/// has mean all of it, which is the default.
///
/// What would give masked bits back in a record goes too: with `v4` below 32 the IPv4 header checksum
/// is 0. These stay, and are for the operator to think of: the payload, which is not looked into; the
/// MAC address of a multicast packet, which holds bits of its IP address (mask `mac` with it); and
/// the plugin's own filters, which are matched on addresses as they are, so that one for a single
/// host tells that host. The IPv6 flow label and the IP identification say nothing of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Bits of source and destination in IPv4 and ARP, of 32.
    pub v4: u8,
    /// Bits of source and destination in IPv6, of 128.
    pub v6: u8,
    /// Bits of MAC addresses, of 48; 24 leave the vendor.
    pub mac: u8,
}

impl Default for Mask {
    fn default() -> Self {
        Self { v4: V4, v6: V6, mac: MAC }
    }
}

const V4: u8 = 32;
const V6: u8 = 128;
const MAC: u8 = 48;

impl Mask {
    /// Whether it leaves everything as it is.
    pub fn is_none(&self) -> bool {
        self.v4 >= V4 && self.v6 >= V6 && self.mac >= MAC
    }

    /// Mask one record.
    pub fn apply(&self, record: &mut PacketRecord) {
        let addresses =
            [(&mut record.src_hi, &mut record.src_lo), (&mut record.dst_hi, &mut record.dst_lo)];
        let mask = match record.ip_version {
            6 => first(self.v6, V6),
            // Of all others the address is in the low 32 bits, if there is one.
            _ => first(self.v4, V4),
        };
        for (hi, lo) in addresses {
            (*hi, *lo) = (*hi & (mask >> 64) as u64, *lo & mask as u64);
        }
        if self.v4 < V4 {
            record.ip_checksum = 0;
        }
        let mask = first(self.mac, MAC);
        let (hi, lo) = ((mask >> 16) as u32, mask as u16);
        record.eth_src_hi &= hi;
        record.eth_dst_hi &= hi;
        record.eth_src_lo &= lo;
        record.eth_dst_lo &= lo;
    }
}

/// A number of `width` bits of which the first are set.
fn first(bits: u8, width: u8) -> u128 {
    let all = u128::MAX >> (128 - u32::from(width));
    let masked = u32::from(width.saturating_sub(bits));
    all & u128::MAX.checked_shl(masked).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use ringtap_record::mark;

    use super::*;

    fn v4(src: [u8; 4], dst: [u8; 4]) -> PacketRecord {
        PacketRecord {
            ip_version: 4,
            ip_len: 40,
            ip_checksum: 0x1234,
            ip_id: 7,
            src_lo: u32::from_be_bytes(src).into(),
            dst_lo: u32::from_be_bytes(dst).into(),
            ..macs()
        }
    }

    fn macs() -> PacketRecord {
        PacketRecord {
            marks: mark::ETH_SRC | mark::ETH_DST,
            eth_src_hi: 0x0102_0304,
            eth_src_lo: 0x0506,
            eth_dst_hi: 0xffff_ffff,
            eth_dst_lo: 0xffff,
            ..PacketRecord::default()
        }
    }

    fn masked(mut record: PacketRecord, v4: u8, v6: u8, mac: u8) -> PacketRecord {
        Mask { v4, v6, mac }.apply(&mut record);
        record
    }

    #[test]
    fn by_default_nothing_is_masked() {
        let record = v4([10, 1, 2, 3], [255, 255, 255, 255]);
        for (v4, v6, mac) in [(32, 128, 48), (255, 255, 255)] {
            assert!(Mask { v4, v6, mac }.is_none());
            assert_eq!(masked(record, v4, v6, mac), record);
        }
        assert!(Mask::default().is_none());
        for (v4, v6, mac) in [(31, 128, 48), (32, 127, 48), (32, 128, 47)] {
            assert!(!Mask { v4, v6, mac }.is_none());
        }
    }

    #[test]
    fn ipv4_keeps_its_prefix_and_no_checksum() {
        let record = v4([10, 1, 2, 3], [255, 255, 255, 255]);
        for (bits, src, dst) in [
            (24, [10, 1, 2, 0], [255, 255, 255, 0]),
            (31, [10, 1, 2, 2], [255, 255, 255, 254]),
            (0, [0; 4], [0; 4]),
        ] {
            let expected = PacketRecord { ip_checksum: 0, ..v4(src, dst) };
            let masked = masked(record, bits, 128, 48);
            assert_eq!(masked, expected);
            assert_eq!(masked.src(), Some(IpAddr::V4(Ipv4Addr::from(src))));
        }
        assert_eq!(masked(record, 32, 0, 48), record);
    }

    #[test]
    fn arp_is_masked_as_ipv4_is() {
        let arp =
            PacketRecord { ip_version: 0, marks: mark::ARP, ..v4([10, 1, 2, 3], [10, 1, 2, 4]) };
        let masked = masked(arp, 8, 128, 48);
        assert_eq!((masked.src_lo, masked.dst_lo), (0x0a00_0000, 0x0a00_0000));
    }

    #[test]
    fn ipv6_is_one_number_over_both_halves() {
        let address = |text: &str| u128::from_be_bytes(text.parse::<Ipv6Addr>().unwrap().octets());
        let (src, dst) = (address("2001:db8:1:2:3:4:5:6"), u128::MAX);
        let record = PacketRecord {
            ip_version: 6,
            ip_len: 40,
            src_hi: (src >> 64) as u64,
            src_lo: src as u64,
            dst_hi: (dst >> 64) as u64,
            dst_lo: dst as u64,
            flow_label: 9,
            ..PacketRecord::default()
        };
        for (bits, src, dst) in [
            (128, "2001:db8:1:2:3:4:5:6", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            (72, "2001:db8:1:2::", "ffff:ffff:ffff:ffff:ff00::"),
            (64, "2001:db8:1:2::", "ffff:ffff:ffff:ffff::"),
            (48, "2001:db8:1::", "ffff:ffff:ffff::"),
            (0, "::", "::"),
        ] {
            let masked = masked(record, 0, bits, 48);
            assert_eq!(masked.src(), Some(src.parse().unwrap()), "{bits}");
            assert_eq!(masked.dst(), Some(dst.parse().unwrap()), "{bits}");
            assert_eq!(masked.flow_label, 9);
        }
    }

    #[test]
    fn mac_addresses_keep_their_vendor() {
        for (bits, src, dst) in [
            (24, "01:02:03:00:00:00", "ff:ff:ff:00:00:00"),
            (40, "01:02:03:04:05:00", "ff:ff:ff:ff:ff:00"),
            (0, "00:00:00:00:00:00", "00:00:00:00:00:00"),
        ] {
            let masked = masked(macs(), 32, 128, bits);
            assert_eq!(masked.eth_src().unwrap().to_string(), src);
            assert_eq!(masked.eth_dst().unwrap().to_string(), dst);
        }
    }
}
