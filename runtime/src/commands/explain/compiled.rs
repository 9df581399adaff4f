use ringtap_interest::{
    CompileError, Dimension, Filter, Interest, Judgement, Keys, Report, Tables,
};
use ringtap_record::PacketRecord;
use serde::Serialize;

use crate::wanted::Wanted;

/// What is explained.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// As it is compiled.
    interest: Interest,
    /// Where it is of a plugin.
    pub(super) stated: Option<Stated>,
}

/// An interest of a plugin: what that asks for, and what the configuration leaves of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stated {
    pub(super) plugin: String,
    pub(super) interest: String,
    pub(super) asked: Wanted,
    pub(super) granted: Wanted,
}

impl From<Filter> for Subject {
    fn from(filter: Filter) -> Self {
        Self { interest: filter.into(), stated: None }
    }
}

impl Subject {
    pub(super) fn of_plugin(plugin: String, asked: &Interest, granted: Interest) -> Self {
        let stated = Stated {
            plugin,
            interest: asked.name.clone(),
            asked: asked.into(),
            granted: (&granted).into(),
        };
        Self { interest: granted, stated: Some(stated) }
    }
}

/// Filters and the tables that they became. Interfaces that they name are taken as tapped.
pub(super) struct Compiled {
    pub(super) report: Report,
    /// One for each filter of the report.
    pub(super) subjects: Vec<Subject>,
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
    pub(super) fn new(subjects: Vec<Subject>) -> Result<Self, CompileError> {
        let interests: Vec<_> = subjects.iter().map(|subject| &subject.interest).collect();
        let filters: Vec<_> = interests.iter().map(|interest| &interest.filter).collect();
        let mut interfaces: Vec<String> = Vec::new();
        for name in filters.iter().flat_map(|filter| filter.interfaces()) {
            if !interfaces.contains(name) {
                interfaces.push(name.clone());
            }
        }
        let tapped: Vec<_> = interfaces.iter().map(String::as_str).zip(1..).collect();
        let tables = Tables::compile(&interests, &tapped)?;
        let report = Report::new(&tables, &filters);
        Ok(Self { report, subjects, tables, interfaces })
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
