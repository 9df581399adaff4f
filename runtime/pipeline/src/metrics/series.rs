use std::fmt;

/// Upper bounds of a histogram, at most.
pub const MAX_BOUNDS: usize = 64;

/// Bytes of a metric's or a label's name, at most.
pub const MAX_NAME_LEN: usize = 128;

/// Bytes of a help text, at most.
pub const MAX_HELP_LEN: usize = 512;

/// Labels of a series, at most.
pub const MAX_LABELS: usize = 16;

/// Bytes of a label's value, at most.
pub const MAX_LABEL_VALUE_LEN: usize = 256;

/// What every label says of the series that takes what is beyond a limit. In brackets, so that it
/// is unlikely to be anybody's own value.
pub const OVERFLOW: &str = "(overflow)";

const OWN_PREFIX: &str = "ringtap_";

/// What a metric is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Is set.
    Gauge,
    /// Counts observations under each upper bound. Bounds are finite and grow.
    Histogram { bounds: Vec<f64> },
}

impl Kind {
    /// The word in a `# TYPE` line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram { .. } => "histogram",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A series that can be defined: names are Prometheus', nothing is the host's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) help: String,
    /// Sorted by name.
    pub(super) labels: Vec<(String, String)>,
}

/// Why a metric was refused. Shown to the plugin, which may show it to its author.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MetricError {
    #[error(
        "{0:?} is no metric name: use 1 to {MAX_NAME_LEN} characters of [a-zA-Z0-9_], the first no \
         digit"
    )]
    Name(String),
    #[error("{0:?}: names that start with `ringtap_` are the host's own")]
    OwnPrefix(String),
    #[error(
        "{metric}: {label:?} is no label name: use 1 to {MAX_NAME_LEN} characters of [a-zA-Z0-9_], \
         the first no digit, no leading `__`"
    )]
    LabelName { metric: String, label: String },
    #[error("{metric}: the label `{label}` is the host's own")]
    OwnLabel { metric: String, label: String },
    #[error("{metric}: the label `{label}` stands twice")]
    LabelTwice { metric: String, label: String },
    #[error("{metric}: {what} is over the limit of {limit}")]
    TooMuch { metric: String, what: &'static str, limit: usize },
    #[error("{0}: upper bounds must be finite and grow")]
    Bounds(String),
    #[error("{metric} is a {is} already and can't be a {wanted} (or has other bounds)")]
    OtherKind { metric: String, is: &'static str, wanted: &'static str },
    #[error("{metric} would collide with the series of {with}")]
    Collides { metric: String, with: String },
    #[error("{metric} would be one metric name more than the {limit} that a plugin may have")]
    TooManyNames { metric: String, limit: usize },
    #[error("no series has the handle {0}")]
    NoSuchSeries(u32),
    #[error("{ids} handles but {values} values")]
    Uneven { ids: usize, values: usize },
    #[error("{metric}: a counter takes finite values of 0 and more, not {value}")]
    NotADelta { metric: String, value: f64 },
    #[error("{metric}: a histogram can't observe NaN")]
    NotANumber { metric: String },
}

impl Definition {
    /// Check all that can be checked without the registry.
    pub fn new(
        kind: Kind,
        name: String,
        help: String,
        mut labels: Vec<(String, String)>,
    ) -> Result<Self, MetricError> {
        if !is_name(&name) || name.len() > MAX_NAME_LEN {
            return Err(MetricError::Name(cut(name)));
        }
        if name.starts_with(OWN_PREFIX) {
            return Err(MetricError::OwnPrefix(name));
        }
        let too_much = |what, limit| MetricError::TooMuch { metric: name.clone(), what, limit };
        if help.len() > MAX_HELP_LEN {
            return Err(too_much("the help text's length in bytes", MAX_HELP_LEN));
        }
        if labels.len() > MAX_LABELS {
            return Err(too_much("the number of labels", MAX_LABELS));
        }
        if labels.iter().any(|(_, value)| value.len() > MAX_LABEL_VALUE_LEN) {
            return Err(too_much("a label value's length in bytes", MAX_LABEL_VALUE_LEN));
        }
        labels.sort();
        check_label_names(&name, &labels)?;
        if let Kind::Histogram { bounds } = &kind {
            if bounds.len() > MAX_BOUNDS {
                return Err(too_much("the number of bounds", MAX_BOUNDS));
            }
            let grow = bounds.windows(2).all(|pair| pair[0] < pair[1]);
            if !grow || !bounds.iter().all(|bound| bound.is_finite()) {
                return Err(MetricError::Bounds(name));
            }
        }
        Ok(Self { kind, name, help, labels })
    }

