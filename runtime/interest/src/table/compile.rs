use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    fmt,
};

use super::{
    Judged, Lookup, MAX_CLASSES, MAX_RULES, PayloadClass, Plan, RuleSet, SampleClass, TrieNode,
    TriePath, judge,
    partition::Partition,
    trie::{Full, Sets, Tries},
};
use crate::{Dimension, Filter, Interest, Keys, Rule, SampleBy, Sampling, Set};

/// Any number of interests as tables. Never changed: new interests make new tables.
#[derive(Clone)]
pub struct Tables {
    plan: Plan,
    tries: Tries,
    sets: Vec<RuleSet>,
    rules: Vec<Rule>,
    interests: Vec<RuleSet>,
    classes: [usize; Dimension::COUNT],
    interfaces: Vec<(String, u32)>,
}

/// Why interests don't fit into one set of tables. `interest` is its place in the list, from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    #[error(
        "it needs {needed} rules and {left} of {MAX_RULES} are left: narrow it, or load fewer \
         plugins with filters of their own"
    )]
    TooManyRules { interest: usize, needed: usize, left: usize },
    #[error(
        "all filters together have too many different values of {}: use shorter prefixes, or \
         ranges in place of single values",
        dimension.name()
    )]
    TooManyValues { dimension: Dimension },
    #[error(
        "its sample of {sampling} is one rate more than the {MAX_CLASSES} that all plugins \
         together may have: use one of theirs"
    )]
    TooManyRates { interest: usize, sampling: Sampling },
    #[error(
        "its {payload} payload bytes are one number more than the {MAX_CLASSES} different ones \
         that all plugins together may have: use one of theirs"
    )]
    TooManyPayloads { interest: usize, payload: u16 },
}

impl CompileError {
    /// The interest that is one too many, by its place in the list; `None` where it is all of them.
    pub fn interest(&self) -> Option<usize> {
        match *self {
            Self::TooManyRules { interest, .. }
            | Self::TooManyRates { interest, .. }
            | Self::TooManyPayloads { interest, .. } => Some(interest),
            Self::TooManyValues { .. } => None,
        }
    }
}

impl Tables {
    /// Compile interests. Rules that are the same, in one filter or in several, share a bit where
    /// they are sampled in the same way and ask for as much payload.
    ///
    /// `interfaces` are the names and indexes of those that there are taps on. A filter that names
    /// another matches no packet by that name.
    pub fn compile(
        interests: &[&Interest],
        interfaces: &[(&str, u32)],
    ) -> Result<Self, CompileError> {
        let mut bits = Bits::default();
        for (number, interest) in interests.iter().enumerate() {
            bits.add(number, interest, interfaces)?;
        }
        let mut tables = Self {
            plan: bits.plan(),
            tries: Tries::default(),
            sets: Vec::new(),
            rules: bits.rules,
            interests: bits.interests,
            classes: [1; Dimension::COUNT],
            interfaces: interfaces.iter().map(|&(name, index)| (name.to_owned(), index)).collect(),
        };
        tables.build()?;
        Ok(tables)
    }

    fn build(&mut self) -> Result<(), CompileError> {
        let (mut tries, mut sets) = (Tries::default(), Sets::default());
        let slots = self.plan.roots.iter_mut().zip(&mut self.plan.absent).zip(&mut self.classes);
        for (dimension, ((root, absent), classes)) in Dimension::ALL.into_iter().zip(slots) {
            let Some(partition) = Partition::of(self.rules.iter(), dimension) else { continue };
            let full = || CompileError::TooManyValues { dimension };
            let parts = partition.parts.iter();
            let numbered = parts.map(|&(at, set)| Some((at, sets.number_of(set)?)));
            let numbered: Vec<_> = numbered.collect::<Option<_>>().ok_or_else(full)?;
            let trie = tries.add(dimension.bytes(), &numbered);
            *root = trie.map_err(|Full| full())?;
            *absent = sets.number_of(partition.absent).ok_or_else(full)?;
            *classes = partition.classes();
            self.plan.used |= dimension.bit();
        }
        let all = self.plan.used == 0 && self.plan.unsampled == self.plan.rules;
        self.plan.keeps_all = u32::from(all && !self.plan.rules.is_empty());
        (self.tries, self.sets) = (tries, sets.sets);
        Ok(())
    }

