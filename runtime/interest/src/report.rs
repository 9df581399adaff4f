//! What filters became, and what becomes of a packet, for people.

use std::fmt;

use crate::{
    Dimension, Filter, Keys, MAX_RULES, RuleSet, Set, Tables,
    rule::{in_words, rule_in_words},
};

/// What filters became: their rules and bits, and the look-ups that a packet costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By filter, in order.
    pub filters: Vec<FilterReport>,
    /// Bits that are taken. Filters that share a rule share its bit.
    pub bits: usize,
    /// The dimensions that are looked up, in that order, and the number of classes in each.
    pub look_ups: Vec<(Dimension, usize)>,
    /// Nodes of all tries, 512 bytes each.
    pub nodes: usize,
    /// Paths of all tries, 24 bytes each.
    pub paths: usize,
    /// Different sets of rules.
    pub sets: usize,
}

/// What one filter became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterReport {
    pub text: String,
    /// Bit and words of each rule. None, where it names only interfaces that there are no taps on.
    pub rules: Vec<(usize, String)>,
}

/// What becomes of one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// One per rule, by bit.
    pub verdicts: Vec<Verdict>,
}

/// What one rule says of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub bit: usize,
    /// The rule in words.
    pub rule: String,
    /// The dimensions that turned the packet away, and the packet's value there in words. The rule
    /// matched if there are none.
    pub turned_away_by: Vec<(Dimension, String)>,
}

impl Report {
    /// `filters` are those that the tables were compiled from.
    pub fn new(tables: &Tables, filters: &[&Filter]) -> Self {
        let filters = filters.iter().enumerate().map(|(number, filter)| {
            let bits = tables.interest(number).unwrap_or(RuleSet::EMPTY);
            FilterReport { text: filter.text().to_owned(), rules: rules(tables, bits) }
        });
        let used = Dimension::ALL.into_iter().filter(|one| tables.plan().uses(*one));
        Self {
            filters: filters.collect(),
            bits: tables.rules().len(),
            look_ups: used.map(|one| (one, tables.classes(one))).collect(),
            nodes: tables.nodes().len(),
            paths: tables.paths().len(),
            sets: tables.sets().len(),
        }
    }
}

fn rules(tables: &Tables, bits: RuleSet) -> Vec<(usize, String)> {
    let name = |index| tables.interface_name(index);
    let rules = tables.rules().iter().enumerate().filter(|(bit, _)| bits.has(*bit));
    rules.map(|(bit, rule)| (bit, rule_in_words(rule, &name))).collect()
}

impl Judgement {
    /// Why each rule takes the packet or not.
    pub fn new(tables: &Tables, keys: &Keys) -> Self {
        let name = |index| tables.interface_name(index);
        let value = |dimension| {
            let set = keys.value(dimension).map_or_else(Set::default, Set::one);
            (dimension, in_words(dimension, &set, &name))
        };
        let verdicts = tables.rules().iter().enumerate().map(|(bit, rule)| Verdict {
            bit,
            rule: rule_in_words(rule, &name),
            turned_away_by: rule.turned_away_by(keys).map(value).collect(),
        });
        Self { verdicts: verdicts.collect() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for filter in &self.filters {
            let text = if filter.text.trim().is_empty() { "(every packet)" } else { &filter.text };
            writeln!(f, "{text}")?;
            if filter.rules.is_empty() {
                writeln!(f, "  no rule: it names interfaces that are not tapped")?;
            }
            for (bit, rule) in &filter.rules {
                writeln!(f, "  bit {bit}: {rule}")?;
            }
        }
        writeln!(f, "{} of {MAX_RULES} bits", self.bits)?;
        for (dimension, classes) in &self.look_ups {
            writeln!(f, "  {}: {classes} classes", dimension.name())?;
        }
        writeln!(f, "{} nodes, {} paths, {} sets", self.nodes, self.paths, self.sets)
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for verdict in &self.verdicts {
            write!(f, "bit {}: {}: ", verdict.bit, verdict.rule)?;
            let values: Vec<_> =
                verdict.turned_away_by.iter().map(|(_, value)| value.as_str()).collect();
            match values.as_slice() {
                [] => writeln!(f, "matched")?,
                values => writeln!(f, "turned away by {}", values.join(", "))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ringtap_record::{PacketRecord, mark};

    use super::*;
    use crate::Interest;

    fn tables(filters: &[&Filter], interfaces: &[(&str, u32)]) -> Tables {
        let interests = filters.iter().map(|filter| Interest::from((*filter).clone()));
        let interests: Vec<_> = interests.collect();
        Tables::compile(&interests.iter().collect::<Vec<_>>(), interfaces).unwrap()
    }

    #[test]
    fn what_two_filters_become() {
        let web = Filter::parse("tcp dst port 443 or 80").unwrap();
        let other = Filter::parse("tcp dst port (80 or 443) or iface eth1").unwrap();
        let filters = [&web, &other];
        let tables = tables(&filters, &[("eth0", 2), ("eth1", 3)]);
        let expected = "\
tcp dst port 443 or 80
  bit 0: protocol 6 (tcp), destination port 80 or 443
tcp dst port (80 or 443) or iface eth1
  bit 0: protocol 6 (tcp), destination port 80 or 443
  bit 1: interface eth1
2 of 256 bits
  protocol: 2 classes
  destination port: 2 classes
  interface: 2 classes
4 nodes, 1 paths, 3 sets
";
        assert_eq!(Report::new(&tables, &filters).to_string(), expected);
    }

    #[test]
    fn what_becomes_of_a_packet() {
        let filter = Filter::parse("tcp dst port 443 or iface eth1 or udp").unwrap();
        let tables = tables(&[&filter], &[("eth0", 2), ("eth1", 3)]);
        let record = PacketRecord {
            ip_version: 4,
            ip_len: 40,
            protocol: 17,
            dst_port: 53,
            ifindex: 2,
            marks: mark::PORTS,
            ..PacketRecord::default()
        };
        let expected = "\
bit 0: protocol 6 (tcp), destination port 443: turned away by protocol 17 (udp), destination port 53
bit 1: interface eth1: turned away by interface eth0
bit 2: protocol 17 (udp): matched
";
        let keys = Keys::of(&record);
        assert_eq!(Judgement::new(&tables, &keys).to_string(), expected);
        assert_eq!(tables.classify(&keys).bits().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn an_interface_that_is_not_tapped_matches_nothing() {
        let filter = Filter::parse("iface eth7 and tcp").unwrap();
        let tables = tables(&[&filter], &[("eth0", 2)]);
        let report = Report::new(&tables, &[&filter]);
        assert_eq!((report.bits, report.filters[0].rules.len()), (0, 0));
        assert_eq!(tables.classify(&Keys::default()), RuleSet::EMPTY);
    }
}
