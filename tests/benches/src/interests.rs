//! ns a packet of taps that know what plugins want: of packets that nobody wants, and of wanted ones.

use std::rc::Rc;

use anyhow::Context;
use ringtap_interest::{Interest, SampleBy, Sampling, Tables};
use ringtap_tap::{Attachment, Config};

use crate::{
    bpf::{Body, Kind},
    packets::Flow,
    rules::{self, Prefixes},
    suite::{CaseId, Relation, Suite},
    test_runs::{Bench, Fate, Program, Sight, TC_INGRESS, XDP},
};

const FLOW: Flow = Flow { ipv6: false, tcp: true, vlan: false, number: 1 };

const HOOKS: [(&str, Kind, Attachment); 2] =
    [("XDP", Kind::Xdp, XDP), ("TC", Kind::Tc, TC_INGRESS)];
const FAMILIES: [(&str, bool); 2] = [("TCP/IPv4", false), ("TCP/IPv6", true)];

/// What a packet that nobody wants may cost more than an empty program, in ns.
const WITHOUT_PREFIXES: f64 = 20.0;
const WITH_PREFIXES: f64 = 35.0;
/// How much more than with one rule the tap may take with 256.
const TIMES_ONE_RULE: f64 = 1.3;

const ONE_IN: u32 = 100;

/// Ethernet, IPv4 and TCP.
const HEADERS: usize = 54;
const LONGEST_PAYLOAD: u32 = 1500;

pub(crate) fn suite() -> anyhow::Result<Suite> {
    let columns = [
        ("ns more than an empty program", Relation::Difference),
        ("times 1 rule", Relation::Ratio),
        ("times 1 net each", Relation::Ratio),
    ];
    let mut suite = Suite::new("Interests", "packet", &columns);
    let bench = Bench::new(Config::default())?;
    let (unwanted, wanted) = (unwanted()?, wanted(&bench)?);
    for (hook, kind, attachment) in HOOKS {
        let program = Program::load(kind, Body::Empty)?;
        let name = format!("{hook}: empty program");
        let empty = suite.case(name, &[], program.run(FLOW.frame(64)));
        for (packet, ipv6) in FAMILIES {
            let frame = Flow { ipv6, ..FLOW }.frame(64);
            let mut references = References { empty, one_rule: None, one_net_each: None };
            for set in &unwanted {
                let name = format!("{hook}, {packet}, unwanted: {}", set.name);
                let sight = Sight {
                    attachment,
                    frame: frame.clone(),
                    tables: Rc::clone(&set.tables),
                    fate: Fate::Uninterested,
                };
                references.case(&mut suite, name, set.rules, bench.run(sight));
            }
        }
        for (name, sight) in &wanted {
            let sight = Sight { attachment, ..sight.clone() };
            suite.case(format!("{hook}, TCP/IPv4, {name}"), &[Some(empty)], bench.run(sight));
        }
    }
    Ok(suite)
}

/// Interests in what is not sent.
struct Unwanted {
    name: &'static str,
    rules: Rules,
    tables: Rc<Tables>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    None,
    One,
    OneNetEach,
    ManyByPorts,
    ManyWithPrefixes,
}

fn unwanted() -> anyhow::Result<Vec<Unwanted>> {
    let set = |name, rules, filters: Vec<String>| {
        let interests = rules::interests(filters).with_context(|| format!("filters: {name}"))?;
        anyhow::Ok(Unwanted { name, rules, tables: tables(&interests)? })
    };
    let half = |prefixes| rules::half_prefixes(FLOW, prefixes).collect();
    let (many, prefixes) = (Rules::ManyByPorts, Rules::ManyWithPrefixes);
    [
        set("no interests", Rules::None, Vec::new()),
        set("1 rule, `tcp dst port 8443`", Rules::One, vec!["tcp dst port 8443".to_owned()]),
        set("1 net each of IPv4 and IPv6", Rules::OneNetEach, rules::one_net_each(FLOW).collect()),
        set("256 rules by ports, 1 looked up", many, rules::ports().collect()),
        set("256 rules by ports, 2 looked up", many, rules::both_ports(FLOW).collect()),
        set("256 rules, half nets, ports looked up", prefixes, half(Prefixes::BehindAPort)),
        set("256 rules, half nets, all looked up", prefixes, half(Prefixes::Nets)),
        set("256 rules, half hosts, all looked up", prefixes, half(Prefixes::Hosts)),
    ]
    .into_iter()
    .collect()
}

