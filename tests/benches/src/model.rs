//! What a machine needs for more packets than this one can make: a model from measured unit costs.
//!
//! Of R million packets a second, of which a share w is wanted, by p plugins that want the same:
//!
//! ```text
//! cores = R / 1000 × ( (1 - w) × turned away + w × record + w × (reader + p × plugin + (p - 1) × fan-out) )
//!                      └──── on the cores on which packets come ────┘   └──── on any cores ────┘
//! ```

use std::fmt::Write;

use anyhow::Context;
use serde_json::Value;

/// Suites, as the report names them, in which the unit costs stand.
const NEEDED: &str = "run `cargo xtask bench interests fanout plugin consumers --json FILE` first";

/// Millions of packets a second.
const RATES: [f64; 3] = [1.0, 10.0, 100.0];

/// Bytes of a record in a ring, with whom it is for and the kernel's header, and in a queue.
const RING_BYTES: f64 = (size_of::<ringtap_interest::Entry>() + 8) as f64;
const RECORD_BYTES: f64 = size_of::<ringtap_record::PacketRecord>() as f64;

/// How often a record's bytes cross the memory bus, if no cache holds it on its way: written to the
/// ring, read and written as a batch is made, read for each plugin and written to its memory.
const CROSSINGS: f64 = 5.0;

