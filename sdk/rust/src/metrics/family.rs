use std::{collections::HashMap, fmt};

use super::Metric;
use crate::Error;

type Make<M> = dyn Fn(&str, &str, &[(&str, &str)]) -> Result<M, Error>;

/// Series of one name, told apart by the values of `N` labels. Each is defined when it is first
/// used; later uses find it here, without a host call or an allocation.
///
/// Holds as many series as there are values: with values from packets, drop those that don't matter
/// any more with [`forget`](Self::forget), or the host's limit will be reached: then the values of
/// new ones go into the overflow series of the metric, at the price of a host call for each use.
///
/// ```
/// # use ringtap_plugin::{Counter, Error};
/// # fn main() -> Result<(), Error> {
/// let mut packets = Counter::family("packets_total", "Packets.", ["protocol", "direction"]);
/// packets.with(["tcp", "ingress"])?.add(3);
/// # Ok(())
/// # }
/// ```
pub struct Family<M, const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
    make: Box<Make<M>>,
    by_values: HashMap<Vec<u8>, M>,
    /// For values beyond the host's limit, which are not remembered: nothing bounds how many there
    /// are, and there may be room for them later.
    overflow: Option<M>,
    key: Vec<u8>,
}

impl<M: Metric, const N: usize> Family<M, N> {
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        make: impl Fn(&str, &str, &[(&str, &str)]) -> Result<M, Error> + 'static,
    ) -> Self {
        let (by_values, overflow, key) = (HashMap::new(), None, Vec::new());
        Self { name, help, labels, make: Box::new(make), by_values, overflow, key }
    }

    /// The series with these values of the labels, in the order in which the labels were named.
    pub fn with(&mut self, values: [&str; N]) -> Result<&M, Error> {
        write_key(&mut self.key, values);
        if !self.by_values.contains_key(&self.key) {
            let labels: [_; N] = std::array::from_fn(|i| (self.labels[i], values[i]));
            let series = (self.make)(self.name, self.help, &labels)?;
            if series.is_overflow() {
                return Ok(self.overflow.insert(series));
            }
            self.by_values.insert(self.key.clone(), series);
        }
        Ok(&self.by_values[&self.key])
    }

    /// Drop the series with these values, if there is one.
    pub fn forget(&mut self, values: [&str; N]) {
        write_key(&mut self.key, values);
        if let Some(series) = self.by_values.remove(&self.key) {
            series.forget();
        }
    }

    /// How many series there are, without the one for overflow.
    pub fn len(&self) -> usize {
        self.by_values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_values.is_empty()
    }
}

/// The values with a byte between them that is in no UTF-8.
fn write_key<const N: usize>(key: &mut Vec<u8>, values: [&str; N]) {
    key.clear();
    for value in values {
        key.extend_from_slice(value.as_bytes());
        key.push(0xff);
    }
}

impl<M, const N: usize> fmt::Debug for Family<M, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut family = f.debug_struct("Family");
        family.field("name", &self.name).field("series", &self.by_values.len());
        family.finish_non_exhaustive()
    }
}
