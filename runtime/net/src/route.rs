use std::net::IpAddr;

use netlink_packet_route::{
    AddressFamily, RouteNetlinkMessage,
    route::{RouteHeader, RouteMessage, RouteType},
};

use crate::{
    error::NetError,
    netlink::{Message, RouteSocket, number},
};

/// The interfaces that carry a default route of the main table, IPv4 or IPv6, in the order of the
/// routes and each of them once.
///
/// All next hops of a multipath route count; unreachable, blackhole and prohibit routes don't.
/// Routes through next hop objects are seen as long as `net.ipv4.nexthop_compat_mode` is 1, the
/// kernel's default.
pub fn default_route_interfaces() -> Result<Vec<u32>, NetError> {
    let mut interfaces = Vec::new();
    for index in routes(default_route)?.into_iter().flatten() {
        if !interfaces.contains(&index) {
            interfaces.push(index);
        }
    }
    Ok(interfaces)
}

/// The addresses that packets are taken in for.
///
/// An IPv6 address is among them a moment after [`add_address`](crate::add_address) returned; until
/// then packets to it are not for this host.
pub fn local_addresses() -> Result<Vec<IpAddr>, NetError> {
    routes(local_address)
}

/// What `parse` makes of the IPv4 and then of the IPv6 routes.
fn routes<T>(parse: impl Fn(Message<'_>) -> Option<T>) -> Result<Vec<T>, NetError> {
    let list = || {
        let mut socket = RouteSocket::open(0)?;
        let mut found = Vec::new();
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut message = RouteMessage::default();
            message.header.address_family = family;
            found.extend(socket.dump(&RouteNetlinkMessage::GetRoute(message), &parse)?);
        }
        Ok(found)
    };
    list().map_err(|source| NetError::netlink("list", "routes", source))
}

/// The destination of a route that leads to this host.
fn local_address(message: Message<'_>) -> Option<IpAddr> {
    let header: &[u8; ROUTE_HEADER_LEN] = message.payload.first_chunk()?;
    let [_, prefix_len, _, _, _, _, _, kind, ..] = *header;
    if message.kind != RTM_NEWROUTE || RouteType::from(kind) != RouteType::Local {
        return None;
    }
    let mut attributes = message.attributes(ROUTE_HEADER_LEN);
    let (_, value) = attributes.find(|(kind, _)| *kind == RTA_DST)?;
    match prefix_len {
        32 => <[u8; 4]>::try_from(value).ok().map(IpAddr::from),
        128 => <[u8; 16]>::try_from(value).ok().map(IpAddr::from),
        _ => None,
    }
}

/// The interfaces of a route's next hops, if it is there and a default route.
pub(crate) fn default_route(message: Message<'_>) -> Option<Vec<u32>> {
    let header: &[u8; ROUTE_HEADER_LEN] = message.payload.first_chunk()?;
    let [_, prefix_len, source_len, _, short_table, _, _, kind, ..] = *header;
    let flags = number(header.get(8..)?)?;
    let real = RouteType::from(kind) == RouteType::Unicast && flags & RTM_F_CLONED == 0;
    // A route for some sources only is not where traffic goes by default.
    if message.kind != RTM_NEWROUTE || !real || prefix_len != 0 || source_len != 0 {
        return None;
    }
    let (mut table, mut hops) = (u32::from(short_table), Vec::new());
    for (kind, value) in message.attributes(ROUTE_HEADER_LEN) {
        match kind {
            RTA_TABLE => table = number(value)?,
            RTA_OIF => hops.push(number(value)?),
            RTA_MULTIPATH => hops.extend(next_hops(value)),
            _ => {}
        }
    }
    (table == u32::from(RouteHeader::RT_TABLE_MAIN)).then_some(hops)
}

/// The interfaces in a list of `struct rtnexthop` (linux/rtnetlink.h).
fn next_hops(mut list: &[u8]) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let [low, high, ..] = *list.first_chunk::<8>()?;
        let length = usize::from(u16::from_ne_bytes([low, high])).max(8);
        let index = number(list.get(4..)?)?;
        list = list.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(index)
    })
}

