use ringtap_interest::{
    CompileError, Dimension, Filter, Interest, Judgement, Keys, Report, Tables,
};
use ringtap_record::PacketRecord;

/// Filters and the tables that they became. Interfaces that they name are taken as tapped.
pub(super) struct Compiled {
    pub(super) report: Report,
    tables: Tables,
    /// Numbered from 1, as kernels do.
    interfaces: Vec<String>,
}

/// What one rule says of a packet.
pub(super) struct RuleVerdict {
    pub(super) bit: usize,
    pub(super) matched: bool,
    /// Where the packet is not what the rule wants, and what it is there in words.
    pub(super) turned_away_by: Vec<(Dimension, String)>,
}

impl Compiled {
    pub(super) fn new(filters: Vec<Filter>) -> Result<Self, CompileError> {
        let mut interfaces: Vec<String> = Vec::new();
        for name in filters.iter().flat_map(Filter::interfaces) {
            if !interfaces.contains(name) {
                interfaces.push(name.clone());
            }
        }
        let filters: Vec<&Filter> = filters.iter().collect();
        let tapped: Vec<_> = interfaces.iter().map(String::as_str).zip(1..).collect();
        let interests: Vec<Interest> =
            filters.iter().map(|filter| (*filter).clone().into()).collect();
        let tables = Tables::compile(&interests.iter().collect::<Vec<_>>(), &tapped)?;
        Ok(Self { report: Report::new(&tables, &filters), tables, interfaces })
    }

    /// What every rule says of a packet from that interface, by bit. Whether it matches is what the
    /// tables say, as in the kernel.
    pub(super) fn judge(&self, record: &PacketRecord, interface: Option<&str>) -> Vec<RuleVerdict> {
        let number = self.interfaces.iter().position(|name| Some(name.as_str()) == interface);
        // One after the last is none of those that filters name.
        let ifindex = 1 + number.unwrap_or(self.interfaces.len()) as u32;
        let keys = Keys { ifindex, ..Keys::of(record) };
        let taken = self.tables.classify(&keys);
        let verdict = |verdict: ringtap_interest::Verdict| RuleVerdict {
            bit: verdict.bit,
            matched: taken.has(verdict.bit),
            turned_away_by: verdict
                .turned_away_by
                .into_iter()
                .map(|(dimension, value)| (dimension, in_words(dimension, value, interface)))
                .collect(),
        };
        Judgement::new(&self.tables, &keys).verdicts.into_iter().map(verdict).collect()
    }
}

fn in_words(dimension: Dimension, value: String, interface: Option<&str>) -> String {
    match (dimension, interface) {
        (Dimension::Interface, Some(name)) => format!("interface {name}"),
        (Dimension::Interface, None) => "interface not known".to_owned(),
        _ => value,
    }
}
