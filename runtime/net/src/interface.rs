use netlink_packet_route::{
    RouteNetlinkMessage,
    link::{LinkFlags, LinkMessage},
};

use crate::{
    error::NetError,
    netlink::{Message, RouteSocket, attributes, number, text},
};

/// An interface, as the kernel described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    pub index: u32,
    /// Bytes of the name that are no UTF-8 are replaced.
    pub name: String,
    /// What made it, such as `veth` or `bridge`; `None` for hardware and loopback.
    pub kind: Option<String>,
    /// `ARPHRD_*` (`linux/if_arp.h`).
    pub hardware: u16,
    /// In bytes, without the link header.
    pub mtu: u32,
    /// Set up by the administrator; says nothing about the carrier.
    pub up: bool,
    /// Whether it can carry packets (RFC 2863); `None` where nobody tells, as on loopback, and for
    /// a moment after an interface is made.
    pub operational: Option<bool>,
    /// The XDP program that is attached now.
    pub xdp: Option<XdpProgram>,
}

/// An XDP program on an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XdpProgram {
    /// Of several programs, the driver's.
    pub id: u32,
    pub mode: XdpMode,
}

/// Where an XDP program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XdpMode {
    /// In the driver.
    Native,
    /// After the socket buffer was made.
    Generic,
    /// On the card.
    Offloaded,
    /// More than one of them at once.
    Multiple,
}

/// What a frame on an interface begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkLayer {
    Ethernet,
    /// Frames have no link header.
    Ip,
    /// An `ARPHRD_*` that is neither.
    Other(u16),
}

impl Interface {
    /// Whether it is made by software: XDP may be costly there.
    pub fn is_virtual(&self) -> bool {
        self.kind.is_some() || self.hardware == arphrd::LOOPBACK
    }

    pub fn starts_with(&self) -> LinkLayer {
        match self.hardware {
            arphrd::ETHER | arphrd::LOOPBACK => LinkLayer::Ethernet,
            arphrd::NONE
            | arphrd::PPP
            | arphrd::TUNNEL
            | arphrd::TUNNEL6
            | arphrd::SIT
            | arphrd::IPGRE
            | arphrd::IP6GRE => LinkLayer::Ip,
            other => LinkLayer::Other(other),
        }
    }
}

/// The interfaces of the calling thread's network namespace, by index.
pub fn interfaces() -> Result<Vec<Interface>, NetError> {
    RouteSocket::open(0)
        .and_then(|mut socket| list(&mut socket))
        .map_err(|source| NetError::netlink("list", "interfaces", source))
}

/// The interface of that name in the calling thread's network namespace, if there is one.
pub fn interface_named(name: &str) -> Result<Option<Interface>, NetError> {
    Ok(interfaces()?.into_iter().find(|interface| interface.name == name))
}

pub(crate) fn list(socket: &mut RouteSocket) -> std::io::Result<Vec<Interface>> {
    let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
    let mut interfaces =
        socket.dump(&request, |message| LinkNotice::parse(message)?.into_interface())?;
    interfaces.sort_by_key(|interface| interface.index);
    Ok(interfaces)
}

/// An RTM_NEWLINK or RTM_DELLINK that is about an interface as such.
#[derive(Clone, Debug)]
pub(crate) struct LinkNotice {
    pub(crate) gone: bool,
    pub(crate) interface: Interface,
    has_mtu: bool,
}

impl LinkNotice {
    /// `None` for messages about something else, among them those of bridges about their ports,
    /// which have a family and come as RTM_DELLINK when a port leaves the bridge.
    pub(crate) fn parse(message: Message<'_>) -> Option<Self> {
        let gone = match message.kind {
            RTM_NEWLINK => false,
            RTM_DELLINK => true,
            _ => return None,
        };
        let header: &[u8; LINK_HEADER_LEN] = message.payload.first_chunk()?;
        let [family, _, hardware_low, hardware_high, ..] = *header;
        if family != 0 {
            return None;
        }
        let flags = LinkFlags::from_bits_retain(number(header.get(8..)?)?);
        let mut interface = Interface {
            index: number(header.get(4..)?)?,
            name: String::new(),
            kind: None,
            hardware: u16::from_ne_bytes([hardware_low, hardware_high]),
            mtu: 0,
            up: flags.contains(LinkFlags::Up),
            operational: None,
            xdp: None,
        };
        let mut has_mtu = false;
        for (kind, value) in message.attributes(LINK_HEADER_LEN) {
            match kind {
                IFLA_IFNAME => interface.name = text(value),
                IFLA_MTU => {
                    has_mtu = true;
                    interface.mtu = number(value)?;
                }
                IFLA_OPERSTATE => interface.operational = operational(value),
                IFLA_LINKINFO => {
                    interface.kind = find(value, IFLA_INFO_KIND).map(text);
                }
                IFLA_XDP => interface.xdp = xdp_program(value),
                _ => {}
            }
        }
        Some(Self { gone, interface, has_mtu })
    }

    /// Wireless extensions announce scans in an RTM_NEWLINK that has a name and nothing else.
    pub(crate) fn into_interface(self) -> Option<Interface> {
        self.has_mtu.then_some(self.interface)
    }
}

fn operational(value: &[u8]) -> Option<bool> {
    match value.first()? {
        0 => None,
        state => Some(*state == IF_OPER_UP),
    }
}

