use std::{fmt, str::FromStr};

use crate::{
    Keys, Reason, Rule,
    lang::{self, FilterError},
    rule::{Abort, lower, normalize, rule_in_words},
};

/// A filter that can be compiled: at least one packet can match, and it takes 1 to
/// [`MAX_RULES`](crate::MAX_RULES) rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    rules: Vec<Rule>,
    interfaces: Vec<String>,
}

impl Filter {
    /// Read a filter in [the language](crate::lang). The empty one takes every packet.
    ///
    /// Takes bounded time and memory, whatever is in the text.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let expr = lang::parse(text)?;
        let mut interfaces = Vec::new();
        let formula = lower(&expr, &mut interfaces);
        let rules = normalize(&formula).map_err(|(abort, span)| {
            let reason = match abort {
                Abort::TooManyRules => Reason::TooManyRules,
                Abort::TooComplex => Reason::TooComplex,
                Abort::Nothing(conflict) => {
                    let never = || "this is never true".to_owned();
                    let name = |number| name_of(&interfaces, number);
                    let conflict = conflict.map_or_else(never, |one| one.in_words(&name));
                    Reason::NeverMatches { conflict }
                }
            };
            FilterError::new(reason, span, text)
        })?;
        Ok(Self { text: text.to_owned(), rules, interfaces })
    }

    /// The one that takes every packet.
    pub fn everything() -> Self {
        Self { text: String::new(), rules: vec![Rule::default()], interfaces: Vec::new() }
    }

    /// What both take. An error's place is in the text of both together.
    pub fn and(&self, other: &Self) -> Result<Self, FilterError> {
        match (self.text.trim(), other.text.trim()) {
            (_, "") => Ok(self.clone()),
            ("", _) => Ok(other.clone()),
            (one, two) => Self::parse(&format!("({one}) and ({two})")),
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A packet matches if it matches one of them. In the dimension of interfaces, numbers are those
    /// of [`interfaces`](Self::interfaces).
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Names of the interfaces that the filter speaks of. Those that there are no taps on match no
    /// packet.
    pub fn interfaces(&self) -> &[String] {
        &self.interfaces
    }

    /// The rules in words, one each.
    pub fn in_words(&self) -> impl Iterator<Item = String> {
        self.rules
            .iter()
            .map(|rule| rule_in_words(rule, &|number| name_of(&self.interfaces, number)))
    }

    /// Whether a packet from the interface of that name matches, rule by rule and without tables.
    pub fn matches(&self, keys: &Keys, interface: &str) -> bool {
        let number = self.interfaces.iter().position(|name| name == interface);
        // One more than the last number is none of them.
        let ifindex = number.unwrap_or(self.interfaces.len()) as u32;
        let keys = Keys { ifindex, ..*keys };
        self.rules.iter().any(|rule| rule.turned_away_by(&keys).next().is_none())
    }
}

fn name_of(interfaces: &[String], number: u32) -> Option<&str> {
    interfaces.get(number as usize).map(String::as_str)
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_RULES;

    fn words(text: &str) -> Vec<String> {
        Filter::parse(text).unwrap_or_else(|error| panic!("{error}")).in_words().collect()
    }

    fn error(text: &str) -> FilterError {
        Filter::parse(text).unwrap_err()
    }

    #[test]
    fn alternatives_in_one_dimension_are_one_rule() {
        let expected = ["destination port 80 or 443 or 8000 to 8080"];
        assert_eq!(words("dst port 443 or 80 or dst portrange 8000-8080"), expected);
        let either = ["source port 80 or 443", "destination port 80 or 443"];
        assert_eq!(words("port 80 or port 443"), either);
        assert_eq!(words("tcp or udp and not tcp or tcp"), ["protocol 6 (tcp) or 17 (udp)"]);
    }

    #[test]
    fn everything_is_the_empty_filter() {
        assert_eq!(Filter::everything(), Filter::parse("").unwrap());
    }

    #[test]
    fn negations_are_complements() {
        let neither = ["destination port not 80, source port not 80"];
        assert_eq!(words("not port 80"), neither);
        assert_eq!(words("not not port 80"), words("port 80"));
        assert_eq!(words("tcp or not tcp"), ["every packet"]);
    }

    #[test]
    fn what_follows_from_the_rest_is_dropped() {
        assert_eq!(words("(tcp or udp or sctp) and dst port 53"), ["destination port 53"]);
        assert_eq!(words("ip6 and dst host ::1"), ["IPv6 destination ::1"]);
        assert_eq!(words("arp and not port 80"), ["kind ARP or ARP without IPv4"]);
        assert_eq!(words("ip and tcp"), ["kind IPv4, protocol 6 (tcp)"]);
        assert_eq!(words("udp and not tcp-flags syn"), ["protocol 17 (udp)"]);
    }

    #[test]
    fn a_contradiction_is_an_error_that_names_both_sides() {
        for (text, conflict) in [
            ("tcp and udp", "protocol 6 (tcp) and protocol 17 (udp) exclude each other"),
            ("vlan 5 and vlan 7", "VLAN 5 and VLAN 7 exclude each other"),
            ("udp and tcp-flags syn", "TCP flags syn and protocol 17 (udp) exclude each other"),
            (
                "src host 10.0.0.1 and dst host ::1",
                "IPv4 source 10.0.0.1 and IPv6 destination ::1 exclude each other",
            ),
            ("iface a and iface b", "interface a and interface b exclude each other"),
            (
                "arp and frag",
                "fragment first or later and kind ARP or ARP without IPv4 exclude each other",
            ),
            ("ttl > 255", "this is never true"),
        ] {
            let conflict = conflict.to_owned();
            assert_eq!(error(text).reason(), &Reason::NeverMatches { conflict }, "{text}");
        }
        assert_eq!(words("tcp and udp or icmp"), ["kind IPv4, protocol 1 (icmp)"]);
    }

    #[test]
    fn the_contradiction_is_pointed_at() {
        let span = error("ip and (tcp and udp)").span();
        assert_eq!((span.start, span.end), (7, 20));
    }

    /// Rules that can't be merged, in pairs of ports and TTLs.
    fn apart(count: usize) -> String {
        let rules: Vec<_> =
            (0..count).map(|n| format!("src port {} and ttl {}", 2 * n, n % 256)).collect();
        format!("({})", rules.join(") or ("))
    }

    #[test]
    fn rules_are_counted_and_explosions_end_early() {
        assert_eq!(words(&apart(200)).len(), 200);
        let choices = |count| {
            let choice = |n| format!("(dst port {n} or ttl {n} or dscp {n} or src port {n})");
            (0..count).map(choice).collect::<Vec<_>>().join(" and ")
        };
        // Four dimensions can't have five values.
        assert!(matches!(error(&choices(5)).reason(), Reason::NeverMatches { .. }));
        let pairs: Vec<_> =
            (0..60).map(|n| format!("(dst port {} and src port {})", 2 * n, 2 * n)).collect();
        let explosion = error(&format!("not ({})", pairs.join(" or ")));
        assert!(matches!(explosion.reason(), Reason::TooComplex | Reason::TooManyRules));
        let square =
            format!("{} and {}", apart_by("src port", "ttl"), apart_by("dst port", "dscp"));
        assert_eq!(error(&square).reason(), &Reason::TooManyRules);
        const { assert!(MAX_RULES < 20 * 20) };
    }

    /// 20 rules of two dimensions each.
    fn apart_by(one: &str, other: &str) -> String {
        let rules: Vec<_> = (0..20).map(|n| format!("{one} {} and {other} {n}", 2 * n)).collect();
        format!("(({}))", rules.join(") or ("))
    }
}
