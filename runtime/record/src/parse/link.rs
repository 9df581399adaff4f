use super::{Network, Parser, Step};
use crate::{
    Frame, VLAN_SLOTS, mark,
    wire::{be16, be32, ether_type, ppp},
};

/// MPLS labels that are stepped over, at most.
const MAX_LABELS: u8 = 8;

impl<F: Frame + ?Sized> Parser<'_, F> {
    #[inline(always)]
    pub(super) fn ethernet(&mut self) -> Step<Network> {
        let Some(header) = self.try_load::<14>(self.at) else {
            return self.short_ethernet();
        };
        self.set_eth_dst(&header);
        self.set_eth_src(&header);
        self.at += 14;
        self.after_ether_type(be16(&header, 12))
    }

    #[inline(always)]
    fn short_ethernet(&mut self) -> Step<Network> {
        if let Some(header) = self.try_load::<6>(self.at) {
            self.set_eth_dst(&header);
        }
        if let Some(header) = self.try_load::<12>(self.at) {
            self.set_eth_src(&header);
        }
        self.partial()
    }

    #[inline(always)]
    fn set_eth_dst(&mut self, header: &[u8]) {
        self.record.eth_dst_hi = be32(header, 0);
        self.record.eth_dst_lo = be16(header, 4);
        self.marks |= mark::ETH_DST;
    }

    #[inline(always)]
    fn set_eth_src(&mut self, header: &[u8]) {
        self.record.eth_src_hi = be32(header, 6);
        self.record.eth_src_lo = be16(header, 10);
        self.marks |= mark::ETH_SRC;
    }

    /// Tags, then whatever the innermost type says.
    #[inline(always)]
    pub(super) fn after_ether_type(&mut self, outermost: u16) -> Step<Network> {
        let mut ether_type = outermost;
        for _ in 0..VLAN_SLOTS {
            if !ether_type::is_vlan(ether_type) || self.record.vlan_count as usize >= VLAN_SLOTS {
                break;
            }
            self.set_ether_type(ether_type);
            let tag = self.load::<4>()?;
            self.push_vlan(be16(&tag, 0), ether_type != ether_type::VLAN);
            self.at += 4;
            ether_type = be16(&tag, 2);
        }
        if ether_type <= ether_type::MAX_LENGTH {
            self.marks &= !mark::ETH_TYPE;
            self.record.eth_type = 0;
            return self.llc(u32::from(ether_type));
        }
        self.set_ether_type(ether_type);
        self.by_ether_type(ether_type)
    }

    #[inline(always)]
    fn by_ether_type(&mut self, ether_type: u16) -> Step<Network> {
        match ether_type {
            ether_type::IPV4 => Ok(Network::Ipv4),
            ether_type::IPV6 => Ok(Network::Ipv6),
            ether_type::ARP => Ok(Network::Arp),
            ether_type::MPLS | ether_type::MPLS_MULTICAST => self.mpls(),
            ether_type::PPPOE_SESSION => self.pppoe(),
            // One tag more than a record has room for.
            _ if ether_type::is_vlan(ether_type) => self.partial(),
            _ => Ok(Network::Other),
        }
    }

    #[inline(always)]
    fn set_ether_type(&mut self, ether_type: u16) {
        self.record.eth_type = ether_type;
        self.marks |= mark::ETH_TYPE;
    }

    #[inline(always)]
    fn push_vlan(&mut self, tci: u16, service: bool) {
        let slot = self.record.vlan_count;
        // A constant index each, since the verifier loses track of a computed one.
        match slot {
            0 => self.record.vlan[0] = tci,
            1 => self.record.vlan[1] = tci,
            2 => self.record.vlan[2] = tci,
            _ => self.record.vlan[3] = tci,
        }
        if service {
            self.marks |= mark::SERVICE_TAG << (slot & 3);
        }
        self.record.vlan_count = slot + 1;
    }

    /// IEEE 802.2 logical link control, and SNAP (RFC 1042), after an 802.3 length.
    #[inline(always)]
    fn llc(&mut self, length: u32) -> Step<Network> {
        self.end = self.end.min(self.at + length);
        let header = self.load::<3>()?;
        match header {
            // SAP 6 is IPv4's own, from before SNAP.
            [0x06, 0x06, 0x03] => {
                self.at += 3;
                Ok(Network::Ipv4)
            }
            [0xaa, 0xaa, 0x03] => {
                self.at += 3;
                let snap = self.load::<5>()?;
                // An OUI of 0, or 802.1H's for bridge tunnels: an EtherType follows.
                if !matches!(snap, [0, 0, 0 | 0xf8, _, _]) {
                    return Ok(Network::Other);
                }
                self.at += 5;
                let ether_type = be16(&snap, 3);
                self.set_ether_type(ether_type);
                self.by_snap_type(ether_type)
            }
            _ => Ok(Network::Other),
        }
    }

    #[inline(always)]
    fn by_snap_type(&mut self, ether_type: u16) -> Step<Network> {
        match ether_type {
            ether_type::IPV4 => Ok(Network::Ipv4),
            ether_type::IPV6 => Ok(Network::Ipv6),
            ether_type::ARP => Ok(Network::Arp),
            _ => Ok(Network::Other),
        }
    }

    /// RFC 3032. What follows the labels is not said: by custom, its first four bits tell IP.
    #[inline(always)]
    fn mpls(&mut self) -> Step<Network> {
        self.marks |= mark::MPLS;
        for count in 1..=MAX_LABELS {
            let [.., traffic_class_and_bottom, _ttl] = self.load::<4>()?;
            self.at += 4;
            self.record.mpls_count = count;
            if traffic_class_and_bottom & 1 != 0 {
                return self.after_labels();
            }
        }
        self.partial()
    }

    #[inline(always)]
    fn after_labels(&mut self) -> Step<Network> {
        let [first, _] = self.load()?;
        Ok(match first >> 4 {
            4 => Network::Ipv4,
            6 => Network::Ipv6,
            _ => Network::Other,
        })
    }

    /// RFC 2516, section 4, with the PPP protocol that it carries.
    #[inline(always)]
    fn pppoe(&mut self) -> Step<Network> {
        let header = self.load::<6>()?;
        if header[0] != 0x11 {
            return self.malformed();
        }
        self.marks |= mark::PPPOE;
        self.at += 6;
        self.end = self.end.min(self.at + u32::from(be16(&header, 4)));
        let protocol = self.load::<2>()?;
        self.at += 2;
        match be16(&protocol, 0) {
            ppp::IPV4 => Ok(Network::Ipv4),
            ppp::IPV6 => Ok(Network::Ipv6),
            ppp::MPLS => self.mpls(),
            _ => Ok(Network::Other),
        }
    }
}
