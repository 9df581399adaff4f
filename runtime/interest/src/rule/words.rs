//! Rules as people read them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Rule, Set};
use crate::{
    Dimension,
    lang::{dscp_name, flag_names, protocol_name},
};

/// The name of an interface by its number.
pub(crate) type NameOf<'a> = &'a dyn Fn(u32) -> Option<&'a str>;

/// Values that a list shows, at most.
const MAX_SHOWN: usize = 8;

/// A rule, its interfaces by name.
pub(crate) fn rule_in_words(rule: &Rule, name_of: NameOf<'_>) -> String {
    let words: Vec<_> = rule.sets().map(|(one, set)| in_words(one, set, name_of)).collect();
    if words.is_empty() { "every packet".to_owned() } else { words.join(", ") }
}

/// What is wanted in one dimension. "Not" takes packets without a value, too.
pub(crate) fn in_words(dimension: Dimension, set: &Set, name_of: NameOf<'_>) -> String {
    let name = dimension.name();
    if set.ranges().is_empty() {
        return format!("no {name}");
    }
    let others = set.not(dimension);
    if others.ranges().is_empty() {
        return format!("any {name}");
    }
    let negative = match dimension {
        // Those without a name in the filter stand at the end.
        Dimension::Interface => set.contains(Some(dimension.last())),
        _ if dimension.is_always_there() => others.ranges().len() < set.ranges().len(),
        _ => set.takes_absent(),
    };
    match negative {
        true => format!("{name} not {}", values(dimension, &others, name_of)),
        false => format!("{name} {}", values(dimension, set, name_of)),
    }
}

fn values(dimension: Dimension, set: &Set, name_of: NameOf<'_>) -> String {
    if dimension == Dimension::TcpFlags {
        return flags(set);
    }
    let shown = set.ranges().iter().take(MAX_SHOWN);
    let words: Vec<_> =
        shown.map(|&(first, last)| range(dimension, first, last, name_of)).collect();
    match set.ranges().len().saturating_sub(MAX_SHOWN) {
        0 => words.join(" or "),
        more => format!("{} or {more} more", words.join(", ")),
    }
}

fn range(dimension: Dimension, first: u128, last: u128, name_of: NameOf<'_>) -> String {
    if first == last {
        return value(dimension, first, name_of);
    }
    let addresses = matches!(
        dimension,
        Dimension::SrcV4 | Dimension::DstV4 | Dimension::SrcV6 | Dimension::DstV6
    );
    let host_bits = (last ^ first).count_ones();
    let is_prefix = last - first == (first ^ last) && (first ^ last) == low_bits(host_bits);
    let first_word = value(dimension, first, name_of);
    match last {
        _ if addresses && is_prefix => {
            format!("{first_word}/{}", 8 * dimension.bytes() - host_bits)
        }
        // Kinds and names of interfaces have no order.
        _ if last - first < 4 => {
            let each = (first..=last).map(|one| value(dimension, one, name_of));
            each.collect::<Vec<_>>().join(" or ")
        }
        _ if last == dimension.last() && !addresses => format!("{first_word} and up"),
        _ => format!("{first_word} to {}", value(dimension, last, name_of)),
    }
}

fn low_bits(count: u32) -> u128 {
    u128::MAX.checked_shl(count).map_or(u128::MAX, |high| !high)
}

fn value(dimension: Dimension, value: u128, name_of: NameOf<'_>) -> String {
    let named = |name: Option<&'static str>| match name {
        Some(name) => format!("{value} ({name})"),
        None => value.to_string(),
    };
    match dimension {
        Dimension::SrcV4 | Dimension::DstV4 => Ipv4Addr::from_bits(value as u32).to_string(),
        Dimension::SrcV6 | Dimension::DstV6 => Ipv6Addr::from_bits(value).to_string(),
        Dimension::Protocol => named(protocol_name(value as u8)),
        Dimension::Dscp => named(dscp_name(value as u8)),
        Dimension::Interface => {
            name_of(value as u32).map_or_else(|| format!("#{value}"), str::to_owned)
        }
        Dimension::Kind => choice(
            &["other", "IPv4", "IPv6", "ARP", "ARP without IPv4", "IPv4 cut off", "IPv6 cut off"],
            value,
        ),
        Dimension::Direction => choice(&["inbound", "outbound"], value),
        Dimension::Fragment => choice(&["none", "first", "later"], value),
        _ => value.to_string(),
    }
}

