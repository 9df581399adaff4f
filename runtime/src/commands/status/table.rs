use std::{fmt, time::Duration};

use bytesize::ByteSize;

use super::look::{Instance, Look};
use crate::{
    control::{
        BudgetReport, EdgeReport, InterestReport, InterestTable, PluginReport, SightReport, Status,
        TapReport,
    },
    stdout::one_line,
};

/// What a look brought, for people: up to 100 columns as long as numbers are of usual size.
pub(super) struct Table<'a> {
    pub(super) look: &'a Look,
    /// An earlier look, to tell rates from.
    pub(super) before: Option<&'a Look>,
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, instance) in self.look.instances.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let before = self.before.and_then(|before| before.same(instance));
            Shown { now: &instance.status, before: before.map(|Instance { status, .. }| status) }
                .fmt(f)?;
        }
        Ok(())
    }
}

/// One instance.
struct Shown<'a> {
    now: &'a Status,
    before: Option<&'a Status>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status { version, pid, uptime_ms, interests, taps, plugins, problems, .. } = self.now;
        let version = one_line(version);
        write!(f, "ringtap {version}, pid {pid}, up {}", time(*uptime_ms))?;
        writeln!(f, "; {}", table(interests))?;
        if taps.is_empty() {
            writeln!(f, "\nno tap")?;
        } else {
            writeln!(f, "\n{TAP_HEAD}")?;
        }
        taps.iter().try_for_each(|tap| self.tap(f, tap))?;
        if plugins.is_empty() {
            writeln!(f, "\nno plugin")?;
        } else {
            writeln!(f, "\n{PLUGIN_HEAD}")?;
        }
        plugins.iter().try_for_each(|plugin| self.plugin(f, plugin))?;
        if !problems.is_empty() {
            writeln!(f, "\nproblems")?;
        }
        problems.iter().try_for_each(|problem| writeln!(f, "  {}", one_line(problem)))
    }
}

const TAP_HEAD: &str = "tap                                  seen = uninterested + sampled out \
                        +      lost +     published";
const PLUGIN_HEAD: &str = "plugin                          published =      shed +    failed \
                           +     delivered + in flight";

fn edge_line(edge: &EdgeReport) -> String {
    let EdgeReport { input, published, shed, failed, delivered, in_flight, .. } = edge;
    format!(
        "from {input}: {published} = {shed} shed + {failed} failed + {delivered} delivered + \
         {in_flight} in flight"
    )
}

