use super::{Network, PortProtocol, Prefix, Primitive, Reason, Side, value};

/// What stands before a value, and before all bare values that follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) within: Option<Within>,
    /// `None` where it was not said.
    pub(super) side: Option<Side>,
    pub(super) kind: Kind,
}

/// The protocol in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    Network(Network),
    Port(PortProtocol),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Host,
    Net,
    Port,
    PortRange,
    Protocol,
    Interface,
}

/// Bytes in the name of an interface, at most (IFNAMSIZ less the final 0).
const MAX_INTERFACE_NAME: usize = 15;

impl Kind {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "host" => Self::Host,
            "net" => Self::Net,
            "port" => Self::Port,
            "portrange" => Self::PortRange,
            "proto" => Self::Protocol,
            "iface" => Self::Interface,
            _ => return None,
        })
    }

    pub(super) fn expects(self) -> &'static str {
        match self {
            Self::Host => "an address",
            Self::Net => "a network",
            Self::Port => "a port",
            Self::PortRange => "a range of ports",
            Self::Protocol => "a protocol",
            Self::Interface => "the name of an interface",
        }
    }
}

impl Within {
    /// `ip`, `ip6`, `arp`, `tcp`, `udp` and `sctp` stand before other words.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "ip" => Self::Network(Network::Ip),
            "ip6" => Self::Network(Network::Ip6),
            "arp" => Self::Network(Network::Arp),
            "tcp" => Self::Port(PortProtocol::Tcp),
            "udp" => Self::Port(PortProtocol::Udp),
            "sctp" => Self::Port(PortProtocol::Sctp),
            _ => return None,
        })
    }

    /// The word as a condition of its own.
    pub(super) fn primitive(self) -> Primitive {
        match self {
            Self::Network(network) => Primitive::Network(network),
            Self::Port(protocol) => Primitive::Protocol { within: None, number: protocol.number() },
        }
    }
}

impl Qualifier {
    /// Why these words don't go together, if they don't.
    pub(super) fn check(self) -> Result<(), &'static str> {
        match (self.kind, self.within) {
            (Kind::Host | Kind::Net, Some(Within::Port(_))) => {
                Err("ports, not addresses, belong to a transport protocol: join the two with `and`")
            }
            (Kind::Port | Kind::PortRange, Some(Within::Network(_))) => {
                Err("ports belong to `tcp`, `udp` or `sctp`: join the two with `and`")
            }
            (Kind::Protocol, Some(Within::Port(_) | Within::Network(Network::Arp))) => {
                Err("only `ip` and `ip6` stand before `proto`")
            }
            (Kind::Protocol | Kind::Interface, _) if self.side.is_some() => {
                Err("`src` and `dst` belong to addresses and ports")
            }
            _ => Ok(()),
        }
    }

    /// The condition on one value. `mask` only with [`Kind::Net`].
    pub(super) fn primitive(self, word: &str, mask: Option<&str>) -> Result<Primitive, Reason> {
        let side = self.side.unwrap_or(Side::Either);
        let network = match self.within {
            Some(Within::Network(network)) => Some(network),
            _ => None,
        };
        let protocol = match self.within {
            Some(Within::Port(protocol)) => Some(protocol),
            _ => None,
        };
        let port = |ports| Primitive::Port { side, protocol, ports };
        match (self.kind, mask) {
            (Kind::Host, _) => self.address(side, network, word, value::host(word)?),
            (Kind::Net, None) => self.address(side, network, word, value::net(word)?),
            (Kind::Net, Some(mask)) => {
                self.address(side, network, word, value::masked(word, mask)?)
            }
            (Kind::Port, _) => value::port(word).map(|one| port(one..=one)),
            (Kind::PortRange, _) => value::ports(word).map(port),
            (Kind::Protocol, _) => {
                let number = value::protocol(word, network)?;
                Ok(Primitive::Protocol { within: network, number })
            }
            (Kind::Interface, _) => interface(word),
        }
    }

    fn address(
        self,
        side: Side,
        within: Option<Network>,
        word: &str,
        prefix: Prefix,
    ) -> Result<Primitive, Reason> {
        let fits = match prefix {
            Prefix::V4(..) => within != Some(Network::Ip6),
            Prefix::V6(..) => matches!(within, None | Some(Network::Ip6)),
        };
        if fits {
            return Ok(Primitive::Address { side, within, prefix });
        }
        let what = if within == Some(Network::Ip6) { "IPv6 address" } else { "IPv4 address" };
        Err(value::invalid(word, what, "leave out the word before it, or write the other one"))
    }
}

fn interface(word: &str) -> Result<Primitive, Reason> {
    let valid = word.len() <= MAX_INTERFACE_NAME && !word.contains('/');
    if valid {
        Ok(Primitive::Interface(word.to_owned()))
    } else {
        let hint = "it has at most 15 bytes and no `/`";
        Err(value::invalid(word, "name of an interface", hint))
    }
}
