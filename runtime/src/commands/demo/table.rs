use std::fmt;

use ringtap_pipeline::{
    event::{Event, Value},
    ledger::TapCounts,
    metrics::{Families, Family, Sample, SampleValue},
};

use crate::{app::accounts::TapLabels, stdout::one_line};

/// Pairs that are shown, at most.
const ROWS: usize = 8;

/// What the bundled plugins report, at one moment.
pub(super) struct Table<'a> {
    pub(super) source: Source,
    pub(super) families: &'a Families,
    /// The newest first.
    pub(super) flows: Vec<Event>,
    pub(super) metrics_url: Option<&'a str>,
}

/// Where the packets are from.
pub(super) enum Source {
    Lab { readings: Vec<(TapLabels, TapCounts)> },
    Capture { packets: u64 },
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)?;
        self.talkers(f)?;
        self.flows(f)?;
        if let Some(url) = self.metrics_url {
            writeln!(f, "\nAll of it as metrics: curl {url}")?;
        }
        writeln!(f, "Next, a real interface: sudo ringtap run -i eth0 --events stdout")
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capture { packets } => writeln!(f, "A bundled capture: {packets} packets"),
            Self::Lab { readings } => {
                writeln!(f, "A private lab: two network namespaces and a veth pair")?;
                for ((interface, hook, direction), counts) in readings {
                    let TapCounts { seen, published, .. } = counts;
                    let lost = counts.lost_total();
                    let tap = format!("{interface} {hook} {direction}");
                    writeln!(
                        f,
                        "  {tap:<20} {seen:>9} seen {published:>9} published {lost:>6} lost"
                    )?;
                }
                Ok(())
            }
        }
    }
}

impl Table<'_> {
    fn talkers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packets = samples(self.families, "top_talkers_packets_total");
        let bytes = samples(self.families, "top_talkers_bytes_total");
        let mut pairs: Vec<_> = bytes.iter().map(|sample| (number(sample), sample)).collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        writeln!(f, "\ntop-talkers: who sends most to whom")?;
        writeln!(f, "  {:<24} {:<24} {:>9} {:>12}", "from", "to", "packets", "bytes")?;
        for (bytes, sample) in pairs.into_iter().take(ROWS) {
            let (from, to) = (one_line(label(sample, "src")), one_line(label(sample, "dst")));
            let count =
                packets.iter().find(|other| other.labels == sample.labels).map_or(0.0, number);
            writeln!(f, "  {from:<24} {to:<24} {count:>9} {bytes:>12}")?;
        }
        Ok(())
    }

    fn flows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nflow-log: flows that ended")?;
        let ends = samples(self.families, "flow_log_flows_total");
        let ends = ends.iter().filter(|sample| number(sample) > 0.0);
        let ends: Vec<_> = ends
            .map(|sample| format!("{} {}", number(sample), one_line(label(sample, "end"))))
            .collect();
        writeln!(f, "  {}", if ends.is_empty() { "none yet".to_owned() } else { ends.join(", ") })?;
        for flow in &self.flows {
            writeln!(f, "  {}", Flow(flow))?;
        }
        Ok(())
    }
}

/// A row of the flow log on one line.
struct Flow<'a>(&'a Event);

impl Flow<'_> {
    fn field(&self, name: &str) -> String {
        let field = self.0.fields.iter().find(|(field, _)| field == name);
        match field.map(|(_, value)| value) {
            Some(Value::Text(text)) => one_line(text),
            Some(Value::Uint(number)) => number.to_string(),
            Some(Value::Int(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    fn end(&self, address: &str, port: &str) -> String {
        match (self.field(address), self.field(port)) {
            (address, port) if port.is_empty() => address,
            (address, port) if address.contains(':') => format!("[{address}]:{port}"),
            (address, port) => format!("{address}:{port}"),
        }
    }
}

impl fmt::Display for Flow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.field("protocol").as_str() {
            "1" => "icmp".to_owned(),
            "6" => "tcp".to_owned(),
            "17" => "udp".to_owned(),
            "58" => "icmp6".to_owned(),
            other => format!("protocol {other}"),
        };
        let (from, to) = (self.end("src", "src_port"), self.end("dst", "dst_port"));
        let (packets, bytes) = (self.field("packets"), self.field("bytes"));
        let end = self.field("end");
        write!(f, "{protocol:<5} {from} > {to}: {packets} packets, {bytes} bytes, {end}")
    }
}

fn samples(families: &Families, name: &str) -> Vec<Sample> {
    families.family(name).map(|Family { samples, .. }| samples.clone()).unwrap_or_default()
}

fn label<'a>(sample: &'a Sample, name: &str) -> &'a str {
    let found = sample.labels.iter().find(|(label, _)| label == name);
    found.map_or("", |(_, value)| value)
}

fn number(sample: &Sample) -> f64 {
    match sample.value {
        SampleValue::Uint(number) => number as f64,
        SampleValue::Float(number) => number,
        SampleValue::Histogram { .. } => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use ringtap_pipeline::name::PluginName;

    use super::*;

    #[test]
    fn a_flow_is_one_line() {
        let text = |text: &str| Value::Text(text.to_owned());
        let fields = [
            ("src", text("fd00::1")),
            ("dst", text("198.18.0.1")),
            ("protocol", Value::Uint(6)),
            ("src_port", Value::Uint(1)),
            ("packets", Value::Uint(2)),
            ("bytes", Value::Uint(3)),
            ("end", text("fin")),
        ];
        let event = Event {
            plugin: PluginName::new("flow-log").unwrap(),
            kind: "flow".into(),
            time_ns: 0,
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        assert_eq!(
            Flow(&event).to_string(),
            "tcp   [fd00::1]:1 > 198.18.0.1: 2 packets, 3 bytes, fin"
        );
    }
}