    /// The series of the same metric and the same labels that takes what is beyond a limit.
    pub fn overflowing(&self) -> Self {
        let labels = self.labels.iter().map(|(name, _)| (name.clone(), OVERFLOW.to_owned()));
        Self { labels: labels.collect(), ..self.clone() }
    }

    /// Whether the labels say that this is where overflow goes.
    pub(super) fn is_overflow(&self) -> bool {
        !self.labels.is_empty() && self.labels.iter().all(|(_, value)| value == OVERFLOW)
    }
}

fn check_label_names(metric: &str, labels: &[(String, String)]) -> Result<(), MetricError> {
    for (label, _) in labels {
        if !is_name(label) || label.starts_with("__") || label.len() > MAX_NAME_LEN {
            let label = cut(label.clone());
            return Err(MetricError::LabelName { metric: metric.into(), label });
        }
        if label == "plugin" || label == "le" {
            return Err(MetricError::OwnLabel { metric: metric.into(), label: label.clone() });
        }
    }
    match labels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(()),
        Some(pair) => {
            Err(MetricError::LabelTwice { metric: metric.into(), label: pair[0].0.clone() })
        }
    }
}

/// A name that was refused may be of any length, and the error goes back to whoever sent it.
fn cut(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME_LEN + 1));
    name
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn define(kind: Kind, name: &str, labels: &[(&str, &str)]) -> Result<Definition, MetricError> {
        let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Definition::new(kind, name.to_owned(), String::new(), labels)
    }

    #[test]
    fn labels_are_sorted_so_that_their_order_does_not_matter() {
        let one = define(Kind::Gauge, "m", &[("b", "2"), ("a", "1")]);
        assert_eq!(one, define(Kind::Gauge, "m", &[("a", "1"), ("b", "2")]));
    }

    #[test]
    fn names_that_prometheus_or_the_host_would_not_take_are_refused() {
        for name in ["", "1m", "a-b", "a:b", "ä", "ringtap_x"] {
            assert!(define(Kind::Counter, name, &[]).is_err(), "{name}");
        }
        for label in ["", "1", "a-b", "__name__", "plugin", "le"] {
            assert!(define(Kind::Counter, "m", &[(label, "")]).is_err(), "{label}");
        }
        assert!(define(Kind::Counter, "m", &[("a", "1"), ("a", "2")]).is_err());
    }

    #[test]
    fn sizes_are_bounded_and_refusals_name_the_bound() {
        let long = "x".repeat(MAX_NAME_LEN);
        let value = "x".repeat(MAX_LABEL_VALUE_LEN);
        let names: Vec<_> = (0..MAX_LABELS).map(|n| format!("l{n}")).collect();
        let labels: Vec<_> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
        assert!(define(Kind::Gauge, &long, &labels).is_ok());
        assert!(define(Kind::Gauge, "m", &[(&long, "")]).is_ok());

        let refusal = |name: &str, labels: &[(&str, &str)]| {
            define(Kind::Gauge, name, labels).unwrap_err().to_string()
        };
        let longer = "x".repeat(10 << 20);
        let said = refusal(&longer, &[]);
        assert!(said.contains("use 1 to 128 characters") && said.len() < 300, "{said}");
        let said = refusal("m", &[(&longer, "")]);
        assert!(said.contains("use 1 to 128 characters") && said.len() < 300, "{said}");
        assert_eq!(
            refusal("m", &[("a", &longer)]),
            "m: a label value's length in bytes is over the limit of 256"
        );
        let more: Vec<_> = labels.iter().copied().chain([("more", "")]).collect();
        assert_eq!(refusal("m", &more), "m: the number of labels is over the limit of 16");
        let help = Definition::new(Kind::Gauge, "m".into(), "x".repeat(513), Vec::new());
        let said = "m: the help text's length in bytes is over the limit of 512";
        assert_eq!(help.unwrap_err().to_string(), said);
        let bounds = (0..=MAX_BOUNDS).map(|n| n as f64).collect();
        let said = "m: the number of bounds is over the limit of 64";
        assert_eq!(define(Kind::Histogram { bounds }, "m", &[]).unwrap_err().to_string(), said);
    }

    #[test]
    fn bounds_grow_and_are_finite() {
        for bounds in [vec![1.0, 1.0], vec![2.0, 1.0], vec![f64::NAN], vec![f64::INFINITY]] {
            assert!(define(Kind::Histogram { bounds }, "m", &[]).is_err());
        }
        assert!(define(Kind::Histogram { bounds: vec![-1.0, 0.5] }, "m", &[]).is_ok());
    }
}