    /// What becomes of a packet. `random` gives 32 random bits, and is asked at most once.
    pub fn judge(&self, keys: &Keys, random: impl FnOnce() -> u32) -> Judged {
        judge(self, keys, random)
    }

    /// The rules that take a packet.
    pub fn classify(&self, keys: &Keys) -> RuleSet {
        super::classify(self, keys)
    }

    /// The payload bytes that come with a packet that was kept for these rules, at most.
    pub fn payload(&self, kept: RuleSet) -> u32 {
        self.plan.payload(kept)
    }

    /// The bits of an interest's rules; it keeps a packet if [`RuleSet::meets`]. By the interest's
    /// place in the list.
    pub fn interest(&self, number: usize) -> Option<RuleSet> {
        self.interests.get(number).copied()
    }

    /// By their bits. In the dimension of interfaces, numbers are interface indexes.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Into how many classes the values of a dimension fall, "has none" included: 1 where no rule
    /// cares.
    pub fn classes(&self, dimension: Dimension) -> usize {
        self.classes.get(dimension as usize).copied().unwrap_or(1)
    }

    pub(crate) fn interface_name(&self, index: u32) -> Option<&str> {
        let found = self.interfaces.iter().find(|(_, other)| *other == index);
        found.map(|(name, _)| name.as_str())
    }

    /// Where look-ups begin. Generation and seed are 0.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The nodes of all tries; at most [`MAX_NODES`](crate::MAX_NODES).
    pub fn nodes(&self) -> &[TrieNode] {
        &self.tries.nodes
    }

    /// Their paths; at most [`MAX_PATHS`](crate::MAX_PATHS).
    pub fn paths(&self) -> &[TriePath] {
        &self.tries.paths
    }

    /// All sets that tries lead to; at most [`MAX_SETS`](crate::MAX_SETS).
    pub fn sets(&self) -> &[RuleSet] {
        &self.sets
    }
}

impl Lookup for Tables {
    fn plan(&self) -> Option<&Plan> {
        Some(&self.plan)
    }

    fn node(&self, index: u16) -> Option<&TrieNode> {
        self.tries.nodes.get(usize::from(index))
    }

    fn path(&self, index: u16) -> Option<&TriePath> {
        self.tries.paths.get(usize::from(index))
    }

    fn set(&self, index: u16) -> Option<&RuleSet> {
        self.sets.get(usize::from(index))
    }
}

/// Thousands of numbers help nobody.
impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables")
            .field("interests", &self.interests)
            .field("interfaces", &self.interfaces)
            .finish_non_exhaustive()
    }
}

/// Gives rules their bits.
#[derive(Default)]
struct Bits {
    rules: Vec<Rule>,
    by_rule: HashMap<(Rule, Sampling, u16), usize>,
    interests: Vec<RuleSet>,
    samples: BTreeMap<Sampling, RuleSet>,
    payloads: BTreeMap<Reverse<u16>, RuleSet>,
}

impl Bits {
    fn add(
        &mut self,
        number: usize,
        interest: &Interest,
        interfaces: &[(&str, u32)],
    ) -> Result<(), CompileError> {
        let Interest { filter, sampling, payload, .. } = interest;
        let resolved = filter.rules().iter();
        let resolved = resolved.filter_map(|rule| resolve(rule, filter, interfaces));
        let keys: Vec<_> = resolved.map(|rule| (rule, *sampling, *payload)).collect();
        let left = MAX_RULES - self.rules.len();
        let needed = keys.iter().filter(|key| !self.by_rule.contains_key(key)).count();
        if needed > left {
            return Err(CompileError::TooManyRules { interest: number, needed, left });
        }
        let mut bits = RuleSet::EMPTY;
        for key in keys {
            let next = self.rules.len();
            let bit = *self.by_rule.entry(key).or_insert_with_key(|(rule, ..)| {
                self.rules.push(rule.clone());
                next
            });
            bits.set(bit, true);
        }
        self.sort(number, interest, bits)?;
        self.interests.push(bits);
        Ok(())
    }

