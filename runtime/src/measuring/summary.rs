use serde::Serialize;

/// The middle and the ends of a number of samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Summary {
    /// Of at least one sample.
    pub(super) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let middle = samples.len() / 2;
        let median = match samples.len() % 2 {
            0 => (samples[middle - 1] + samples[middle]) / 2.0,
            _ => samples[middle],
        };
        Self { median, least: samples[0], most: samples[samples.len() - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends() {
        let summary = |median, least, most| Summary { median, least, most };
        assert_eq!(Summary::of(vec![3.0]), summary(3.0, 3.0, 3.0));
        assert_eq!(Summary::of(vec![4.0, 1.0, 2.0, 8.0]), summary(3.0, 1.0, 8.0));
    }
}
