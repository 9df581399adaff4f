use std::collections::BTreeMap;

use netlink_packet_route::{RouteNetlinkMessage, link::LinkMessage};

use crate::{
    error::NetError,
    interface::{LINK_HEADER_LEN, RTM_NEWLINK},
    netlink::{RouteSocket, number},
};

/// What an interface has counted. A GSO super-packet counts once, or as its segments, as the driver
/// does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkStatistics {
    pub rx_packets: u64,
    pub tx_packets: u64,
    pub rx_bytes: u64,
    pub tx_bytes: u64,
}

/// The counts of an interface of the calling thread's network namespace, if it is there.
pub fn link_statistics(index: u32) -> Result<Option<LinkStatistics>, NetError> {
    Ok(all_link_statistics()?.remove(&index))
}

/// The counts of every interface of the calling thread's network namespace, by index.
pub fn all_link_statistics() -> Result<BTreeMap<u32, LinkStatistics>, NetError> {
    let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
    let read = || {
        RouteSocket::open(0)?.dump(&request, |message| {
            let index = number(message.payload.get(4..)?)?;
            if message.kind != RTM_NEWLINK {
                return None;
            }
            let mut attributes = message.attributes(LINK_HEADER_LEN);
            Some((index, parse(attributes.find(|(kind, _)| *kind == IFLA_STATS64)?.1)?))
        })
    };
    let found =
        read().map_err(|source| NetError::netlink("read the counters of", "interfaces", source))?;
    Ok(found.into_iter().collect())
}

/// The first fields of `struct rtnl_link_stats64` (linux/if_link.h).
fn parse(value: &[u8]) -> Option<LinkStatistics> {
    let mut fields = value.as_chunks().0.iter().map(|bytes| u64::from_ne_bytes(*bytes));
    let (rx_packets, tx_packets) = (fields.next()?, fields.next()?);
    let (rx_bytes, tx_bytes) = (fields.next()?, fields.next()?);
    Some(LinkStatistics { rx_packets, tx_packets, rx_bytes, tx_bytes })
}

const IFLA_STATS64: u16 = 23;

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::testing::in_new_namespace;

    #[test]
    fn counts_packets_and_bytes() {
        in_new_namespace(|| {
            assert_eq!(link_statistics(1).unwrap(), Some(LinkStatistics::default()));
            assert_eq!(link_statistics(999).unwrap(), None);
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.send_to(&[0; 58], socket.local_addr().unwrap()).unwrap();
            socket.recv(&mut [0; 58]).unwrap();
            // Loopback counts from the IP header on.
            let (packets, bytes) = (1, 20 + 8 + 58);
            let expected = LinkStatistics {
                rx_packets: packets,
                tx_packets: packets,
                rx_bytes: bytes,
                tx_bytes: bytes,
            };
            assert_eq!(link_statistics(1).unwrap(), Some(expected));
        });
    }
}