    /// Put the bits with those that are sampled in the same way, and with those that ask for as much
    /// payload.
    fn sort(
        &mut self,
        number: usize,
        &Interest { sampling, payload, .. }: &Interest,
        bits: RuleSet,
    ) -> Result<(), CompileError> {
        if !sampling.is_all() {
            let class = self.samples.entry(sampling).or_default();
            *class = class.or(bits);
        }
        if payload > 0 {
            let class = self.payloads.entry(Reverse(payload)).or_default();
            *class = class.or(bits);
        }
        if self.samples.len() > MAX_CLASSES {
            return Err(CompileError::TooManyRates { interest: number, sampling });
        }
        if self.payloads.len() > MAX_CLASSES {
            return Err(CompileError::TooManyPayloads { interest: number, payload });
        }
        Ok(())
    }

    fn samples_by(&self, by: SampleBy) -> bool {
        self.samples.keys().any(|sampling| sampling.by() == by)
    }

    /// Everything but the look-ups.
    fn plan(&self) -> Plan {
        let rules = first(self.rules.len());
        let sampled = self.samples.values().fold(RuleSet::EMPTY, |all, class| all.or(*class));
        let mut plan = Plan {
            rules,
            unsampled: rules.and(sampled.not()),
            sampled_by_packet: self.samples_by(SampleBy::Packet).into(),
            sampled_by_flow: self.samples_by(SampleBy::Flow).into(),
            with_payload: (!self.payloads.is_empty()).into(),
            ..Plan::default()
        };
        for (class, (sampling, &rules)) in plan.samples.iter_mut().zip(&self.samples) {
            let by_flow = u32::from(sampling.by() == SampleBy::Flow);
            *class = SampleClass { rules, below: below(*sampling), by_flow };
        }
        for (class, (&Reverse(bytes), &rules)) in plan.payloads.iter_mut().zip(&self.payloads) {
            *class = PayloadClass { rules, bytes: bytes.into(), reserved: 0 };
        }
        plan
    }
}

/// How many of the 2^32 numbers that a packet can draw keep it.
fn below(sampling: Sampling) -> u32 {
    u32::try_from((1_u64 << 32) / u64::from(sampling.one_in())).unwrap_or(u32::MAX)
}

/// The rule with interface indexes in place of the numbers of names; `None` where it names only
/// interfaces that there are no taps on.
fn resolve(rule: &Rule, filter: &Filter, interfaces: &[(&str, u32)]) -> Option<Rule> {
    let Some(names) = rule.set(Dimension::Interface) else { return Some(rule.clone()) };
    let named = filter.interfaces().iter().zip(0_u32..).filter(|(_, number)| {
        // A rule speaks of an interface where it treats it unlike those without a name here.
        names.contains(Some((*number).into())) != names.contains(Some(u32::MAX.into()))
    });
    let indexes = named.flat_map(|(name, _)| {
        interfaces.iter().filter(move |(other, _)| other == name).map(|(_, index)| *index)
    });
    let indexes = indexes.map(|index| (index.into(), index.into())).collect();
    let set = Set::from_ranges(false, indexes);
    let set = match names.contains(Some(u32::MAX.into())) {
        true => set.not(Dimension::Interface),
        false => set,
    };
    let mut resolved = rule.clone();
    if set.is_empty() {
        return None;
    }
    resolved.replace(Dimension::Interface, set);
    Some(resolved)
}