fn choice(names: &[&str], value: u128) -> String {
    let name = usize::try_from(value).ok().and_then(|at| names.get(at));
    name.map_or_else(|| value.to_string(), |name| (*name).to_owned())
}

/// Flags that are set and flags that are clear, if that is what tells the set, or what is not it.
fn flags(set: &Set) -> String {
    if let Some(words) = pattern(set) {
        return words;
    }
    let others = set.not(Dimension::TcpFlags);
    if let Some(words) = pattern(&others) {
        return format!("other than {words}");
    }
    let count: u128 = set.ranges().iter().map(|(first, last)| last - first + 1).sum();
    format!("in {count} of 256 combinations")
}

fn pattern(set: &Set) -> Option<String> {
    let members = || (0..=u8::MAX).filter(|&flags| set.contains(Some(flags.into())));
    let (on, seen) = members().fold((u8::MAX, 0), |(on, seen), flags| (on & flags, seen | flags));
    let count = members().count();
    if count == 0 || count != 1 << (seen & !on).count_ones() {
        return None;
    }
    let clear = flag_names(!seen).map(|flag| format!("!{flag}"));
    let words: Vec<_> = flag_names(on).map(str::to_owned).chain(clear).collect();
    Some(words.join(","))
}

#[cfg(test)]
mod tests {
    use crate::Filter;

    fn words(filter: &str) -> Vec<String> {
        let filter = Filter::parse(filter).unwrap();
        filter.in_words().collect()
    }

    #[test]
    fn every_dimension_reads_well() {
        for (filter, expected) in [
            ("", "every packet"),
            ("ip", "kind IPv4 or IPv4 cut off"),
            ("tcp", "protocol 6 (tcp)"),
            ("not tcp", "protocol not 6 (tcp)"),
            ("src net 10", "IPv4 source 10.0.0.0/8"),
            ("dst net 2001:db8::/32", "IPv6 destination 2001:db8::/32"),
            ("dst host ::1", "IPv6 destination ::1"),
            ("dst portrange 80-90 or 443", "destination port 80 to 90 or 443"),
            ("not dst port 80", "destination port not 80"),
            ("tcp-flags syn,!ack", "TCP flags syn,!ack"),
            ("not tcp-flags syn,!ack", "TCP flags not syn,!ack"),
            ("vlan", "any VLAN"),
            ("not vlan", "no VLAN"),
            ("vlan 5 or vlan 6", "VLAN 5 or 6"),
            ("iface eth0 or lo", "interface eth0 or lo"),
            ("not iface eth0", "interface not eth0"),
            ("inbound", "direction inbound"),
            ("frag", "fragment first or later"),
            ("less 100", "length 0 to 100"),
            ("greater 100", "length 100 and up"),
            ("ttl < 5", "TTL 0 to 4"),
            ("dscp ef", "DSCP 46 (ef)"),
        ] {
            assert_eq!(words(filter), [expected], "{filter}");
        }
    }

    #[test]
    fn flags_that_are_no_pattern_are_told_by_what_they_are_not() {
        let any_of = words("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0");
        assert_eq!(any_of, ["kind IPv4, TCP flags other than !fin,!syn"]);
        let odd = words("tcp-flags syn or tcp-flags ack,!urg or tcp-flags fin,rst");
        assert_eq!(odd, ["TCP flags in 184 of 256 combinations"]);
    }

    #[test]
    fn long_lists_are_cut() {
        let ports: Vec<_> = (0..10).map(|port| (2 * port).to_string()).collect();
        let filter = format!("dst port {}", ports.join(" or "));
        let expected = "destination port 0, 2, 4, 6, 8, 10, 12, 14 or 2 more";
        assert_eq!(words(&filter), [expected]);
    }
}
