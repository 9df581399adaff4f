//! Prometheus' text exposition format 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::{self, Write};

use ringtap_pipeline::metrics::{Families, Family, Sample, SampleValue};

/// The `Content-Type` of what [`render`] makes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The exposition of `families`: sorted by name, and the samples of a name in the order in which
/// they were collected. Every family has its `# HELP` and `# TYPE` line.
pub fn render(families: &Families) -> String {
    let mut text = String::new();
    for family in families.iter() {
        write_family(&mut text, family).expect("writing to a String can't fail");
    }
    text
}

fn write_family(out: &mut String, family: &Family) -> fmt::Result {
    let Family { name, help, kind, samples } = family;
    writeln!(out, "# HELP {name} {}", Escaped { text: help, quotes: false })?;
    writeln!(out, "# TYPE {name} {kind}")?;
    samples.iter().try_for_each(|sample| write_sample(out, name, sample))
}

fn write_sample(out: &mut String, name: &str, Sample { labels, value }: &Sample) -> fmt::Result {
    match value {
        SampleValue::Uint(number) => writeln!(out, "{name}{} {number}", Labels(labels, None)),
        SampleValue::Float(number) => {
            writeln!(out, "{name}{} {}", Labels(labels, None), Number(*number))
        }
        SampleValue::Histogram { buckets, sum } => {
            for (bound, count) in buckets {
                writeln!(out, "{name}_bucket{} {count}", Labels(labels, Some(*bound)))?;
            }
            let count = buckets.last().map_or(0, |(_, count)| *count);
            writeln!(out, "{name}_sum{} {}", Labels(labels, None), Number(*sum))?;
            writeln!(out, "{name}_count{} {count}", Labels(labels, None))
        }
    }
}

/// A set of labels in braces, with `le` last, or nothing where there is none.
struct Labels<'a>(&'a [(String, String)], Option<f64>);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(labels, le) = self;
        let mut separator = "{";
        for (name, value) in *labels {
            write!(f, "{separator}{name}=\"{}\"", Escaped { text: value, quotes: true })?;
            separator = ",";
        }
        if let Some(bound) = le {
            write!(f, "{separator}le=\"{}\"", Number(*bound))?;
            separator = ",";
        }
        if separator == "," { f.write_char('}') } else { Ok(()) }
    }
}

/// The shortest decimal that reads back as the same number, in Prometheus' spelling.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number) = *self;
        if number.is_nan() {
            return f.write_str("NaN");
        }
        if number.is_infinite() {
            return f.write_str(if number > 0.0 { "+Inf" } else { "-Inf" });
        }
        let plain = number == 0.0 || (1e-5..1e17).contains(&number.abs());
        if plain { write!(f, "{number}") } else { write!(f, "{number:e}") }
    }
}

struct Escaped<'a> {
    text: &'a str,
    /// In label values a quote ends the value; in help texts it is an ordinary character.
    quotes: bool,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.text.chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' if self.quotes => f.write_str("\\\"")?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{ErrorKind, Write as _},
        process::{Command, Stdio},
    };

    use ringtap_pipeline::{
        metrics::{Definition, Kind, Registry, SeriesLimits, Update},
        name::PluginName,
    };

    use super::*;

    fn rich() -> Families {
        let registry = Registry::default();
        let limits = SeriesLimits { max: 100, expiry: None };
        let metrics = registry.plugin(&PluginName::new("top-talkers").unwrap(), limits);
        let record = |kind, name: &str, help: &str, label: &str, values: &[f64]| {
            let labels = vec![("src".to_owned(), label.to_owned())];
            let definition = Definition::new(kind, name.into(), help.into(), labels).unwrap();
            let series = metrics.define(definition).unwrap();
            let updates: Vec<_> =
                values.iter().map(|value| Update { series, value: *value }).collect();
            metrics.commit(&[series], &updates, &[]);
        };
        record(
            Kind::Counter,
            "talker_bytes_total",
            "Bytes \"sent\",\nby C:\\host.",
            "::1",
            &[1e15, 0.5],
        );
        record(Kind::Counter, "talker_bytes_total", "unused", "a\"b\\c\ndé", &[3.0]);
        for (label, value) in [
            ("inf", f64::INFINITY),
            ("-inf", f64::NEG_INFINITY),
            ("nan", f64::NAN),
            ("tiny", 5e-324),
            ("huge", f64::MAX),
            ("third", 1.0 / 3.0),
        ] {
            record(Kind::Gauge, "talker_load_ratio", "Load.", label, &[value]);
        }
        let bounds = vec![0.1, 1.0, 1e20];
        record(Kind::Histogram { bounds }, "talker_gap_seconds", "Gaps.", "x", &[0.1, 0.2, 1e30]);
        let mut families = registry.collect();
        let labels = [("interface", "eth0"), ("hook", "xdp")];
        families.counter(
            "ringtap_packets_seen_total",
            "Packets that a tap saw.",
            &labels,
            u64::MAX,
        );
        families.gauge("ringtap_queue_records", "Records that wait.", &[], 0.0);
        families
    }

    const RICH: &str = r#"# HELP ringtap_packets_seen_total Packets that a tap saw.