fn xdp_program(value: &[u8]) -> Option<XdpProgram> {
    let mode = match find(value, IFLA_XDP_ATTACHED)?.first()? {
        1 => XdpMode::Native,
        2 => XdpMode::Generic,
        3 => XdpMode::Offloaded,
        4 => XdpMode::Multiple,
        _ => return None,
    };
    let ids = [IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID];
    let id = ids.into_iter().find_map(|kind| number(find(value, kind)?))?;
    Some(XdpProgram { id, mode })
}

fn find(nest: &[u8], wanted: u16) -> Option<&[u8]> {
    attributes(nest).find(|(kind, _)| *kind == wanted).map(|(_, value)| value)
}

// linux/rtnetlink.h and linux/if_link.h
pub(crate) const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
pub(crate) const LINK_HEADER_LEN: usize = 16;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_OPERSTATE: u16 = 16;
const IF_OPER_UP: u8 = 6;
const IFLA_LINKINFO: u16 = 18;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_XDP: u16 = 43;
const IFLA_XDP_ATTACHED: u16 = 2;
const IFLA_XDP_PROG_ID: u16 = 4;
const IFLA_XDP_DRV_PROG_ID: u16 = 5;
const IFLA_XDP_SKB_PROG_ID: u16 = 6;
const IFLA_XDP_HW_PROG_ID: u16 = 7;

/// linux/if_arp.h
mod arphrd {
    pub(super) const ETHER: u16 = 1;
    pub(super) const PPP: u16 = 512;
    pub(super) const TUNNEL: u16 = 768;
    pub(super) const TUNNEL6: u16 = 769;
    pub(super) const LOOPBACK: u16 = 772;
    pub(super) const SIT: u16 = 776;
    pub(super) const IPGRE: u16 = 778;
    pub(super) const IP6GRE: u16 = 823;
    pub(super) const NONE: u16 = 0xfffe;
}

#[cfg(test)]
mod tests {
    use netlink_packet_route::link::{LinkAttribute, LinkXdp};

    use super::*;
    use crate::{
        change::{set_mtu, set_up, tests::veth_pair},
        testing::{BPF_PROG_TYPE_XDP, in_new_namespace, load_empty_program},
    };

    fn hardware(hardware: u16) -> Interface {
        let (index, name, kind, mtu) = (9, String::new(), None, 1500);
        Interface { index, name, kind, hardware, mtu, up: true, operational: None, xdp: None }
    }

    #[test]
    fn link_layers() {
        for (number, layer) in [
            (1, LinkLayer::Ethernet),
            (772, LinkLayer::Ethernet),
            (65534, LinkLayer::Ip),
            (512, LinkLayer::Ip),
            (823, LinkLayer::Ip),
            (803, LinkLayer::Other(803)),
        ] {
            assert_eq!(hardware(number).starts_with(), layer);
        }
        assert!(hardware(772).is_virtual());
        assert!(!hardware(1).is_virtual());
    }

    #[test]
    fn a_new_namespace_has_loopback_and_what_is_made_in_it() {
        in_new_namespace(|| {
            let loopback = interfaces().unwrap();
            assert_eq!(loopback.len(), 1);
            let loopback = &loopback[0];
            assert_eq!((loopback.index, loopback.name.as_str()), (1, "lo"));
            assert!(loopback.up && loopback.is_virtual() && loopback.kind.is_none());

            let (near, far) = veth_pair();
            set_up(near).unwrap();
            set_mtu(near, 9000).unwrap();
            let seen = interfaces().unwrap();
            let indexes: Vec<_> = seen.iter().map(|interface| interface.index).collect();
            let mut expected = vec![1, near, far];
            expected.sort();
            assert_eq!(indexes, expected);
            let near = interface_named("near0").unwrap().unwrap();
            assert_eq!(near.kind.as_deref(), Some("veth"));
            assert_eq!((near.hardware, near.mtu, near.up, near.xdp), (1, 9000, true, None));
            assert_ne!(near.operational, Some(true), "its peer is down");
            assert!(!interface_named("far0").unwrap().unwrap().up);
            assert_eq!(interface_named("none").unwrap(), None);
        });
    }

    #[test]
    fn says_which_xdp_program_is_attached() {
        in_new_namespace(|| {
            let (near, _) = veth_pair();
            let program = load_empty_program(BPF_PROG_TYPE_XDP);
            for (flags, mode) in [(1 << 2, XdpMode::Native), (1 << 1, XdpMode::Generic)] {
                attach(near, program.fd(), flags);
                let xdp = interface_named("near0").unwrap().unwrap().xdp;
                assert_eq!(xdp, Some(XdpProgram { id: program.id, mode }));
                attach(near, -1, flags);
                assert_eq!(interface_named("near0").unwrap().unwrap().xdp, None);
            }
        });
    }

    fn attach(index: u32, fd: i32, flags: u32) {
        let mut message = LinkMessage::default();
        message.header.index = index;
        let xdp = vec![LinkXdp::Fd(fd), LinkXdp::Flags(flags)];
        message.attributes = vec![LinkAttribute::Xdp(xdp)];
        let mut socket = RouteSocket::open(0).unwrap();
        socket.request(RouteNetlinkMessage::SetLink(message), 0).unwrap();
    }
}
