use std::collections::BTreeMap;

/// One family as a scrape sees it: every sample of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    pub name: String,
    pub help: String,
    /// The word in the `# TYPE` line.
    pub kind: &'static str,
    pub samples: Vec<Sample>,
}

/// One series' value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub labels: Vec<(String, String)>,
    pub value: SampleValue,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SampleValue {
    /// The runtime's own counts, exact at any size.
    Uint(u64),
    Float(f64),
    /// Cumulative counts; the last bucket is `+Inf`.
    Histogram {
        buckets: Vec<(f64, u64)>,
        sum: f64,
    },
}

/// Says what it knows when a scrape asks.
pub trait Collect: Send + Sync {
    fn collect(&self, families: &mut Families);
}

/// The families of one scrape, sorted by name.
#[derive(Debug, Default)]
pub struct Families(BTreeMap<String, Family>);

impl Families {
    /// Add a sample; the first one of a name decides its help text and kind.
    pub fn add(
        &mut self,
        (name, help, kind): (&str, &str, &'static str),
        labels: Vec<(String, String)>,
        value: SampleValue,
    ) {
        let family = self.0.entry(name.to_owned()).or_insert_with(|| Family {
            name: name.to_owned(),
            help: help.to_owned(),
            kind,
            samples: Vec::new(),
        });
        family.samples.push(Sample { labels, value });
    }

    /// Add a counter of the runtime's own.
    pub fn counter(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: u64) {
        self.add((name, help, "counter"), owned(labels), SampleValue::Uint(value));
    }

    /// Add a gauge of the runtime's own.
    pub fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        self.add((name, help, "gauge"), owned(labels), SampleValue::Float(value));
    }

    /// Leave out the families that `keep` does not want.
    pub fn retain(&mut self, keep: impl Fn(&Family) -> bool) {
        self.0.retain(|_, family| keep(family));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Family> {
        self.0.values()
    }

    pub fn family(&self, name: &str) -> Option<&Family> {
        self.0.get(name)
    }
}

fn owned(labels: &[(&str, &str)]) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
