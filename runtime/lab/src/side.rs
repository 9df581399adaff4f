use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ringtap_record::MacAddress;

/// Addresses that each side has, per family.
pub const HOSTS: u8 = 4;

/// One of the two namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Near,
    Far,
}

/// A version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    V4,
    V6,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Near, Self::Far];

    pub const fn other(self) -> Self {
        match self {
            Self::Near => Self::Far,
            Self::Far => Self::Near,
        }
    }

    /// The name of the side's end of the pair.
    pub const fn interface(self) -> &'static str {
        match self {
            Self::Near => "near0",
            Self::Far => "far0",
        }
    }

    /// The MAC address of the side's end of the pair: a locally administered one.
    pub const fn mac(self) -> MacAddress {
        MacAddress([0x02, 0x72, 0x74, 0, 0, self.number()])
    }

    /// The address of a host of this side. IPv4 from 198.18.0.0/15, which is set aside for
    /// benchmarks (RFC 2544); IPv6 from fd00::/8, which is for private use (RFC 4193).
    ///
    /// `host` counts from 0 and wraps at [`HOSTS`].
    pub const fn address(self, family: Family, host: u8) -> IpAddr {
        let host = host % HOSTS + 1;
        match family {
            Family::V4 => IpAddr::V4(Ipv4Addr::new(198, 18, self.number(), host)),
            Family::V6 => {
                let (side, host) = (self.number() as u16, host as u16);
                IpAddr::V6(Ipv6Addr::new(0xfd72, 0x7461, 0x7000, 0, 0, 0, side, host))
            }
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Near => 1,
            Self::Far => 2,
        }
    }
}

impl Family {
    pub(crate) const fn prefix_len(self) -> u8 {
        match self {
            Self::V4 => 15,
            Self::V6 => 64,
        }
    }
}