impl Shown<'_> {
    fn tap(&self, f: &mut fmt::Formatter<'_>, tap: &TapReport) -> fmt::Result {
        let name = one_line(&format!("{} {} {}", tap.interface, tap.hook, tap.direction));
        let TapReport { seen, uninterested, sampled_out, lost_total, published, .. } = tap;
        writeln!(
            f,
            "{name:<27} {seen:>13} = {uninterested:>12} + {sampled_out:>11} + {lost_total:>9} + \
             {published:>13}"
        )?;
        writeln!(f, "  {}", one_line(&self.tap_notes(tap).join("; ")))?;
        match tap.sight.as_ref().and_then(sight) {
            Some(sight) => writeln!(f, "  {}", one_line(&sight)),
            None => Ok(()),
        }
    }

    /// What else there is to know of a tap, in short.
    fn tap_notes(&self, tap: &TapReport) -> Vec<String> {
        let since = time(self.now.at_ms.saturating_sub(tap.since_ms));
        let mut notes = vec![match tap.attached {
            true => format!("{}, for {since}", tap.how),
            false => format!("detached, since its interface went; {} before", tap.how),
        }];
        let before = self.before.and_then(|before| {
            let same = |other: &&TapReport| {
                (other.ifindex, &other.hook, &other.direction, other.since_ms)
                    == (tap.ifindex, &tap.hook, &tap.direction, tap.since_ms)
            };
            before.taps.iter().find(same)
        });
        notes.extend(self.rate(tap.seen, before.map(|tap| tap.seen), "packets"));
        let lost = tap.lost.iter().filter(|(_, count)| **count > 0);
        notes.extend(lost.map(|(reason, count)| format!("{count} lost: {}", loss(reason))));
        notes.push(match (tap.closes, tap.in_flight) {
            (true, _) => "every packet is accounted for".to_owned(),
            (false, 0) => "read while it counted".to_owned(),
            (false, count) => format!("{count} in flight"),
        });
        notes
    }

    fn plugin(&self, f: &mut fmt::Formatter<'_>, plugin: &PluginReport) -> fmt::Result {
        let name = one_line(&plugin.name);
        let PluginReport { published, shed, failed, delivered, in_flight, .. } = plugin;
        writeln!(
            f,
            "{name:<27} {published:>13} = {shed:>9} + {failed:>9} + {delivered:>13} + \
             {in_flight:>9}"
        )?;
        writeln!(f, "  {}", one_line(&self.plugin_notes(plugin).join("; ")))?;
        for InterestReport { name, wanted, bits } in &plugin.interests {
            let bits = if *bits == 1 { "1 bit".to_owned() } else { format!("{bits} bits") };
            writeln!(f, "  gets {}", one_line(&format!("{name}: {wanted}; {bits}")))?;
        }
        for edge in &plugin.edges {
            writeln!(f, "  {}", one_line(&edge_line(edge)))?;
        }
        if let Some(reason) = &plugin.reason {
            writeln!(f, "  {}: {}", plugin.state, one_line(reason))?;
        }
        // A plugin that never ran says the same twice.
        let kept = plugin.last_reload.as_ref().filter(|reload| reload.reason != plugin.reason);
        if let Some(reason) = kept.and_then(|reload| reload.reason.as_ref()) {
            writeln!(f, "  the last change was not accepted: {}", one_line(reason))?;
        }
        Ok(())
    }

    /// What is unusual about a plugin.
    fn plugin_warnings(plugin: &PluginReport) -> Vec<String> {
        let mut warnings = Vec::new();
        warnings.extend(plugin.compiling.clone());
        warnings.extend(plugin.restarts_in_ms.map(|ms| format!("starts again in {}", time(ms))));
        let counted = [
            (plugin.restarts, "restarts"),
            (plugin.log_suppressed, "log lines suppressed"),
            (plugin.events_suppressed, "events suppressed"),
        ];
        let counted = counted.into_iter().filter(|(count, _)| *count > 0);
        warnings.extend(counted.map(|(count, what)| format!("{count} {what}")));
        warnings.extend(match &plugin.budget {
            Some(BudgetReport { suspended: true, .. }) => {
                Some("suspended: over its CPU budget".to_owned())
            }
            Some(BudgetReport { one_in: one_in @ 2.., .. }) => {
                Some(format!("given 1/{one_in} of its records: over its CPU budget"))
            }
            _ => None,
        });
        warnings
    }

    /// What else there is to know of a plugin, in short.
    fn plugin_notes(&self, plugin: &PluginReport) -> Vec<String> {
        let mut notes = vec![plugin.state.clone()];
        notes.extend(plugin.version.as_ref().map(|version| format!("version {version}")));
        notes.extend(plugin.last_reload.as_ref().map(|reload| reload.outcome.replace('_', " ")));
        let before = self
            .before
            .and_then(|before| before.plugins.iter().find(|other| other.name == plugin.name));
        let delivered = before.map(|plugin| plugin.delivered);
        notes.extend(self.rate(plugin.delivered, delivered, "records"));
        let (queued, capacity) = (plugin.queue_records, plugin.queue_capacity_records);
        notes.push(format!("queue {queued} of {capacity}"));
        notes.push(format!("memory {}", ByteSize(plugin.memory_bytes)));
        notes.extend(Self::plugin_warnings(plugin));
        let calls = plugin.calls.iter().filter(|call| call.count > 0);
        notes.extend(calls.map(|call| format!("{} {}", call.count, call.call)));
        notes
    }

    fn rate(&self, now: u64, before: Option<u64>, what: &str) -> Option<String> {
        let ms = self.now.uptime_ms.checked_sub(self.before?.uptime_ms).filter(|ms| *ms > 0)?;
        let count = now.saturating_sub(before?);
        Some(format!("{:.0} {what}/s", count as f64 * 1000.0 / ms as f64))
    }
}

/// What there is to know of the tables, in short.
fn table(table: &InterestTable) -> String {
    let InterestTable { generation, bits, bits_capacity, strays } = table;
    let mut text = format!("interests take {bits} of {bits_capacity} bits");
    if let Some(generation) = generation {
        text += &format!(", generation {generation}");
    }
    if *strays > 0 {
        text += &format!("; {strays} stray records: this is a bug in ringtap");
    }
    text
}

/// What keeps a tap from seeing packets, if anything may.
fn sight(sight: &SightReport) -> Option<String> {
    let behind = sight.behind.join(" and ");
    match (sight.state.as_str(), sight.passed) {
        ("clear", _) => None,
        ("blind", Some(passed)) => {
            Some(format!("blind: {passed} packets passed, and none came through {behind}"))
        }
        (state, _) => Some(format!("{state} {behind}: what that takes away, it does not see")),
    }
}

fn loss(reason: &str) -> &str {
    match reason {
        "ring_full" => "the ring buffer was full",
        "no_ring" => "their CPU came online after the start",
        "ring_busy" => "one tap interrupted another",
        other => other,
    }
}

/// To the second.
fn time(ms: u64) -> String {
    humantime::format_duration(Duration::from_secs(ms / 1000)).to_string()
}

#[cfg(test)]
mod tests {
    use crate::{
        control::{CallReport, ReloadReport},
        wanted::Wanted,
    };

    use super::*;

