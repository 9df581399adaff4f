use serde::Serialize;

/// The middle and the ends of a number of samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Summary {
    /// Of at least one sample; of none, all are NaN.
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            0 => (at(middle.wrapping_sub(1)) + at(middle)) / 2.0,
            _ => at(middle),
        };
        Self { median, least: at(0), most: at(sorted.len().wrapping_sub(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends() {
        let summary = |median, least, most| Summary { median, least, most };
        assert_eq!(Summary::of(&[3.0]), summary(3.0, 3.0, 3.0));
        assert_eq!(Summary::of(&[3.0, 1.0, 10.0]), summary(3.0, 1.0, 10.0));
        assert_eq!(Summary::of(&[4.0, 1.0, 2.0, 8.0]), summary(3.0, 1.0, 8.0));
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        assert!(Summary::of(&[]).median.is_nan());
    }
}
