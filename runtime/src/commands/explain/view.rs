use std::fmt;

use ringtap_interest::{FilterReport, MAX_RULES};
use ringtap_record::PacketRecord;
use serde::Serialize;

use super::{
    compiled::{Compiled, RuleVerdict, Stated, Subject},
    describe,
};
use crate::stdout::one_line;

/// Rules of one filter whose reasons are told for one packet, at most.
const MAX_REASONS: usize = 8;

/// All that is told: its fields as JSON, or shown, lines for people.
#[derive(Debug, Serialize)]
pub(super) struct Explanation {
    filters: Vec<FilterView>,
    /// Plugins of which nothing is explained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Refused>,
    /// Bits that are taken in all. Filters that share a rule share its bit.
    bits: usize,
    /// Bits that there are.
    of: usize,
    /// What is looked up in a packet, in that order.
    look_ups: Vec<&'static str>,
    packets: Vec<PacketView>,
    /// Packets of the capture that are not told.
    pub(super) more: u64,
}

/// A plugin that would not be loaded.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    pub(super) plugin: String,
    pub(super) reason: String,
}

#[derive(Debug, Serialize)]
struct FilterView {
    #[serde(flatten)]
    stated: Option<Stated>,
    filter: String,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
struct Rule {
    bit: usize,
    /// What a packet has to be.
    wants: String,
}

#[derive(Debug, Serialize)]
struct PacketView {
    number: u64,
    packet: String,
    /// By filter.
    filters: Vec<Outcome>,
}

/// What a filter makes of a packet.
#[derive(Debug, Serialize)]
struct Outcome {
    #[serde(flatten)]
    of: Option<Of>,
    matched: bool,
    rules: Vec<RuleOutcome>,
}

/// Whose filter it is, where it is a plugin's.
#[derive(Debug, Serialize)]
struct Of {
    plugin: String,
    interest: String,
}

#[derive(Debug, Serialize)]
struct RuleOutcome {
    bit: usize,
    matched: bool,
    /// Empty where it matched.
    turned_away_by: Vec<Value>,
}

/// Where a packet is not what a rule wants.
#[derive(Debug, Serialize)]
struct Value {
    dimension: &'static str,
    /// What the packet is there.
    packet_has: String,
}

impl Explanation {
    pub(super) fn new(compiled: &Compiled, refused: Vec<Refused>) -> Self {
        let Compiled { report, subjects, .. } = compiled;
        let filters = report.filters.iter().zip(subjects);
        Self {
            filters: filters.map(|(filter, subject)| FilterView::new(filter, subject)).collect(),
            refused,
            bits: report.bits,
            of: MAX_RULES,
            look_ups: report.look_ups.iter().map(|(dimension, _)| dimension.name()).collect(),
            packets: Vec::new(),
            more: 0,
        }
    }

    pub(super) fn packets(&self) -> usize {
        self.packets.len()
    }

    pub(super) fn is_without_packets(&self) -> bool {
        self.packets.is_empty()
    }

    /// Judge a packet.
    pub(super) fn add(
        &mut self,
        number: u64,
        record: &PacketRecord,
        interface: Option<&str>,
        compiled: &Compiled,
    ) {
        let verdicts = compiled.judge(record, interface);
        let filters = compiled.report.filters.iter().zip(&compiled.subjects);
        let outcomes = filters.map(|(filter, subject)| Outcome::new(filter, subject, &verdicts));
        let packet = describe::in_words(record, interface);
        self.packets.push(PacketView { number, packet, filters: outcomes.collect() });
    }
}

impl FilterView {
    fn new(report: &FilterReport, subject: &Subject) -> Self {
        let rule = |(bit, wants): &(usize, String)| Rule { bit: *bit, wants: wants.clone() };
        Self {
            stated: subject.stated.clone(),
            filter: report.text.clone(),
            rules: report.rules.iter().map(rule).collect(),
        }
    }
}

impl Outcome {
    fn new(filter: &FilterReport, subject: &Subject, verdicts: &[RuleVerdict]) -> Self {
        let own = |verdict: &&RuleVerdict| filter.rules.iter().any(|(bit, _)| *bit == verdict.bit);
        let rules: Vec<_> = verdicts.iter().filter(own).map(RuleOutcome::new).collect();
        let of = subject.stated.as_ref().map(|Stated { plugin, interest, .. }| Of {
            plugin: plugin.clone(),
            interest: interest.clone(),
        });
        Self { of, matched: rules.iter().any(|rule| rule.matched), rules }
    }
}

impl RuleOutcome {
    fn new(verdict: &RuleVerdict) -> Self {
        let RuleVerdict { bit, matched, turned_away_by } = verdict;
        let value = |(dimension, has): &(ringtap_interest::Dimension, String)| Value {
            dimension: dimension.name(),
            packet_has: has.clone(),
        };
        let turned_away_by = turned_away_by.iter().map(value).collect();
        Self { bit: *bit, matched: *matched, turned_away_by }
    }