    fn look(uptime_ms: u64, seen: u64) -> Look {
        let tap = TapReport {
            interface: "eth0".to_owned(),
            ifindex: 2,
            hook: "xdp".to_owned(),
            direction: "ingress".to_owned(),
            how: "native XDP".to_owned(),
            attached: true,
            sight: Some(SightReport {
                state: "blind".to_owned(),
                behind: vec!["program 7 (\"x\"), by TCX".to_owned()],
                passed: Some(5),
            }),
            since_ms: 5_000,
            seen,
            uninterested: 0,
            sampled_out: 0,
            lost: [("no_ring".to_owned(), 0), ("ring_full".to_owned(), 3)].into(),
            lost_total: 3,
            published: seen - 3,
            in_flight: 0,
            closes: true,
        };
        let plugin = PluginReport {
            name: "flow-log".to_owned(),
            state: "running".to_owned(),
            reason: None,
            version: Some("0.1.0".to_owned()),
            sha256: None,
            last_reload: Some(ReloadReport {
                outcome: "kept_old".to_owned(),
                reason: Some("is empty".to_owned()),
            }),
            published: seen - 3,
            shed: 0,
            shed_by: [("queue_full".to_owned(), 0)].into(),
            failed: 0,
            delivered: seen - 13,
            in_flight: 10,
            closes: false,
            queue_records: 10,
            queue_capacity_records: 65536,
            memory_bytes: 1 << 20,
            calls: vec![CallReport { call: "on-packets".to_owned(), count: 4, time_ns: 1 }],
            interests: vec![InterestReport {
                name: "web".to_owned(),
                wanted: Wanted {
                    filter: "udp port 53\nor 54".to_owned(),
                    sample_one_in: 100,
                    sample_by: "flow".to_owned(),
                    payload: 64,
                },
                bits: 2,
            }],
            compiling: None,
            restarts: 2,
            restarts_in_ms: None,
            handover_ns: Some(1),
            log_suppressed: 0,
            events_suppressed: 3,
            budget: Some(BudgetReport {
                one_in: 4,
                suspended: false,
                thinned: 2,
                relaxed: 0,
                suspensions: 0,
            }),
            edges: vec![EdgeReport {
                input: "web-only".to_owned(),
                published: 5,
                shed: 1,
                failed: 0,
                delivered: 4,
                in_flight: 0,
                closes: true,
            }],
        };
        let status = Status {
            version: "0.1.0".to_owned(),
            pid: 7,
            at_ms: 65_000,
            uptime_ms,
            interests: InterestTable {
                generation: Some(4),
                bits: 2,
                bits_capacity: 256,
                strays: 0,
            },
            taps: vec![tap],
            plugins: vec![plugin],
            problems: vec!["/p: no such\ndirectory".to_owned()],
        };
        let instances = vec![Instance { socket: "/run/ringtap/7.sock".into(), status }];
        Look { instances, unanswered: Vec::new() }
    }

    #[test]
    fn a_row_is_an_equation_and_a_line_of_notes() {
        let wanted = "\
ringtap 0.1.0, pid 7, up 1m 1s; interests take 2 of 256 bits, generation 4

tap                                  seen = uninterested + sampled out +      lost +     published
eth0 xdp ingress                     1003 =            0 +           0 +         3 +          1000
  native XDP, for 1m; 3 lost: the ring buffer was full; every packet is accounted for
  blind: 5 packets passed, and none came through program 7 (\"x\"), by TCX

plugin                          published =      shed +    failed +     delivered + in flight
flow-log                             1000 =         0 +         0 +           990 +        10
  running; version 0.1.0; kept old; queue 10 of 65536; memory 1.0 MiB; 2 restarts; 3 events suppressed; given 1/4 of its records: over its CPU budget; 4 on-packets
  gets web: udp port 53 or 54; a sample of 1/100 by flow; headers and 64 bytes of payload; 2 bits
  from web-only: 5 = 1 shed + 0 failed + 4 delivered + 0 in flight
  the last change was not accepted: is empty

problems
  /p: no such directory
";
        assert_eq!(Table { look: &look(61_000, 1003), before: None }.to_string(), wanted);
        assert!(wanted.lines().all(|line| line.starts_with("  ") || line.len() <= 100));
    }

    #[test]
    fn rates_are_of_the_time_between_looks() {
        let (before, now) = (look(61_000, 1003), look(63_000, 5003));
        let shown = Table { look: &now, before: Some(&before) }.to_string();
        assert!(shown.contains("for 1m; 2000 packets/s; 3 lost"), "{shown}");
        assert!(shown.contains("kept old; 2000 records/s; queue"), "{shown}");
        // Another process of that pid, later.
        let shown = Table { look: &before, before: Some(&now) }.to_string();
        assert!(!shown.contains("/s"), "{shown}");
    }

    #[test]
    fn as_json_numbers_are_exact() {
        let mut look = look(61_000, 1003);
        look.instances[0].status.taps[0].seen = u64::MAX;
        let json = serde_json::to_string(&look).unwrap();
        assert!(json.starts_with(r#"{"instances":[{"socket":"/run/ringtap/7.sock","#), "{json}");
        assert!(json.contains(r#""seen":18446744073709551615,"#), "{json}");
    }
}