/// The cases that others on the same hook, with the same packet, are compared with.
struct References {
    empty: CaseId,
    one_rule: Option<CaseId>,
    one_net_each: Option<CaseId>,
}

impl References {
    fn case(
        &mut self,
        suite: &mut Suite,
        name: String,
        rules: Rules,
        run: impl FnMut() -> anyhow::Result<f64> + 'static,
    ) {
        let with_prefixes = rules == Rules::ManyWithPrefixes;
        let many = with_prefixes || rules == Rules::ManyByPorts;
        let one_rule = self.one_rule.filter(|_| many);
        let one_net_each = self.one_net_each.filter(|_| with_prefixes);
        let case = suite.case(name, &[Some(self.empty), one_rule, one_net_each], run);
        let most = match rules {
            Rules::None | Rules::One | Rules::ManyByPorts => Some(WITHOUT_PREFIXES),
            Rules::ManyWithPrefixes => Some(WITH_PREFIXES),
            Rules::OneNetEach => None,
        };
        suite.targets(case, &[most, many.then_some(TIMES_ONE_RULE)]);
        match rules {
            Rules::One => self.one_rule = Some(case),
            Rules::OneNetEach => self.one_net_each = Some(case),
            _ => {}
        }
    }
}

/// What one interest makes of packets that it matches, on any hook.
fn wanted(bench: &Bench) -> anyhow::Result<Vec<(String, Sight)>> {
    let filter = rules::interests(["tcp dst port 443"])?.remove(0);
    let sight = |interest: Interest, frame: Vec<u8>, fate| {
        anyhow::Ok(Sight { attachment: TC_INGRESS, frame, tables: tables(&[interest])?, fate })
    };
    let sampled =
        |by| anyhow::Ok(Interest { sampling: Sampling::new(ONE_IN, by)?, ..filter.clone() });
    let by_flow = sight(sampled(SampleBy::Flow)?, FLOW.frame(64), Fate::Sampled)?;
    let payload = |bytes: u32| {
        let interest = Interest { payload: bytes as u16, ..filter.clone() };
        let frame = FLOW.frame(HEADERS + LONGEST_PAYLOAD as usize);
        sight(interest, frame, Fate::Published(bytes))
    };
    Ok(vec![
        ("wanted".to_owned(), sight(filter.clone(), FLOW.frame(64), Fate::Published(0))?),
        (
            format!("1 in {ONE_IN} by packet"),
            sight(sampled(SampleBy::Packet)?, FLOW.frame(64), Fate::Sampled)?,
        ),
        (
            format!("1 in {ONE_IN} by flow, left out"),
            flow_that_ends(bench, &by_flow, Fate::SampledOut)?,
        ),
        (
            format!("1 in {ONE_IN} by flow, kept"),
            flow_that_ends(bench, &by_flow, Fate::Published(0))?,
        ),
        ("64 bytes of payload".to_owned(), payload(64)?),
        (format!("{LONGEST_PAYLOAD} bytes of payload"), payload(LONGEST_PAYLOAD)?),
    ])
}

/// The sight of a flow with that fate: which flows are in a sample differs from run to run.
fn flow_that_ends(bench: &Bench, sight: &Sight, fate: Fate) -> anyhow::Result<Sight> {
    const TRIES: u16 = 20_000;
    for number in 0..TRIES {
        let frame = Flow { number, ..FLOW }.frame(64);
        let sight = Sight { frame, fate, ..sight.clone() };
        if fate.check(1, &bench.try_once(&sight)?).is_ok() {
            return Ok(sight);
        }
    }
    anyhow::bail!("none of {TRIES} flows ended as {fate:?}")
}

fn tables(interests: &[Interest]) -> anyhow::Result<Rc<Tables>> {
    Ok(Rc::new(Tables::compile(&interests.iter().collect::<Vec<_>>(), &[])?))
}