    fn reason(&self) -> String {
        let values: Vec<_> = self.turned_away_by.iter().map(Value::in_words).collect();
        format!("turned away by {}", values.join(", "))
    }
}

impl Value {
    fn in_words(&self) -> String {
        match self.packet_has.strip_prefix("no ") {
            Some(what) => format!("having no {what}"),
            None => self.packet_has.clone(),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (filter, number) in self.filters.iter().zip(1..) {
            filter.show(f, number)?;
        }
        for Refused { plugin, reason } in &self.refused {
            writeln!(f, "plugin {plugin} is refused: {}\n", one_line(reason))?;
        }
        writeln!(f, "all filters: {} of the {} bits", self.bits, self.of)?;
        match self.look_ups.as_slice() {
            [] => writeln!(f, "nothing has to be looked up in a packet")?,
            names => writeln!(f, "looked up in a packet: {}", names.join(", "))?,
        }
        for packet in &self.packets {
            writeln!(f, "\npacket {}: {}", packet.number, one_line(&packet.packet))?;
            for (outcome, number) in packet.filters.iter().zip(1..) {
                outcome.show(f, number)?;
            }
        }
        if self.more > 0 {
            writeln!(f, "\n{} more: see --limit and --number", self.more)?;
        }
        Ok(())
    }
}

impl FilterView {
    fn show(&self, f: &mut fmt::Formatter<'_>, number: usize) -> fmt::Result {
        match &self.stated {
            Some(Stated { plugin, interest, asked, granted }) => {
                writeln!(f, "plugin {plugin}, interest {interest}")?;
                writeln!(f, "  asks for: {}", one_line(&asked.to_string()))?;
                writeln!(f, "  gets:     {}", one_line(&granted.to_string()))?;
            }
            None => {
                let text = one_line(self.filter.trim());
                let text = if text.is_empty() { "(the empty filter)" } else { &text };
                writeln!(f, "filter {number}: {text}")?;
            }
        }
        let either = if self.rules.len() > 1 { " one of" } else { "" };
        writeln!(f, "  takes packets that fit{either}")?;
        for Rule { bit, wants } in &self.rules {
            writeln!(f, "    bit {bit}: {}", one_line(wants))?;
        }
        writeln!(f, "  {} of the table's {MAX_RULES} bits\n", self.rules.len())
    }
}

impl Outcome {
    fn show(&self, f: &mut fmt::Formatter<'_>, number: usize) -> fmt::Result {
        let name = match &self.of {
            Some(Of { plugin, interest }) => format!("plugin {plugin}, interest {interest}"),
            None => format!("filter {number}"),
        };
        let matched = self.rules.iter().filter(|rule| rule.matched);
        let bits: Vec<_> = matched.map(|rule| rule.bit.to_string()).collect();
        match (bits.as_slice(), self.rules.as_slice()) {
            ([], [rule]) => writeln!(f, "  {name}: {}", one_line(&rule.reason())),
            ([], rules) => {
                writeln!(f, "  {name}: turned away by each of its rules")?;
                for rule in rules.iter().take(MAX_REASONS) {
                    writeln!(f, "    bit {}: {}", rule.bit, one_line(&rule.reason()))?;
                }
                match rules.len().saturating_sub(MAX_REASONS) {
                    0 => Ok(()),
                    more => writeln!(f, "    and {more} more"),
                }
            }
            (bits, _) => writeln!(f, "  {name}: matched by bit {}", bits.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use ringtap_interest::Filter;
    use ringtap_record::mark;

    use super::*;

    fn explained(filters: &[&str], interface: Option<&str>) -> Explanation {
        let filters = filters.iter().map(|text| Filter::parse(text).unwrap().into());
        let compiled = Compiled::new(filters.collect()).unwrap();
        let mut explanation = Explanation::new(&compiled, Vec::new());
        let record = PacketRecord {
            ip_version: 4,
            ip_len: 40,
            protocol: 6,
            dst_port: 80,
            src_port: 5,
            wire_len: 60,
            marks: mark::PORTS,
            ..PacketRecord::default()
        };
        explanation.add(1, &record, interface, &compiled);
        explanation
    }

    #[test]
    fn filters_and_a_packet_in_words() {
        let filters = ["tcp dst port 443", "tcp or iface eth1", "udp or vlan 5"];
        let wanted = "\
filter 1: tcp dst port 443
  takes packets that fit
    bit 0: protocol 6 (tcp), destination port 443
  1 of the table's 256 bits

filter 2: tcp or iface eth1
  takes packets that fit one of
    bit 1: protocol 6 (tcp)
    bit 2: interface eth1
  2 of the table's 256 bits

filter 3: udp or vlan 5
  takes packets that fit one of
    bit 3: protocol 17 (udp)
    bit 4: VLAN 5
  2 of the table's 256 bits

all filters: 5 of the 256 bits
looked up in a packet: protocol, destination port, VLAN, interface

packet 1: IPv4 tcp 0.0.0.0:5 > 0.0.0.0:80, 60 bytes, interface eth0
  filter 1: turned away by destination port 80
  filter 2: matched by bit 1
  filter 3: turned away by each of its rules
    bit 3: turned away by protocol 6 (tcp)
    bit 4: turned away by having no VLAN
";
        assert_eq!(explained(&filters, Some("eth0")).to_string(), wanted);
    }

    #[test]
    fn interfaces_that_filters_name_are_taken_as_tapped() {
        let outcome = |interface| explained(&["iface eth1"], interface).to_string();
        assert!(outcome(Some("eth1")).ends_with("filter 1: matched by bit 0\n"));
        assert!(outcome(Some("eth7")).ends_with("filter 1: turned away by interface eth7\n"));
        assert!(outcome(None).ends_with("filter 1: turned away by interface not known\n"));
    }

    #[test]
    fn everything_takes_a_bit_and_no_look_up() {
        let text = explained(&[" "], None).to_string();
        let start =
            "filter 1: (the empty filter)\n  takes packets that fit\n    bit 0: every packet\n";
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains("\nnothing has to be looked up in a packet\n"), "{text}");
    }

    #[test]
    fn programs_get_the_same_as_json() {
        let json = serde_json::to_value(explained(&["tcp dst port 443"], None)).unwrap();
        let wanted = serde_json::json!({
            "filters": [{
                "filter": "tcp dst port 443",
                "rules": [{ "bit": 0, "wants": "protocol 6 (tcp), destination port 443" }],
            }],
            "bits": 1,
            "of": 256,
            "look_ups": ["protocol", "destination port"],
            "packets": [{
                "number": 1,
                "packet": "IPv4 tcp 0.0.0.0:5 > 0.0.0.0:80, 60 bytes",
                "filters": [{
                    "matched": false,
                    "rules": [{
                        "bit": 0,
                        "matched": false,
                        "turned_away_by": [
                            { "dimension": "destination port", "packet_has": "destination port 80" },
                        ],
                    }],
                }],
            }],
            "more": 0,
        });
        assert_eq!(json, wanted);
    }
}
