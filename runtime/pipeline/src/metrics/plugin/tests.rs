use super::*;
use crate::metrics::{OVERFLOW, Registry, Sample, SampleValue};

fn definition(kind: Kind, name: &str, label: &str) -> Definition {
    Definition::new(kind, name.into(), "help".into(), vec![("l".into(), label.into())]).unwrap()
}

fn plugin(registry: &Registry, name: &str) -> Arc<PluginMetrics> {
    limited(registry, name, None)
}

fn limited(registry: &Registry, name: &str, expiry: Option<Duration>) -> Arc<PluginMetrics> {
    registry.plugin(&PluginName::new(name).unwrap(), SeriesLimits { max: 4, expiry })
}

fn value(registry: &Registry, name: &str) -> Option<SampleValue> {
    registry.collect().family(name).map(|family| family.samples[0].value.clone())
}

#[test]
fn a_failed_call_leaves_no_trace_and_a_new_instance_goes_on_counting() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let lost = metrics.define(definition(Kind::Counter, "lost_total", "x")).unwrap();
    metrics.roll_back(&[lost]);
    let kept = metrics.define(definition(Kind::Counter, "kept_total", "x")).unwrap();
    metrics.commit(&[kept], &[Update { series: kept, value: 2.0 }], &[]);
    let again = metrics.define(definition(Kind::Counter, "kept_total", "x")).unwrap();
    assert_eq!(again, kept);
    metrics.roll_back(&[again]);
    metrics.commit(&[], &[Update { series: again, value: 3.0 }], &[]);
    assert_eq!(value(&registry, "lost_total"), None);
    assert_eq!(value(&registry, "kept_total"), Some(SampleValue::Float(5.0)));
}

#[test]
fn histogram_buckets_are_cumulative_and_bounds_inclusive() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let kind = Kind::Histogram { bounds: vec![1.0, 2.0] };
    let series = metrics.define(definition(kind, "h", "x")).unwrap();
    let updates = [0.5, 1.0, 1.5, 9.0].map(|value| Update { series, value });
    metrics.commit(&[series], &updates, &[]);
    let buckets = vec![(1.0, 2), (2.0, 3), (f64::INFINITY, 4)];
    assert_eq!(value(&registry, "h"), Some(SampleValue::Histogram { buckets, sum: 12.0 }));
}

#[test]
fn a_name_has_one_kind_across_plugins_until_its_last_user_goes() {
    let registry = Registry::default();
    plugin(&registry, "a").define(definition(Kind::Counter, "m", "x")).unwrap();
    let b = plugin(&registry, "b");
    assert!(b.define(definition(Kind::Gauge, "m", "x")).is_err());
    registry.remove(&PluginName::new("a").unwrap());
    assert!(b.define(definition(Kind::Gauge, "m", "x")).is_ok());
    let kind = Kind::Histogram { bounds: vec![] };
    b.define(definition(kind, "h", "x")).unwrap();
    assert!(b.define(definition(Kind::Counter, "h_sum", "x")).is_err());
}

/// Label values and values of a family's samples.
fn samples(registry: &Registry, name: &str) -> Vec<(String, SampleValue)> {
    let families = registry.collect();
    let samples = families.family(name).map(|family| family.samples.clone());
    let label = |sample: &Sample| sample.labels.first().map(|(_, value)| value.clone());
    let samples = samples.unwrap_or_default().into_iter();
    samples.filter_map(|sample| Some((label(&sample)?, sample.value))).collect()
}

fn count(registry: &Registry, name: &str) -> SampleValue {
    value(registry, &format!("ringtap_plugin_series_{name}_total")).unwrap()
}

#[test]
fn what_is_beyond_the_limit_goes_into_one_series_of_its_metric() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let define = |name: &str, label: &str| {
        let series = metrics.define(definition(Kind::Counter, name, label)).unwrap();
        metrics.commit(&[series], &[Update { series, value: 1.0 }], &[]);
        series
    };
    let own = ["a", "b", "c", "d"].map(|label| define("m", label));
    assert!(own.iter().all(|series| !series.is_overflow()));
    let over: Vec<_> = (0..100).map(|n| define("m", &n.to_string())).collect();
    assert!(over.iter().all(|series| *series == over[0] && series.is_overflow()));
    assert_eq!(define("m", "a"), own[0]);
    define("other", "x");
    let shown = samples(&registry, "m");
    assert_eq!(shown.len(), 5);
    assert_eq!(shown[0], (OVERFLOW.to_owned(), SampleValue::Float(100.0)));
    assert_eq!(shown[1], ("a".to_owned(), SampleValue::Float(2.0)));
    let other = [(OVERFLOW.to_owned(), SampleValue::Float(1.0))];
    assert_eq!(samples(&registry, "other"), other);
    assert_eq!(count(&registry, "overflow"), SampleValue::Uint(101));
    assert_eq!(value(&registry, "ringtap_plugin_series"), Some(SampleValue::Float(6.0)));
    // Forgetting makes room for those that come later.
    metrics.commit(&[], &[], &own[..1]);
    assert_eq!(metrics.check(own[0], 1.0, 7), Err(MetricError::NoSuchSeries(7)));
    assert!(!define("m", "7").is_overflow());
    assert!(define("m", "8").is_overflow());
}

#[test]
fn gauges_have_no_sum_so_their_overflow_is_only_counted() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    for label in 0..6 {
        let gauge = metrics.define(definition(Kind::Gauge, "g", &label.to_string())).unwrap();
        metrics.commit(&[gauge], &[Update { series: gauge, value: 7.0 }], &[]);
    }
    assert_eq!(samples(&registry, "g").len(), 4);
    assert_eq!(count(&registry, "overflow"), SampleValue::Uint(2));
}

