use super::{Kind, SampleValue};

/// What a series has counted or was set to, in the shape of its kind.
#[derive(Debug)]
pub(super) enum Value {
    Number(f64),
    Histogram { counts: Vec<u64>, sum: f64 },
}

impl Value {
    pub(super) fn zero(kind: &Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Gauge => Self::Number(0.0),
            Kind::Histogram { bounds } => {
                Self::Histogram { counts: vec![0; bounds.len() + 1], sum: 0.0 }
            }
        }
    }

    /// `kind` is the one it was made for, here and below.
    pub(super) fn apply(&mut self, kind: &Kind, value: f64) {
        match (self, kind) {
            (Self::Number(number), Kind::Counter) => *number += value,
            (Self::Histogram { counts, sum }, Kind::Histogram { bounds }) => {
                counts[bounds.partition_point(|bound| *bound < value)] += 1;
                *sum += value;
            }
            (Self::Number(number), _) => *number = value,
            (Self::Histogram { .. }, _) => unreachable!("a value has its definition's shape"),
        }
    }

    pub(super) fn sample(&self, kind: &Kind) -> SampleValue {
        match (self, kind) {
            (Self::Histogram { counts, sum }, Kind::Histogram { bounds }) => {
                let bounds = bounds.iter().copied().chain([f64::INFINITY]);
                let running = counts.iter().scan(0, |total, count| {
                    *total += count;
                    Some(*total)
                });
                SampleValue::Histogram { buckets: bounds.zip(running).collect(), sum: *sum }
            }
            (Self::Number(number), _) => SampleValue::Float(*number),
            (Self::Histogram { .. }, _) => unreachable!("a value has its definition's shape"),
        }
    }
}
