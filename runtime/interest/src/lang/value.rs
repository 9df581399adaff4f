//! Numbers, addresses, networks and names, each from one word.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::RangeInclusive,
};

use super::{Network, Prefix, Reason, names};

/// IPv6 extension headers that the parser steps over, so that no record has them as its protocol.
const EXTENSIONS: [u8; 6] = [0, 43, 44, 51, 60, 135];

/// A number up to `most`, decimal or hexadecimal.
pub(super) fn number(word: &str, what: &'static str, most: u32) -> Result<u32, Reason> {
    let (digits, radix) = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (word, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(invalid(word, what, "it must be a number"));
    }
    if radix == 10 && digits.len() > 1 && digits.starts_with('0') {
        return Err(invalid(word, what, "a leading 0 would make it octal; write it without"));
    }
    match u32::from_str_radix(digits, radix) {
        Ok(value) if value <= most => Ok(value),
        _ => Err(Reason::TooLarge { value: word.to_owned(), what, most: u64::from(most) }),
    }
}

/// A port number.
pub(super) fn port(word: &str) -> Result<u16, Reason> {
    if let Some(port) = names::service_port(word) {
        let hint = format!("services have other numbers on other hosts; {word} is usually {port}");
        return Err(invalid(word, "port", &hint));
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('-') {
        return Err(invalid(word, "port", "write `portrange` for a range"));
    }
    Ok(number(word, "port", u32::from(u16::MAX))? as u16)
}

/// `A-B` in either order, or one port.
pub(super) fn ports(word: &str) -> Result<RangeInclusive<u16>, Reason> {
    let (one, other) = match word.split_once('-') {
        Some((one, other)) => (port(one)?, port(other)?),
        None => (port(word)?, port(word)?),
    };
    Ok(one.min(other)..=one.max(other))
}

/// An IP protocol by number or name, of IPv4, IPv6 or both.
pub(super) fn protocol(word: &str, within: Option<Network>) -> Result<u8, Reason> {
    let number = match names::protocol_number(word) {
        Some(number) => number,
        None if word.starts_with(|c: char| c.is_ascii_digit()) => {
            number(word, "protocol", u32::from(u8::MAX))? as u8
        }
        None => return Err(invalid(word, "protocol", "write its number")),
    };
    if within != Some(Network::Ip) && EXTENSIONS.contains(&number) {
        let why = "it is an IPv6 extension header, and those are stepped over: write `ip proto` for \
                   IPv4, `frag` for fragments";
        return Err(unsupported(&format!("protocol {number}"), why));
    }
    Ok(number)
}

/// A DSCP by number or name.
pub(super) fn dscp(word: &str) -> Result<u32, Reason> {
    match names::dscp_number(word) {
        Some(number) => Ok(u32::from(number)),
        None => number(word, "DSCP", 63),
    }
}

/// A whole address.
pub(super) fn host(word: &str) -> Result<Prefix, Reason> {
    if word.contains('/') {
        return Err(invalid(word, "address", "write `net` for a network"));
    }
    Ok(match address(word)? {
        Short::Whole(IpAddr::V4(address)) => Prefix::V4(address, 32),
        Short::Whole(IpAddr::V6(address)) => Prefix::V6(address, 128),
        Short::Part(..) => {
            let hint = "write `net` for a network, `port` for a port, or all four bytes";
            return Err(invalid(word, "address", hint));
        }
    })
}

/// `ADDRESS`, `ADDRESS/LEN`, or the first one to three bytes of an IPv4 address.
pub(super) fn net(word: &str) -> Result<Prefix, Reason> {
    let (text, len) = match word.split_once('/') {
        Some((text, len)) => (text, Some(len)),
        None => (word, None),
    };
    let (prefix, bits) = match address(text)? {
        Short::Whole(IpAddr::V4(address)) => (Prefix::V4(address, 32), 32),
        Short::Part(address, bits) => (Prefix::V4(address, bits), 32),
        Short::Whole(IpAddr::V6(address)) => (Prefix::V6(address, 128), 128),
    };
    let Some(len) = len else { return Ok(prefix) };
    let len = number(len, "length of a prefix", bits)?;
    with_len(prefix, len, word)
}

/// `ADDRESS mask MASK`.
pub(super) fn masked(word: &str, mask: &str) -> Result<Prefix, Reason> {
    let Prefix::V4(address, _) = net(word)? else {
        return Err(invalid(word, "IPv4 network", "only those have a mask; write `/LENGTH`"));
    };
    let Ok(bits) = mask.parse::<Ipv4Addr>() else {
        return Err(invalid(mask, "mask", "write it as an address, such as 255.255.0.0"));
    };
    let bits = bits.to_bits();
    if bits.leading_ones() != bits.count_ones() {
        return Err(unsupported(
            &format!("`{mask}`"),
            "tables know prefixes, not masks with holes",
        ));
    }
    with_len(Prefix::V4(address, 32), bits.leading_ones(), word)
}

fn with_len(prefix: Prefix, len: u32, word: &str) -> Result<Prefix, Reason> {
    let (shorter, rest) = match prefix {
        Prefix::V4(address, _) => {
            let rest = address.to_bits().checked_shl(len).unwrap_or(0);
            (Prefix::V4(address, len), u128::from(rest))
        }
        Prefix::V6(address, _) => {
            (Prefix::V6(address, len), address.to_bits().checked_shl(len).unwrap_or(0))
        }
    };
    if rest != 0 {
        let hint = format!("it has bits set behind its first {len}");
        return Err(invalid(word, "network", &hint));
    }
    Ok(shorter)
}

enum Short {
    Whole(IpAddr),
    /// So many bits of it.
    Part(Ipv4Addr, u32),
}

fn address(word: &str) -> Result<Short, Reason> {
    if is_mac(word) {
        let why = "tables don't look at Ethernet addresses";
        return Err(unsupported(&format!("`{word}`"), why));
    }
    if word.contains(':') {
        let address = word.parse::<Ipv6Addr>();
        let hint = "IPv6 addresses look like 2001:db8::1";
        return address
            .map(|address| Short::Whole(address.into()))
            .map_err(|_| invalid(word, "address", hint));
    }
    if !word.chars().all(|c| c.is_ascii_digit() || c == '.') {
        let hint = "names would need a resolver, and mean something else tomorrow; write addresses";
        return Err(invalid(word, "address", hint));
    }
    if let Ok(address) = word.parse::<Ipv4Addr>() {
        return Ok(Short::Whole(address.into()));
    }
    let missing = 3_usize.saturating_sub(word.matches('.').count());
    match format!("{word}{}", ".0".repeat(missing)).parse() {
        Ok(address) => Ok(Short::Part(address, 32 - 8 * missing as u32)),
        Err(_) => Err(invalid(word, "address", "IPv4 addresses look like 10.0.0.1")),
    }
}

fn is_mac(word: &str) -> bool {
    let mut bytes = word.split([':', '-']);
    let hex =
        |byte: &str| (1..=2).contains(&byte.len()) && byte.chars().all(|c| c.is_ascii_hexdigit());
    bytes.clone().count() == 6 && bytes.all(hex)
}

pub(super) fn invalid(word: &str, what: &'static str, hint: &str) -> Reason {
    Reason::Invalid { found: format!("`{word}`"), what, hint: hint.to_owned() }
}

pub(super) fn unsupported(found: &str, why: &str) -> Reason {
    Reason::Unsupported { found: found.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(text: &str, len: u32) -> Result<Prefix, Reason> {
        Ok(Prefix::V4(text.parse().unwrap(), len))
    }

    #[test]
    fn networks_in_full_and_in_short() {
        assert_eq!(net("10"), v4("10.0.0.0", 8));
        assert_eq!(net("10.1"), v4("10.1.0.0", 16));
        assert_eq!(net("10.1.2"), v4("10.1.2.0", 24));
        assert_eq!(net("10.1.2.3"), v4("10.1.2.3", 32));
        assert_eq!(net("10/7"), v4("10.0.0.0", 7));
        assert_eq!(net("0.0.0.0/0"), v4("0.0.0.0", 0));
        assert_eq!(net("2001:db8::/32"), Ok(Prefix::V6("2001:db8::".parse().unwrap(), 32)));
        assert_eq!(net("::1"), Ok(Prefix::V6("::1".parse().unwrap(), 128)));
        assert_eq!(net("::/0"), Ok(Prefix::V6("::".parse().unwrap(), 0)));
        assert_eq!(masked("10.0.0.0", "255.0.0.0"), v4("10.0.0.0", 8));
    }

    #[test]
    fn what_is_no_network() {
        for word in
            ["10.1/8", "10.0.0.1/24", "2001:db8::1/64", "10.0.0.0/33", "::/129", "1.2.3.4.5"]
        {
            assert!(net(word).is_err(), "{word}");
        }
        for word in
            ["10.", ".1", "256", "10..1", "1.2.3.", "/8", "10/", "10/a", "::g", "a", "10.0.0.0/-1"]
        {
            assert!(net(word).is_err(), "{word}");
        }
        for mask in ["255.0.255.0", "::", "8"] {
            assert!(masked("10.0.0.0", mask).is_err(), "{mask}");
        }
        assert!(masked("10.0.0.1", "255.0.0.0").is_err());
        assert!(masked("::", "255.0.0.0").is_err());
    }

    #[test]
    fn hosts_are_whole_addresses() {
        assert_eq!(host("10.0.0.1"), v4("10.0.0.1", 32));
        for word in ["10.1", "80", "10.0.0.0/8", "00:11:22:33:44:55", "example.org"] {
            assert!(host(word).is_err(), "{word}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!((port("0"), port("65535"), port("0x50")), (Ok(0), Ok(65535), Ok(80)));
        for word in ["65536", "99999999999", "080", "0x", "", "-1", "1e3", "http", "80-90"] {
            assert!(port(word).is_err(), "{word}");
        }
        assert_eq!((ports("90-80"), ports("80")), (Ok(80..=90), Ok(80..=80)));
        for word in ["80-", "-80", "80-90-100", "80-http"] {
            assert!(ports(word).is_err(), "{word}");
        }
        assert_eq!((dscp("ef"), dscp("46"), dscp("0x3f")), (Ok(46), Ok(46), Ok(63)));
        assert!(dscp("64").is_err());
    }

    #[test]
    fn extension_headers_are_protocols_of_ipv4_only() {
        assert_eq!(protocol("tcp", None), Ok(6));
        assert_eq!(protocol("51", Some(Network::Ip)), Ok(51));
        assert!(protocol("51", None).is_err());
        assert!(protocol("44", Some(Network::Ip6)).is_err());
        assert!(protocol("256", None).is_err());
    }
}