#[test]
fn no_two_series_are_shown_as_the_same() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let named = metrics.define(definition(Kind::Counter, "m", OVERFLOW)).unwrap();
    assert!(named.is_overflow());
    for label in ["a", "b", "c", "d"] {
        metrics.define(definition(Kind::Counter, "m", label)).unwrap();
    }
    assert_eq!(metrics.define(definition(Kind::Counter, "m", "e")), Ok(named));
    // Without labels the overflow is the series itself, also when there is room again.
    let bare = || Definition::new(Kind::Counter, "bare".into(), String::new(), vec![]).unwrap();
    let over = metrics.define(bare()).unwrap();
    assert!(over.is_overflow());
    let a = metrics.define(definition(Kind::Counter, "m", "a")).unwrap();
    metrics.commit(&[], &[], &[a]);
    assert_eq!(metrics.define(bare()), Ok(over));
}

#[test]
fn names_are_limited_as_each_may_have_an_overflow() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let define = |n: usize| metrics.define(definition(Kind::Counter, &format!("m{n}"), "x"));
    assert!((0..MAX_NAMES).all(|n| define(n).is_ok()));
    let refused = define(MAX_NAMES).unwrap_err().to_string();
    let said = "m1000 would be one metric name more than the 1000 that a plugin may have";
    assert_eq!(refused, said);
    assert!(define(0).is_ok());
    assert_eq!(metrics.len(), MAX_NAMES);
}

#[test]
fn series_that_nobody_updates_expire_by_the_time_that_is_told() {
    const HOUR: u64 = 3_600_000_000_000;
    let registry = Registry::default();
    let metrics = limited(&registry, "p", Some(Duration::from_secs(3600)));
    metrics.tell_time(0);
    let [used, idle] = ["used", "idle"].map(|label| {
        let series = metrics.define(definition(Kind::Counter, "m", label)).unwrap();
        metrics.commit(&[series], &[Update { series, value: 1.0 }], &[]);
        series
    });
    let bare = Definition::new(Kind::Counter, "bare".into(), String::new(), vec![]).unwrap();
    let bare = metrics.define(bare).unwrap();
    metrics.commit(&[bare], &[], &[]);
    // The capture begins: nothing has aged before.
    let start = 400_000 * HOUR;
    metrics.tell_time(start);
    assert_eq!(samples(&registry, "m").len(), 2);
    metrics.tell_time(start + HOUR / 2);
    metrics.check(used, 1.0, 0).unwrap();
    metrics.commit(&[], &[Update { series: used, value: 1.0 }], &[]);
    metrics.tell_time(start + HOUR - 1);
    assert!(metrics.check(bare, 1.0, 0).is_ok() && samples(&registry, "m").len() == 2);
    metrics.tell_time(start + HOUR);
    metrics.tell_time(start);
    assert_eq!(samples(&registry, "m"), [("used".to_owned(), SampleValue::Float(2.0))]);
    assert_eq!(count(&registry, "expired"), SampleValue::Uint(1));
    assert_eq!(metrics.check(idle, 1.0, 3), Err(MetricError::NoSuchSeries(3)));
    let again = metrics.define(definition(Kind::Counter, "m", "idle")).unwrap();
    metrics.commit(&[again], &[], &[]);
    let shown = [("idle".to_owned(), 0.0), ("used".to_owned(), 2.0)];
    let shown = shown.map(|(label, value)| (label, SampleValue::Float(value)));
    assert_eq!(samples(&registry, "m"), shown);
    metrics.tell_time(start + 100 * HOUR);
    assert_eq!((samples(&registry, "m").len(), metrics.len()), (0, 1), "but the bare one");
    assert_eq!(count(&registry, "expired"), SampleValue::Uint(3));
    // The name is free for something else.
    assert!(metrics.define(definition(Kind::Gauge, "m", "idle")).is_ok());
}

#[test]
fn what_expires_makes_room_and_its_late_values_are_counted() {
    let registry = Registry::default();
    let metrics = limited(&registry, "p", Some(Duration::from_secs(60)));
    metrics.tell_time(1);
    let all = [0, 1, 2, 3]
        .map(|n| metrics.define(definition(Kind::Counter, "m", &n.to_string())).unwrap());
    assert!(metrics.define(definition(Kind::Counter, "m", "4")).unwrap().is_overflow());
    metrics.tell_time(60_000_000_001);
    assert!(!metrics.define(definition(Kind::Counter, "m", "4")).unwrap().is_overflow());
    let late = [all[0], Series::GONE].map(|series| Update { series, value: 1.0 });
    metrics.commit(&[], &late, &[]);
    assert_eq!(count(&registry, "overflow"), SampleValue::Uint(2));
}

#[test]
fn a_name_is_free_again_when_its_last_series_goes() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let one = metrics.define(definition(Kind::Gauge, "m", "a")).unwrap();
    let two = metrics.define(definition(Kind::Gauge, "m", "b")).unwrap();
    metrics.commit(&[one, two], &[], &[one]);
    assert!(metrics.define(definition(Kind::Counter, "m", "a")).is_err());
    metrics.commit(&[], &[], &[two]);
    assert!(metrics.define(definition(Kind::Counter, "m", "a")).is_ok());
}

#[test]
fn gauges_of_the_past_go_and_counters_stay() {
    let registry = Registry::default();
    let metrics = plugin(&registry, "p");
    let gauge = metrics.define(definition(Kind::Gauge, "g", "x")).unwrap();
    let counter = metrics.define(definition(Kind::Counter, "c", "x")).unwrap();
    metrics.commit(&[gauge, counter], &[], &[]);
    metrics.drop_gauges_except(&[]);
    assert_eq!(value(&registry, "g"), None);
    assert_eq!(value(&registry, "c"), Some(SampleValue::Float(0.0)));
}
