use std::rc::Rc;

use super::{Family, pending::Slot};
use crate::{
    Error,
    host::{self, Definition, Kind, OVERFLOW_BIT},
};

/// A number that only grows. By convention its name ends in `_total`.
#[derive(Debug)]
pub struct Counter(Rc<Slot>);

/// A number that is set.
#[derive(Debug)]
pub struct Gauge(Rc<Slot>);

/// Counts of observations under upper bounds.
#[derive(Debug)]
pub struct Histogram(Rc<Slot>);

impl Counter {
    /// The series of that name and those labels: new, or known from before a reload. A host call.
    ///
    /// Names and label names are Prometheus': `[a-zA-Z_][a-zA-Z0-9_]*`. Refused: the prefix
    /// `ringtap_`, the labels `plugin`, `le` and `__*`, a name that stands for another kind of
    /// metric already, and names, labels and texts over the bounds in `wit/capabilities.wit`. The
    /// host adds the label `plugin`.
    ///
    /// Beyond the operator's limit of series, this is the overflow series of the metric, whose labels
    /// all say `(overflow)`. What is set for a gauge there goes nowhere.
    pub fn new(name: &str, help: &str, labels: &[(&str, &str)]) -> Result<Self, Error> {
        define(Kind::Counter, name, help, labels).map(Self)
    }

    /// The series of that name, told apart by the values of `labels` and made when first used.
    pub fn family<const N: usize>(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Family<Self, N> {
        Family::new(name, help, labels, Self::new)
    }

    /// Add one.
    #[inline]
    pub fn inc(&self) {
        self.0.add(1.0);
    }

    /// Add `n`. Exact up to 2^53, as Prometheus is.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.add(n as f64);
    }

    /// Add a fraction, such as seconds. Panics unless `delta` is finite and not negative.
    #[inline]
    pub fn add_f64(&self, delta: f64) {
        assert!(delta.is_finite() && delta >= 0.0, "a counter can't grow by {delta}");
        self.0.add(delta);
    }
}

impl Gauge {
    /// As [`Counter::new`].
    pub fn new(name: &str, help: &str, labels: &[(&str, &str)]) -> Result<Self, Error> {
        define(Kind::Gauge, name, help, labels).map(Self)
    }

    /// As [`Counter::family`].
    pub fn family<const N: usize>(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Family<Self, N> {
        Family::new(name, help, labels, Self::new)
    }

    /// Set it. The last value of a call counts.
    #[inline]
    pub fn set(&self, value: f64) {
        self.0.set(value);
    }
}

impl Histogram {
    /// As [`Counter::new`]. `bounds` are upper bounds, finite and growing, at most 64; the `+Inf`
    /// bucket is added.
    pub fn new(
        name: &str,
        help: &str,
        bounds: &[f64],
        labels: &[(&str, &str)],
    ) -> Result<Self, Error> {
        define(Kind::Histogram(bounds), name, help, labels).map(Self)
    }

    /// As [`Counter::family`].
    pub fn family<const N: usize>(
        name: &'static str,
        help: &'static str,
        bounds: &'static [f64],
        labels: [&'static str; N],
    ) -> Family<Self, N> {
        Family::new(name, help, labels, move |name, help, labels| {
            Self::new(name, help, bounds, labels)
        })
    }

    /// Count `value`. Panics if it is not a number.
    #[inline]
    pub fn observe(&self, value: f64) {
        assert!(!value.is_nan(), "a histogram can't observe NaN");
        self.0.observe(value);
    }
}

/// A kind of metric: [`Counter`], [`Gauge`] or [`Histogram`].
pub trait Metric: sealed::Sealed {
    /// Drop the series and its value, for labels that are of no interest any more. What the call in
    /// progress did to it is dropped too. Just dropping the handle leaves the series as it is. So
    /// does this for an overflow series.
    fn forget(self);

    /// Whether it is the overflow series of its metric, which takes what is meant for labels for
    /// which the host has no room.
    fn is_overflow(&self) -> bool;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! metric {
    ($($metric:ident)*) => {
        $(
            impl sealed::Sealed for $metric {}

            impl Metric for $metric {
                fn forget(self) {
                    if !self.is_overflow() {
                        self.0.forget();
                    }
                }

                fn is_overflow(&self) -> bool {
                    self.0.id & OVERFLOW_BIT != 0
                }
            }
        )*
    };
}

metric! { Counter Gauge Histogram }

fn define(
    kind: Kind<'_>,
    name: &str,
    help: &str,
    labels: &[(&str, &str)],
) -> Result<Rc<Slot>, Error> {
    host::define(&Definition { kind, name, help, labels })
        .map(Slot::new)
        .map_err(|reason| Error::Metric { name: name.to_owned(), reason })
}