/// The first so many rules.
fn first(count: usize) -> RuleSet {
    let mut rules = RuleSet::EMPTY;
    (0..count).for_each(|rule| rules.set(rule, true));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: String) -> Interest {
        Filter::parse(&text).unwrap_or_else(|error| panic!("{error}")).into()
    }

    /// Rules that can't be merged.
    fn apart(range: std::ops::Range<usize>) -> Interest {
        let rules: Vec<_> = range.map(|n| format!("(src port {} and ttl {n})", 2 * n)).collect();
        filter(rules.join(" or "))
    }

    #[test]
    fn bits_are_given_until_there_are_none() {
        // Ten of them are shared.
        let (most, more) = (apart(0..200), apart(190..256));
        assert!(Tables::compile(&[&most, &more], &[]).is_ok());
        let last = filter("udp or (vlan and arp)".to_owned());
        let error = Tables::compile(&[&most, &more, &last], &[]).unwrap_err();
        assert_eq!(error, CompileError::TooManyRules { interest: 2, needed: 2, left: 0 });
    }

    #[test]
    fn the_last_bit_works() {
        let (most, rest) = (apart(0..200), apart(200..256));
        let tables = Tables::compile(&[&most, &rest], &[]).unwrap();
        assert_eq!(tables.rules().len(), MAX_RULES);
        let present = [Dimension::Kind, Dimension::SrcPort, Dimension::Ttl, Dimension::Protocol];
        let present = present.iter().fold(0, |bits, one| bits | one.bit());
        let keys =
            Keys { src_port: 510, ttl: 255, present, kind: 1, protocol: 6, ..Keys::default() };
        assert_eq!(tables.classify(&keys).bits().collect::<Vec<_>>(), [255]);
        assert!(tables.interest(1).unwrap().has(255) && !tables.interest(0).unwrap().has(255));
        assert_eq!(tables.interest(2), None);
    }

    #[test]
    fn a_dimension_that_no_rule_uses_is_not_looked_up() {
        let tables = Tables::compile(&[&filter("tcp".to_owned())], &[]).unwrap();
        assert_eq!(tables.plan().used, Dimension::Protocol.bit());
        assert_eq!(tables.nodes().len(), 1);
        let none = Tables::compile(&[], &[]).unwrap();
        assert_eq!((none.plan().used, none.plan().rules), (0, RuleSet::EMPTY));
        let all = Tables::compile(&[&filter(String::new())], &[]).unwrap();
        assert_eq!(all.classify(&Keys::default()).bits().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn what_keeps_all_is_known_without_a_look() {
        let keeps_all = |interests: &[Interest]| {
            let interests: Vec<_> = interests.iter().collect();
            Tables::compile(&interests, &[]).unwrap().plan().keeps_all
        };
        let (all, some) = (filter(String::new()), filter("tcp".to_owned()));
        assert_eq!(keeps_all(&[]), 0);
        assert_eq!(keeps_all(std::slice::from_ref(&all)), 1);
        assert_eq!(keeps_all(&[all.clone(), some]), 0);
        let sampling = Sampling::new(100, SampleBy::Packet).unwrap();
        let sampled = Interest { sampling, ..all.clone() };
        assert_eq!(keeps_all(std::slice::from_ref(&sampled)), 0);
        assert_eq!(keeps_all(&[all, sampled]), 0);
    }

    #[test]
    fn too_many_long_prefixes_are_refused() {
        let hosts = |n: usize| {
            let host = |m| format!("2001:db8:{n:x}:{m:x}::1");
            filter(format!("dst host {}", (0..100).map(host).collect::<Vec<_>>().join(" or ")))
        };
        let filters: Vec<_> = (0..100).map(hosts).collect();
        let error = Tables::compile(&filters.iter().collect::<Vec<_>>(), &[]).unwrap_err();
        assert_eq!(error, CompileError::TooManyValues { dimension: Dimension::DstV6 });
    }

    #[test]
    fn interfaces_by_name_become_indexes() {
        let interfaces = [("eth0", 2), ("eth1", 70_000)];
        let takes = |text: &str, ifindex| {
            let filter = filter(text.to_owned());
            let keys = Keys { ifindex, present: Dimension::Interface.bit(), ..Keys::default() };
            !Tables::compile(&[&filter], &interfaces).unwrap().classify(&keys).is_empty()
        };
        for (text, expected) in [
            ("iface eth1", [false, true, false]),
            ("not iface eth1", [true, false, true]),
            ("iface eth0 or eth1 or eth7", [true, true, false]),
            ("not iface eth7", [true, true, true]),
            ("iface eth7", [false, false, false]),
            ("iface eth0 or not iface eth7", [true, true, true]),
        ] {
            assert_eq!([2, 70_000, 5].map(|index| takes(text, index)), expected, "{text}");
        }
    }

    fn sampled(text: &str, one_in: u32, by: SampleBy, payload: u16) -> Interest {
        let sampling = Sampling::new(one_in, by).unwrap();
        Interest { sampling, payload, ..filter(text.to_owned()) }
    }

    #[test]
    fn rules_that_are_sampled_in_other_ways_have_bits_of_their_own() {
        let all = sampled("tcp", 1, SampleBy::Packet, 0);
        let tenth = sampled("tcp", 10, SampleBy::Packet, 0);
        let flows = sampled("tcp", 10, SampleBy::Flow, 0);
        let bytes = sampled("tcp", 1, SampleBy::Packet, 100);
        let tables = Tables::compile(&[&all, &tenth, &flows, &bytes, &all, &tenth], &[]).unwrap();
        let bits = |number| tables.interest(number).unwrap().bits().collect::<Vec<_>>();
        assert_eq!([0, 1, 2, 3, 4, 5].map(bits), [[0], [1], [2], [3], [0], [1]]);
        assert_eq!(tables.plan().unsampled.bits().collect::<Vec<_>>(), [0, 3]);
        assert!(tables.plan().needs_keys());
    }

    #[test]
    fn a_packet_in_a_sample_is_in_every_larger_one() {
        let rates = [1, 2, 10, 1000].map(|rate| sampled("", rate, SampleBy::Packet, 0));
        let tables = Tables::compile(&rates.each_ref(), &[]).unwrap();
        let kept = |draw| tables.judge(&Keys::default(), || draw).kept.len();
        assert_eq!([0, 1 << 22, 1 << 23, 1 << 30, 1 << 31, u32::MAX].map(kept), [4, 4, 3, 2, 1, 1]);
        // As many draws keep a packet as there should be, to the last one.
        assert_eq!((kept((1 << 31) - 1), kept(4_294_967), kept(4_294_966)), (2, 3, 4));
    }

    #[test]
    fn the_greediest_interest_decides_how_much_payload_comes() {
        let interests = [("tcp", 0), ("udp", 64), ("dst port 53", 1500)]
            .map(|(text, bytes)| sampled(text, 1, SampleBy::Packet, bytes));
        let tables = Tables::compile(&interests.each_ref(), &[]).unwrap();
        let bits = |number| tables.interest(number).unwrap();
        assert_eq!(tables.payload(bits(0)), 0);
        assert_eq!(tables.payload(bits(0).or(bits(1))), 64);
        assert_eq!(tables.payload(bits(2).or(bits(1))), 1500);
    }

    #[test]
    fn rates_and_payload_sizes_are_bounded() {
        let rates: Vec<_> = (2..11).map(|rate| sampled("", rate, SampleBy::Flow, 0)).collect();
        let error = Tables::compile(&rates.iter().collect::<Vec<_>>(), &[]).unwrap_err();
        let sampling = rates[8].sampling;
        assert_eq!(error, CompileError::TooManyRates { interest: 8, sampling });
        let sizes: Vec<_> = (1..10).map(|bytes| sampled("", 1, SampleBy::Packet, bytes)).collect();
        let error = Tables::compile(&sizes.iter().collect::<Vec<_>>(), &[]).unwrap_err();
        assert_eq!(error, CompileError::TooManyPayloads { interest: 8, payload: 9 });
    }
}
