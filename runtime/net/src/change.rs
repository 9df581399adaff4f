use std::{
    io,
    net::IpAddr,
    os::fd::{AsFd, AsRawFd},
};

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::{
    AddressFamily, RouteNetlinkMessage,
    address::{AddressAttribute, AddressHeaderFlags, AddressMessage},
    link::{
        AfSpecInet6, AfSpecUnspec, In6AddrGenMode, InfoData, InfoKind, InfoVeth, LinkAttribute,
        LinkFlags, LinkInfo, LinkMessage,
    },
    neighbour::{NeighbourAttribute, NeighbourMessage, NeighbourState},
    route::{RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType},
};
use ringtap_record::MacAddress;
use rustix::io::Errno;

use crate::{error::NetError, namespace::Namespace, netlink::RouteSocket};

/// Bytes in an interface name, at most (`IFNAMSIZ` without the NUL).
const MAX_NAME_LEN: usize = 15;

/// Make a veth pair: `name` here, `peer` in `peer_namespace`. Both are down, with random addresses.
pub fn create_veth(name: &str, peer: &str, peer_namespace: &Namespace) -> Result<(), NetError> {
    let refused =
        |source| NetError::netlink("create", format!("the veth pair {name} and {peer}"), source);
    if name.len().max(peer.len()) > MAX_NAME_LEN {
        return Err(refused(Errno::NAMETOOLONG.into()));
    }
    let mut other = LinkMessage::default();
    other.attributes = vec![
        LinkAttribute::IfName(peer.to_owned()),
        LinkAttribute::NetNsFd(peer_namespace.as_fd().as_raw_fd()),
    ];
    let mut message = LinkMessage::default();
    message.attributes = vec![
        LinkAttribute::IfName(name.to_owned()),
        LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::Veth),
            LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(other))),
        ]),
    ];
    ask(RouteNetlinkMessage::NewLink(message), NLM_F_CREATE | NLM_F_EXCL).map_err(refused)
}

/// Move an interface to another namespace. It arrives there down and without addresses, and keeps
/// its index unless that is taken.
pub fn move_link(index: u32, to: &Namespace) -> Result<(), NetError> {
    set("move to another namespace", index, LinkAttribute::NetNsFd(to.as_fd().as_raw_fd()))
}

/// Delete an interface; the other end of a veth pair goes with it.
pub fn delete_link(index: u32) -> Result<(), NetError> {
    let request = RouteNetlinkMessage::DelLink(link(index));
    ask(request, 0).map_err(|source| of_interface("delete", index, source))
}

pub fn set_up(index: u32) -> Result<(), NetError> {
    set_flags("bring up", index, LinkFlags::Up, LinkFlags::Up)
}

pub fn set_down(index: u32) -> Result<(), NetError> {
    set_flags("bring down", index, LinkFlags::empty(), LinkFlags::Up)
}

/// Whether the interface resolves neighbours by itself, by ARP and neighbour discovery. Where it
/// doesn't, each needs an [`add_neighbour`]. A change forgets the neighbours that are known.
pub fn set_arp(index: u32, resolves: bool) -> Result<(), NetError> {
    let flags = if resolves { LinkFlags::empty() } else { LinkFlags::Noarp };
    set_flags("change the flags of", index, flags, LinkFlags::Noarp)
}

/// `mtu` in bytes, without the link header.
pub fn set_mtu(index: u32, mtu: u32) -> Result<(), NetError> {
    set("set the MTU of", index, LinkAttribute::Mtu(mtu))
}

pub fn set_mac(index: u32, mac: MacAddress) -> Result<(), NetError> {
    set("set the MAC address of", index, LinkAttribute::Address(mac.0.to_vec()))
}

/// Segments in a GSO super-packet, at most. 1 keeps TCP from making any, which switching off the
/// offloads doesn't: TCP has relied on software segmentation since Linux 4.17.
pub fn set_gso_max_segments(index: u32, segments: u32) -> Result<(), NetError> {
    set("limit the GSO segments of", index, LinkAttribute::GsoMaxSegs(segments))
}

/// Whether the interface gives itself an IPv6 link-local address when it comes up, and with it
/// looks for routers. Takes effect the next time it comes up.
pub fn set_link_local(index: u32, generate: bool) -> Result<(), NetError> {
    let mode = if generate { In6AddrGenMode::Eui64 } else { In6AddrGenMode::None };
    let inet6 = AfSpecUnspec::Inet6(vec![AfSpecInet6::AddrGenMode(mode)]);
    let operation = "set the IPv6 address generation of";
    set(operation, index, LinkAttribute::AfSpecUnspec(vec![inet6]))
}

/// Give the interface an address that can be bound at once: an IPv6 one is not probed for
/// duplicates. When packets to it are taken in, [`local_addresses`](crate::local_addresses) tells.
pub fn add_address(index: u32, address: IpAddr, prefix_len: u8) -> Result<(), NetError> {
    let mut message = AddressMessage::default();
    message.header.index = index;
    message.header.prefix_len = prefix_len;
    message.header.family = family(address);
    message.attributes = vec![AddressAttribute::Local(address), AddressAttribute::Address(address)];
    if address.is_ipv6() {
        message.header.flags = AddressHeaderFlags::Nodad;
    }
    ask(RouteNetlinkMessage::NewAddress(message), NLM_F_CREATE | NLM_F_EXCL)
        .map_err(|source| of_interface("add an address to", index, source))
}