/// ns a packet or a record.
#[derive(Clone, Debug)]
struct Units {
    /// By rules that are looked up, of packets that nobody wants.
    turned_away: Vec<(&'static str, f64)>,
    /// By what is recorded, of packets that somebody wants.
    recorded: Vec<(&'static str, f64)>,
    reader: f64,
    fan_out: f64,
    plugin: f64,
}

/// The names of rules and of record modes, here and in the suite of interests.
const RULES: [(&str, &str); 4] = [
    ("1 rule", "TC, TCP/IPv4, unwanted: 1 rule, `tcp dst port 8443`"),
    ("256 rules by ports, 1 looked up", "TC, TCP/IPv4, unwanted: 256 rules by ports, 1 looked up"),
    ("256 rules by ports, 2 looked up", "TC, TCP/IPv4, unwanted: 256 rules by ports, 2 looked up"),
    (
        "256 rules, half nets, all looked up",
        "TC, TCP/IPv4, unwanted: 256 rules, half nets, all looked up",
    ),
];
const MODES: [(&str, &str); 4] = [
    ("record", "TC, TCP/IPv4, wanted"),
    ("record of 1 packet in 100", "TC, TCP/IPv4, 1 in 100 by packet"),
    ("record and 64 bytes of payload", "TC, TCP/IPv4, 64 bytes of payload"),
    ("record and 1500 bytes of payload", "TC, TCP/IPv4, 1500 bytes of payload"),
];
const SAMPLED: &str = "record of 1 packet in 100";

/// Tables of what rates take, from what `--json` has written.
pub(crate) fn markdown(samples: &str) -> anyhow::Result<String> {
    let samples: Value = serde_json::from_str(samples).context("the samples are no JSON")?;
    let units = Units::read(&samples).context(NEEDED)?;
    let mut text = String::new();
    units.costs(&samples, &mut text);
    units.cores(&mut text);
    units.limits(&mut text);
    Ok(text)
}

impl Units {
    fn read(samples: &Value) -> anyhow::Result<Self> {
        let all = |cases: [(&'static str, &'static str); 4]| {
            let read = |(name, case)| Ok((name, more(samples, "Interests", case)?));
            cases.into_iter().map(read).collect::<anyhow::Result<Vec<_>>>()
        };
        Ok(Self {
            turned_away: all(RULES)?,
            recorded: all(MODES)?,
            reader: consumer(samples, "native, adds up bytes")?,
            fan_out: more(samples, "Fan-out", "2 plugins, which want all")?.max(0.0),
            plugin: time(samples, "Plugins", "flow-log, batches of 1024: sandboxed")?,
        })
    }

    fn costs(&self, samples: &Value, text: &mut String) {
        let machine = |key: &str| samples["machine"][key].as_str().unwrap_or("?").to_owned();
        let Self { turned_away, recorded, reader, fan_out, plugin } = self;
        let (cpu, kernel) = (machine("cpu"), machine("kernel"));
        line(text, format_args!("Unit costs, measured on {cpu}, Linux {kernel}.\n"));
        line(text, format_args!("| Unit cost | ns |\n|---|--:|"));
        for (name, cost) in turned_away {
            line(text, format_args!("| turned away, {name} | {cost:.0} |"));
        }
        for (name, cost) in recorded {
            line(text, format_args!("| {name} | {cost:.0} |"));
        }
        line(text, format_args!("| reader: ring to queue and out of it | {reader:.0} |"));
        line(text, format_args!("| fan-out to each further plugin | {fan_out:.1} |"));
        line(text, format_args!("| plugin: a record into flow-log | {plugin:.0} |"));
    }

    fn cores(&self, text: &mut String) {
        line(
            text,
            format_args!(
                "\n| Cores that it takes | 1 Mpps | 10 Mpps | 100 Mpps |\n|---|--:|--:|--:|"
            ),
        );
        for (name, cost) in &self.turned_away {
            row(text, &format!("nothing wanted, {name}"), |rate| rate * cost / 1e3);
        }
        for (mode, _) in &self.recorded {
            for plugins in [1, 5] {
                let cost = self.wanted(mode, plugins);
                let noun = if plugins == 1 { "plugin" } else { "plugins" };
                row(text, &format!("{mode}, {plugins} {noun}"), |rate| rate * cost / 1e3);
            }
        }
        let hundredth = 0.01 * self.wanted("record", 1) + 0.99 * self.first(&self.turned_away);
        row(text, "1 packet in 100 wanted by 1 rule, 1 plugin", |rate| rate * hundredth / 1e3);
    }

    /// ns of a packet that so many plugins want.
    fn wanted(&self, mode: &str, plugins: u32) -> f64 {
        let tap =
            self.recorded.iter().find(|(name, _)| *name == mode).map_or(0.0, |(_, cost)| *cost);
        let reaches = if mode == SAMPLED { 0.01 } else { 1.0 };
        let plugins = f64::from(plugins);
        tap + reaches * (self.reader + plugins * self.plugin + (plugins - 1.0) * self.fan_out)
    }

    fn first(&self, costs: &[(&str, f64)]) -> f64 {
        costs.first().map_or(0.0, |(_, cost)| *cost)
    }

    fn limits(&self, text: &mut String) {
        let recorded = self.first(&self.recorded);
        let (tap, reader, plugin) = (1e3 / recorded, 1e3 / self.reader, 1e3 / self.plugin);
        line(text, format_args!("\n| Where it ends | M records/s |\n|---|--:|"));
        line(text, format_args!("| taps, on each core on which packets come | {tap:.1} |"));
        line(
            text,
            format_args!("| a reader, of which there is one, or one for each core | {reader:.1} |"),
        );
        line(text, format_args!("| a plugin as flow-log, which has one thread | {plugin:.1} |"));
        line(
            text,
            format_args!(
                "\n| What waits, and what moves | 1 M records/s | 10 M records/s | 100 M records/s |\n|---|--:|--:|--:|"
            ),
        );
        let ring = |bytes: f64| move |rate: f64| bytes / RING_BYTES / (rate * 1e3);
        row(text, "ms that a ring of 4 MiB holds, if all come to one core", ring(4.0 * MEBIBYTE));
        row(text, "ms that a ring of 64 MiB holds, if all come to one core", ring(64.0 * MEBIBYTE));
        row(text, "ms that a queue of 65,536 records holds", |rate| 65_536.0 / (rate * 1e3));
        row(text, "MiB of queue for 100 ms, for each plugin", |rate| {
            rate * 1e5 * RECORD_BYTES / MEBIBYTE
        });
        row(text, "GB/s of memory, with 1 plugin and no cache", |rate| {
            rate * 1e6 * RECORD_BYTES * CROSSINGS / 1e9
        });
    }
}

const MEBIBYTE: f64 = 1_048_576.0;

fn row(text: &mut String, name: &str, of: impl Fn(f64) -> f64) {
    let cells: Vec<_> = RATES.iter().map(|rate| format!(" {} |", number(of(*rate)))).collect();
    line(text, format_args!("| {name} |{}", cells.concat()));
}

/// To two digits that matter.
fn number(value: f64) -> String {
    match value {
        value if value >= 9.95 => format!("{value:.0}"),
        value if value >= 0.995 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes everything");
}

/// The median time of a case, in ns.
fn time(samples: &Value, suite: &str, case: &str) -> anyhow::Result<f64> {
    let found = named(samples, suite, "cases", case)?;
    found["time"]["median"].as_f64().with_context(|| format!("{case} has no median"))
}

/// How much more a case takes than the one it is compared with, in ns.
fn more(samples: &Value, suite: &str, case: &str) -> anyhow::Result<f64> {
    let found = named(samples, suite, "cases", case)?;
    found["relations"][0]["median"].as_f64().with_context(|| format!("{case} has no median"))
}

fn consumer(samples: &Value, row: &str) -> anyhow::Result<f64> {
    let found = named(samples, "Ring, queue and consumer", "rows", row)?;
    found["cells"][1]["median"].as_f64().with_context(|| format!("{row} has no median"))
}

fn named<'a>(samples: &'a Value, suite: &str, what: &str, name: &str) -> anyhow::Result<&'a Value> {
    let find = |of: &'a Value, name: &str| of.as_array()?.iter().find(|one| one["name"] == name);
    let found = find(&samples["suites"], suite).and_then(|suite| find(&suite[what], name));
    found.with_context(|| format!("{name} of {suite} is not among the samples"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units() -> Units {
        Units {
            turned_away: vec![("1 rule", 20.0)],
            recorded: vec![("record", 100.0), (SAMPLED, 50.0)],
            reader: 40.0,
            fan_out: 1.0,
            plugin: 60.0,
        }
    }

    #[test]
    fn costs_add_up_by_what_reaches_each_stage() {
        assert_eq!(units().wanted("record", 1), 200.0);
        assert_eq!(units().wanted("record", 2), 261.0);
        assert_eq!(units().wanted(SAMPLED, 1), 51.0);
    }

    #[test]
    fn a_table_has_a_column_for_each_rate() {
        let mut text = String::new();
        units().cores(&mut text);
        assert!(text.contains("| nothing wanted, 1 rule | 0.02 | 0.20 | 2.0 |\n"), "{text}");
        assert!(text.contains("| record, 1 plugin | 0.20 | 2.0 | 20 |\n"), "{text}");
    }

    #[test]
    fn samples_without_the_suites_say_what_to_run() {
        let error = markdown(r#"{"suites": []}"#).unwrap_err();
        assert!(format!("{error:#}").contains("cargo xtask bench interests"), "{error:#}");
    }
}
