//! Interests to measure with. None of them wants what the bench sends.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ringtap_interest::{FilterError, Interest};

use crate::packets::Flow;

/// As many as tables have bits.
const RULES: u16 = 256;

/// Prefixes of one dimension: half of the rules, in four dimensions.
const PREFIXES: u16 = RULES / 8;

/// Where prefixes are, and what else their rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefixes {
    /// Nets that packets to another port are not looked up in.
    BehindAPort,
    /// Nets, in all of which every TCP packet is looked up.
    Nets,
    /// Addresses, in all of which every TCP packet is looked up.
    Hosts,
}

/// An interest for each filter, as one filter's text is bounded.
pub(crate) fn interests<S: AsRef<str>>(
    filters: impl IntoIterator<Item = S>,
) -> Result<Vec<Interest>, FilterError> {
    let interest = |filter: S| Ok(ringtap_interest::Filter::parse(filter.as_ref())?.into());
    filters.into_iter().map(interest).collect()
}

/// 256 rules by ports. A packet of `flow` is turned away by the first port that is looked at.
pub(crate) fn ports() -> impl Iterator<Item = String> {
    (0..RULES).map(|n| format!("tcp dst port {} and src port {}", 2000 + n, 3000 + 3 * n))
}

/// 256 rules by ports, of which half take the destination port of `flow` and the others its source
/// port: it is turned away once both are looked up.
pub(crate) fn both_ports(flow: Flow) -> impl Iterator<Item = String> {
    let (source, destination) = flow.ports();
    (0..RULES).map(move |n| match n % 2 {
        0 => format!("tcp dst port {destination} and src port {}", 3000 + 3 * n),
        _ => format!("tcp dst port {} and src port {source}", 2000 + n),
    })
}

/// A net of each family, next to the destination of `flow`.
pub(crate) fn one_net_each(flow: Flow) -> impl Iterator<Item = String> {
    [false, true].into_iter().map(move |ipv6| {
        let (_, destination) = Flow { ipv6, ..flow }.hosts();
        let len = if ipv6 { 64 } else { 24 };
        format!("tcp and dst net {}/{len}", neighbour(destination, len, 0))
    })
}

/// 256 rules, of which half are by ports and half have prefixes: by source and by destination, of
/// each family alike, all next to where `flow` is.
pub(crate) fn half_prefixes(flow: Flow, prefixes: Prefixes) -> impl Iterator<Item = String> {
    let ports = both_ports(flow).step_by(2);
    let sides = [("dst", false), ("src", false), ("dst", true), ("src", true)];
    let with_prefix = (0..PREFIXES).flat_map(move |n| {
        sides.map(|(side, ipv6)| {
            let (source, destination) = Flow { ipv6, ..flow }.hosts();
            let address = if side == "dst" { destination } else { source };
            with_prefix(side, address, prefixes, n)
        })
    });
    ports.zip(with_prefix).flat_map(|(one, other)| [one, other])
}

fn with_prefix(side: &str, address: IpAddr, prefixes: Prefixes, n: u16) -> String {
    let n = u32::from(n);
    let lens = if address.is_ipv6() { 48..=64 } else { 16..=24 };
    let count = lens.end() - lens.start() + 1;
    let len = lens.start() + n % count;
    let net = neighbour(address, len, n / count);
    match prefixes {
        Prefixes::BehindAPort => format!("tcp dst port {} and {side} net {net}/{len}", 4000 + n),
        Prefixes::Nets => format!("tcp and {side} net {net}/{len}"),
        Prefixes::Hosts => {
            let len = if address.is_ipv6() { 128 } else { 32 };
            format!("tcp and {side} host {}", neighbour(address, len, n))
        }
    }
}

/// A prefix of that length that `address` is not in: the last bit differs, and another one that is
/// `further` in front of it.
fn neighbour(address: IpAddr, len: u32, further: u32) -> IpAddr {
    let flip = |bits: u128| {
        let place = |back: u32| 1 << (u128::BITS - len + back);
        let net = (bits ^ place(0)) & (!0 << (u128::BITS - len));
        if further == 0 { net } else { net ^ place(further) }
    };
    match address {
        IpAddr::V4(v4) => {
            let unused = u128::BITS - u32::BITS;
            let net = flip(u128::from(v4.to_bits()) << unused) >> unused;
            Ipv4Addr::from_bits(net as u32).into()
        }
        IpAddr::V6(v6) => Ipv6Addr::from_bits(flip(v6.to_bits())).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ringtap_interest::{Keys, Tables};

    use super::*;
    use crate::packets::record;

    const FLOW: Flow = Flow { ipv6: false, tcp: true, vlan: false, number: 1 };

    #[test]
    fn neighbours_are_close_and_never_the_address_itself() {
        let text = |address: &str, len, further| {
            neighbour(address.parse().unwrap(), len, further).to_string()
        };
        assert_eq!(text("10.1.0.1", 24, 0), "10.1.1.0");
        assert_eq!(text("10.1.0.1", 24, 2), "10.1.5.0");
        assert_eq!(text("10.1.0.1", 32, 31), "138.1.0.0");
        assert_eq!(text("fd01::1", 64, 0), "fd01:0:0:1::");
        assert_eq!(text("fd01::1", 128, 1), "fd01::2");
    }

    #[test]
    fn sets_have_256_rules_that_take_no_packet_of_the_flow() {
        let prefixes = [Prefixes::BehindAPort, Prefixes::Nets, Prefixes::Hosts];
        let mut sets: Vec<Vec<_>> =
            prefixes.into_iter().map(|kind| half_prefixes(FLOW, kind).collect()).collect();
        sets.extend([ports().collect(), both_ports(FLOW).collect()]);
        for filters in sets {
            assert_eq!(filters.iter().collect::<BTreeSet<_>>().len(), 256, "{filters:?}");
            let interests = interests(&filters).unwrap();
            let tables = Tables::compile(&interests.iter().collect::<Vec<_>>(), &[]).unwrap();
            assert_eq!(tables.rules().len(), 256, "{filters:?}");
            for ipv6 in [false, true] {
                let keys = Keys::of(&record(Flow { ipv6, ..FLOW }));
                assert!(tables.classify(&keys).is_empty());
            }
        }
    }

    #[test]
    fn half_of_the_rules_have_prefixes_of_both_families() {
        let filters: Vec<_> = half_prefixes(FLOW, Prefixes::Nets).collect();
        let nets = |mark: &str| {
            filters.iter().filter(|text| text.contains(" net ") && text.contains(mark)).count()
        };
        assert_eq!((nets("."), nets(":")), (64, 64));
    }
}