# TYPE ringtap_packets_seen_total counter
ringtap_packets_seen_total{interface="eth0",hook="xdp"} 18446744073709551615
# HELP ringtap_plugin_series Metric series that the plugin holds.
# TYPE ringtap_plugin_series gauge
ringtap_plugin_series{plugin="top-talkers"} 9
# HELP ringtap_plugin_series_expired_total Series that were forgotten because they were not updated.
# TYPE ringtap_plugin_series_expired_total counter
ringtap_plugin_series_expired_total{plugin="top-talkers"} 0
# HELP ringtap_plugin_series_overflow_total Values of series for which there was no room: they went into the overflow series of their metric, those of gauges nowhere.
# TYPE ringtap_plugin_series_overflow_total counter
ringtap_plugin_series_overflow_total{plugin="top-talkers"} 0
# HELP ringtap_queue_records Records that wait.
# TYPE ringtap_queue_records gauge
ringtap_queue_records 0
# HELP talker_bytes_total Bytes "sent",\nby C:\\host.
# TYPE talker_bytes_total counter
talker_bytes_total{src="::1",plugin="top-talkers"} 1000000000000000.5
talker_bytes_total{src="a\"b\\c\ndé",plugin="top-talkers"} 3
# HELP talker_gap_seconds Gaps.
# TYPE talker_gap_seconds histogram
talker_gap_seconds_bucket{src="x",plugin="top-talkers",le="0.1"} 1
talker_gap_seconds_bucket{src="x",plugin="top-talkers",le="1"} 2
talker_gap_seconds_bucket{src="x",plugin="top-talkers",le="1e20"} 2
talker_gap_seconds_bucket{src="x",plugin="top-talkers",le="+Inf"} 3
talker_gap_seconds_sum{src="x",plugin="top-talkers"} 1e30
talker_gap_seconds_count{src="x",plugin="top-talkers"} 3
# HELP talker_load_ratio Load.
# TYPE talker_load_ratio gauge
talker_load_ratio{src="-inf",plugin="top-talkers"} -Inf
talker_load_ratio{src="huge",plugin="top-talkers"} 1.7976931348623157e308
talker_load_ratio{src="inf",plugin="top-talkers"} +Inf
talker_load_ratio{src="nan",plugin="top-talkers"} NaN
talker_load_ratio{src="third",plugin="top-talkers"} 0.3333333333333333
talker_load_ratio{src="tiny",plugin="top-talkers"} 5e-324
"#;

    #[test]
    fn every_kind_escape_and_number_is_spelled_as_prometheus_wants() {
        assert_eq!(render(&rich()), RICH);
    }

    #[test]
    fn nothing_collected_is_an_empty_exposition() {
        assert_eq!(render(&Families::default()), "");
    }

    #[test]
    fn numbers_read_back_as_themselves() {
        for number in [0.0, -0.0, 1e-5, 9.9e-6, 1e16, 123_456_789.125, -1e300, f64::MIN_POSITIVE] {
            let text = Number(number).to_string();
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{text}");
            assert!(text.len() < 25, "{text}");
        }
    }

    #[test]
    fn promtool_finds_nothing_wrong() {
        let promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut promtool = match promtool {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Past the test harness, which keeps what passing tests print to itself.
                writeln!(std::io::stderr(), "SKIPPED: promtool (prometheus) is missing").unwrap();
                return;
            }
            other => other.unwrap(),
        };
        promtool.stdin.take().unwrap().write_all(render(&rich()).as_bytes()).unwrap();
        let output = promtool.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}
