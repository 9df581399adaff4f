use std::collections::{BTreeMap, BTreeSet};

/// What labels a series, or some of it.
type Labels<'a> = &'a [(&'a str, &'a str)];

/// An exposition in the text format of Prometheus, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(Vec<Sample>);

#[derive(Clone, Debug, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let sample = |line| parse_sample(line).unwrap_or_else(|| panic!("no sample: {line:?}"));
        Self(lines.map(sample).collect())
    }

    /// The sum over the series of that name that have these labels among theirs; 0 of none.
    pub fn sum(&self, name: &str, labels: Labels<'_>) -> u64 {
        let sum: f64 = self.samples(name, labels).map(|sample| sample.value).sum();
        assert_eq!(sum.fract(), 0.0, "{name} is no whole number");
        sum as u64
    }

    /// Whether there is such a series.
    pub fn has(&self, name: &str, labels: Labels<'_>) -> bool {
        self.samples(name, labels).next().is_some()
    }

    /// The state that a plugin is in; empty for one that is not there.
    pub fn state(&self, plugin: &str) -> String {
        let labels = [("plugin", plugin)];
        let mut states = self.samples("ringtap_plugin_state", &labels);
        let current = states.find(|sample| sample.value == 1.0);
        current.map_or(String::new(), |sample| sample.labels["state"].clone())
    }

    /// What became of a plugin's records: published, shed, failed, delivered.
    pub fn records(&self, plugin: &str) -> [u64; 4] {
        ["published", "shed", "failed", "delivered"].map(|bucket| {
            self.sum(&format!("ringtap_plugin_{bucket}_total"), &[("plugin", plugin)])
        })
    }

    /// Panics unless every packet that a tap saw, and every record that was meant for a plugin, is
    /// in exactly one bucket.
    pub fn assert_ledgers_close(&self) {
        assert_eq!(self.open_ledgers(), [""; 0]);
    }

    /// The ledgers that don't close, each with what it says.
    pub fn open_ledgers(&self) -> Vec<String> {
        let mut open = Vec::new();
        for tap in self.values_of("ringtap_packets_seen_total", ["interface", "hook", "direction"])
        {
            let labels = tap.each_ref().map(|(name, value)| (*name, value.as_str()));
            let count = |bucket| self.sum(&format!("ringtap_packets_{bucket}_total"), &labels);
            let buckets = ["uninterested", "sampled_out", "lost", "published"].map(count);
            if count("seen") != buckets.iter().sum::<u64>() {
                open.push(format!("{labels:?}: {} seen, {buckets:?}", count("seen")));
            }
        }
        for [(_, plugin)] in self.values_of("ringtap_plugin_published_total", ["plugin"]) {
            let [published, shed, failed, delivered] = self.records(&plugin);
            if published != shed + failed + delivered {
                open.push(format!("{plugin}: {published} published, {shed} shed, {failed} failed, {delivered} delivered"));
            }
        }
        open
    }

    /// The values that these labels have together in the series of a name.
    fn values_of<const N: usize>(
        &self,
        name: &str,
        labels: [&'static str; N],
    ) -> BTreeSet<[(&'static str, String); N]> {
        let values = |sample: &Sample| labels.map(|label| (label, sample.labels[label].clone()));
        self.samples(name, &[]).map(values).collect()
    }

    fn samples<'a>(
        &'a self,
        name: &'a str,
        labels: Labels<'a>,
    ) -> impl Iterator<Item = &'a Sample> {
        self.0.iter().filter(move |sample| {
            let has = |(label, value): &(&str, &str)| {
                sample.labels.get(*label).is_some_and(|found| found == value)
            };
            sample.name == name && labels.iter().all(has)
        })
    }
}

fn parse_sample(line: &str) -> Option<Sample> {
    let name_end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(name_end);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, value, after) = parse_label(rest.trim_start_matches(','))?;
            labels.insert(label, value);
            rest = after;
        }
        rest = &rest[1..];
    }
    let value = rest.trim().parse().ok()?;
    Some(Sample { name: name.to_owned(), labels, value })
}

/// A label, its value without escapes, and what comes after.
fn parse_label(text: &str) -> Option<(String, String, &str)> {
    let (label, rest) = text.split_once("=\"")?;
    let mut value = String::new();
    let mut characters = rest.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((label.to_owned(), value, &rest[at + 1..])),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP a_total x\n# TYPE a_total counter\na_total{x=\"1\",y=\"a,\\\"}\"} 3\n\
                        a_total{x=\"2\",y=\"\"} 4\nb 0.5\n";

    #[test]
    fn series_are_found_by_some_of_their_labels() {
        let metrics = Metrics::parse(TEXT);
        assert_eq!(metrics.sum("a_total", &[]), 7);
        assert_eq!(metrics.sum("a_total", &[("y", "a,\"}")]), 3);
        assert_eq!(metrics.sum("a_total", &[("x", "3")]), 0);
        assert!(metrics.has("b", &[]) && !metrics.has("b", &[("x", "1")]));
    }

    #[test]
    fn a_ledger_that_does_not_close_is_told() {
        let text = "ringtap_plugin_published_total{plugin=\"a\"} 2\n";
        let delivered = "ringtap_plugin_delivered_total{plugin=\"a\"} 2\n";
        Metrics::parse(&format!("{text}{delivered}")).assert_ledgers_close();
        let open = std::panic::catch_unwind(|| Metrics::parse(text).assert_ledgers_close());
        assert!(open.is_err());
    }
}