// linux/rtnetlink.h
const RTM_NEWROUTE: u16 = 24;
const ROUTE_HEADER_LEN: usize = 12;
const RTM_F_CLONED: u32 = 0x200;
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_MULTIPATH: u16 = 9;
const RTA_TABLE: u16 = 15;

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv6Addr,
        time::{Duration, Instant},
    };

    use netlink_packet_core::{NLM_F_APPEND, NLM_F_CREATE};
    use netlink_packet_route::route::{
        RouteAddress, RouteAttribute, RouteNextHop, RouteProtocol, RouteScope,
    };

    use super::*;
    use crate::{
        change::{add_address, create_veth, set_up, tests::veth_pair},
        interface::interface_named,
        namespace::Namespace,
        testing::in_new_namespace,
    };

    #[test]
    fn real_default_routes_of_the_main_table_only() {
        in_new_namespace(|| {
            assert_eq!(default_route_interfaces().unwrap(), []);
            let (near, far) = veth_pair();
            create_veth("third0", "fourth0", &Namespace::current().unwrap()).unwrap();
            let [third, fourth] =
                ["third0", "fourth0"].map(|name| interface_named(name).unwrap().unwrap().index);
            for index in [near, far, third, fourth] {
                set_up(index).unwrap();
            }
            add_address(near, "198.18.0.1".parse().unwrap(), 24).unwrap();
            add_address(far, "198.18.1.1".parse().unwrap(), 24).unwrap();

            let blackhole = route(AddressFamily::Inet, RouteType::BlackHole);
            add(with(blackhole, RouteAttribute::Priority(1)));
            let mut other_table = route(AddressFamily::Inet, RouteType::Unicast);
            other_table.header.table = 99;
            add(with(other_table, RouteAttribute::Oif(fourth)));
            let mut narrower = route(AddressFamily::Inet, RouteType::Unicast);
            narrower.header.destination_prefix_length = 8;
            let ten = RouteAttribute::Destination(RouteAddress::Inet([10, 0, 0, 0].into()));
            add(with(with(narrower, ten), RouteAttribute::Oif(fourth)));
            assert_eq!(default_route_interfaces().unwrap(), []);

            let multipath = route(AddressFamily::Inet, RouteType::Unicast);
            let hops = [far, near].map(next_hop).to_vec();
            add(with(multipath, RouteAttribute::MultiPath(hops)));
            assert_eq!(default_route_interfaces().unwrap(), [far, near]);
            for index in [near, third] {
                let inet6 = route(AddressFamily::Inet6, RouteType::Unicast);
                let gateway = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
                let inet6 = with(inet6, RouteAttribute::Gateway(gateway.into()));
                add(with(inet6, RouteAttribute::Oif(index)));
            }
            assert_eq!(default_route_interfaces().unwrap(), [far, near, third]);
        });
    }

    #[test]
    fn addresses_become_local() {
        in_new_namespace(|| {
            let wanted: [IpAddr; 2] = ["127.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()];
            add_address(1, wanted[1], 64).unwrap();
            let deadline = Instant::now() + Duration::from_secs(10);
            loop {
                let local = local_addresses().unwrap();
                if wanted.iter().all(|address| local.contains(address)) {
                    break;
                }
                assert!(Instant::now() < deadline, "{local:?}");
                std::thread::yield_now();
            }
        });
    }

    fn route(family: AddressFamily, kind: RouteType) -> RouteMessage {
        let mut message = RouteMessage::default();
        message.header.address_family = family;
        message.header.table = RouteHeader::RT_TABLE_MAIN;
        message.header.protocol = RouteProtocol::Static;
        message.header.scope = RouteScope::Universe;
        message.header.kind = kind;
        message
    }

    fn with(mut route: RouteMessage, attribute: RouteAttribute) -> RouteMessage {
        route.attributes.push(attribute);
        route
    }

    fn next_hop(index: u32) -> RouteNextHop {
        let mut hop = RouteNextHop::default();
        hop.interface_index = index;
        hop
    }

    fn add(route: RouteMessage) {
        let mut socket = RouteSocket::open(0).unwrap();
        let request = RouteNetlinkMessage::NewRoute(route);
        socket.request(request, NLM_F_CREATE | NLM_F_APPEND).unwrap();
    }

    #[test]
    fn a_next_hop_of_a_wrong_length_ends_the_list() {
        let mut list = [8u8, 0, 0, 0, 7, 0, 0, 0].to_vec();
        list.extend([0, 0, 0, 0, 9, 0, 0, 0, 1]);
        assert_eq!(next_hops(&list).collect::<Vec<_>>(), [7, 9]);
        assert_eq!(next_hops(&[255, 255, 0, 0, 5, 0, 0, 0]).collect::<Vec<_>>(), [5]);
    }
}