/// Tell, for good, which MAC address a neighbour has.
pub fn add_neighbour(index: u32, address: IpAddr, mac: MacAddress) -> Result<(), NetError> {
    let mut message = NeighbourMessage::default();
    message.header.ifindex = index;
    message.header.family = family(address);
    message.header.state = NeighbourState::Permanent;
    message.attributes = vec![
        NeighbourAttribute::Destination(address.into()),
        NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()),
    ];
    ask(RouteNetlinkMessage::NewNeighbour(message), NLM_F_CREATE | NLM_F_REPLACE)
        .map_err(|source| of_interface("add a neighbour to", index, source))
}

/// Send IPv4 traffic out by the interface, which is up, unless a more specific route says otherwise.
pub fn add_default_route(index: u32) -> Result<(), NetError> {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.header.table = RouteHeader::RT_TABLE_MAIN;
    message.header.protocol = RouteProtocol::Static;
    message.header.scope = RouteScope::Link;
    message.header.kind = RouteType::Unicast;
    message.attributes = vec![RouteAttribute::Oif(index)];
    ask(RouteNetlinkMessage::NewRoute(message), NLM_F_CREATE | NLM_F_EXCL)
        .map_err(|source| of_interface("add a default route to", index, source))
}

/// Call an interface something else. Older kernels want it to be down.
pub fn rename_link(index: u32, name: &str) -> Result<(), NetError> {
    if name.len() > MAX_NAME_LEN {
        return Err(of_interface("rename", index, Errno::NAMETOOLONG.into()));
    }
    set("rename", index, LinkAttribute::IfName(name.to_owned()))
}

fn set_flags(
    operation: &'static str,
    index: u32,
    flags: LinkFlags,
    change_mask: LinkFlags,
) -> Result<(), NetError> {
    let mut message = link(index);
    message.header.flags = flags;
    message.header.change_mask = change_mask;
    ask(RouteNetlinkMessage::SetLink(message), 0)
        .map_err(|source| of_interface(operation, index, source))
}

fn set(operation: &'static str, index: u32, attribute: LinkAttribute) -> Result<(), NetError> {
    let mut message = link(index);
    message.attributes = vec![attribute];
    ask(RouteNetlinkMessage::SetLink(message), 0)
        .map_err(|source| of_interface(operation, index, source))
}

fn link(index: u32) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message
}

fn family(address: IpAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}

fn ask(message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
    RouteSocket::open(0)?.request(message, flags)
}

fn of_interface(operation: &'static str, index: u32, source: io::Error) -> NetError {
    NetError::netlink(operation, format!("interface {index}"), source)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::{Ipv6Addr, UdpSocket};

    use super::*;
    use crate::{
        interface::interface_named, namespace::enter_new_namespace, testing::in_new_namespace,
    };

    /// `near0` and `far0` in the calling thread's namespace, by index.
    pub(crate) fn veth_pair() -> (u32, u32) {
        create_veth("near0", "far0", &Namespace::current().unwrap()).unwrap();
        let index = |name| interface_named(name).unwrap().unwrap().index;
        (index("near0"), index("far0"))
    }

    #[test]
    fn the_peer_is_made_in_its_own_namespace_and_goes_with_the_pair() {
        in_new_namespace(|| {
            let here = Namespace::current().unwrap();
            enter_new_namespace().unwrap();
            create_veth("near0", "far0", &here).unwrap();
            assert_eq!(interface_named("far0").unwrap(), None);
            let near = interface_named("near0").unwrap().unwrap().index;
            here.enter().unwrap();
            assert_eq!(interface_named("near0").unwrap(), None);
            let far = interface_named("far0").unwrap().unwrap().index;
            delete_link(far).unwrap();
            assert_eq!(interface_named("far0").unwrap(), None);
            assert!(matches!(delete_link(near), Err(NetError::Missing { .. })));
        });
    }

    #[test]
    fn addresses_can_be_bound_at_once() {
        in_new_namespace(|| {
            let (near, far) = veth_pair();
            set_link_local(near, false).unwrap();
            set_mac(near, MacAddress([2, 0, 0, 0, 0, 1])).unwrap();
            set_up(near).unwrap();
            set_up(far).unwrap();
            set_arp(near, false).unwrap();
            for address in ["198.18.0.1", "fd00::1"] {
                let address: IpAddr = address.parse().unwrap();
                add_address(near, address, if address.is_ipv4() { 24 } else { 64 }).unwrap();
                UdpSocket::bind((address, 0)).unwrap();
                let neighbour = match address {
                    IpAddr::V4(_) => "198.18.0.2".parse().unwrap(),
                    IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 2)),
                };
                add_neighbour(near, neighbour, MacAddress([2, 0, 0, 0, 0, 2])).unwrap();
            }
            let again = add_address(near, "fd00::1".parse().unwrap(), 64);
            assert_eq!(again.unwrap_err().errno(), Some(Errno::EXIST.raw_os_error()));
        });
    }

    #[test]
    fn names_that_are_too_long_are_refused() {
        in_new_namespace(|| {
            let name = "x".repeat(70_000);
            let error = create_veth(&name, "far0", &Namespace::current().unwrap()).unwrap_err();
            assert_eq!(error.errno(), Some(Errno::NAMETOOLONG.raw_os_error()));
        });
    }
}
