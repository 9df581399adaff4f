//! Which key stands where.

use std::{collections::BTreeMap, path::Path, str::FromStr, time::Duration};

use clap::ValueEnum;
use ringtap_interest::{Filter, MAX_PAYLOAD, Narrowing, Sampling};
use ringtap_pipeline::{mask::Mask, name::PluginName};
use ringtap_plugin::Grants;

use super::{
    Bundled, Config, ConfigError, Events, EventsTo, Expected, LimitOverrides, Limits, Log, Own,
    Owns, Place, PluginDirectory, Plugins, Taps,
    document::{Document, Section, nearest},
    grants::{Grant, grant},
    limits, narrowing, own, taps,
    values::duration,
};

/// The configuration that `text` describes, or everything that is wrong with it.
pub(super) fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let document = Document::new(path, text);
    // What a text that is not TOML seems to say would only add false complaints.
    let config = document.root().map(config);
    let problems = document.problems();
    config.filter(|_| problems.is_empty()).ok_or(ConfigError::Problems(problems))
}

fn config(mut root: Section<'_>) -> Config {
    let default = Config::default();
    let config = Config {
        interfaces: root.texts("interfaces", FromStr::from_str).unwrap_or(default.interfaces),
        listen: root.text("listen", FromStr::from_str).unwrap_or(default.listen),
        control: root.text("control", place).unwrap_or(default.control),
        user: root.text("user", FromStr::from_str),
        cache: root.text("cache_directory", place).unwrap_or_default(),
        state_directory: root.text("state_directory", place).unwrap_or_default(),
        taps: taps(root.section("taps")),
        plugins: Plugins {
            directory: root.text("plugin_directory", plugin_directory).unwrap_or_default(),
            bundled: root.texts("bundled", Bundled::one).map(Bundled),
        },
        limits: default_limits(root.section("limits")),
        own: owns(root.section("plugins")),
        events: events(root.section("events")),
        log: log(root.section("log")),
    };
    root.end();
    config
}

fn taps(mut section: Section<'_>) -> Taps {
    let default = Taps::default();
    let drain = duration(Duration::from_millis(1), Duration::from_secs(1));
    let taps = Taps {
        ingress: section.text("ingress", choice).unwrap_or(default.ingress),
        egress: section.text("egress", choice).unwrap_or(default.egress),
        attach: section.text("attach", choice).unwrap_or(default.attach),
        ring_size: section.text("ring_size", taps::ring_size).unwrap_or(default.ring_size),
        drain_interval: section.text("drain_interval", drain),
        latency: section.text("latency", choice).unwrap_or(default.latency),
        readers: section.text("readers", choice).unwrap_or(default.readers),
        timestamps: section.text("timestamps", choice).unwrap_or(default.timestamps),
    };
    section.end();
    taps
}

fn place(text: &str) -> Result<Place, Expected> {
    match text.parse()? {
        Place::At(path) if path.is_relative() => Err(absolute()),
        place => Ok(place),
    }
}

fn plugin_directory(text: &str) -> Result<PluginDirectory, Expected> {
    match text.parse()? {
        PluginDirectory(Some(path)) if path.is_relative() => Err(absolute()),
        directory => Ok(directory),
    }
}

/// What single plugins have of their own.
fn owns(section: Section<'_>) -> Owns {
    let name = |text: &str| PluginName::new(text).map_err(|error| error.to_string());
    let wanted = "a plugin's table, [plugins.NAME]; `plugin_directory` and `bundled` stand before \
                  the first table";
    let mut named = section.named(name, wanted);
    let inputs = inputs(&mut named);
    let own = named.into_iter().map(|(name, mut section)| {
        let restarts = section.number("max_restarts", 0..=1_000_000);
        let batches = section.number("trial_batches", 0..=4096);
        let short = duration(Duration::ZERO, Duration::from_secs(600));
        let own = Own {
            input: inputs.get(&name).cloned().unwrap_or_default(),
            on_failure: section.text("on_failure", own::on_failure),
            max_restarts: restarts.and_then(|most| u32::try_from(most).ok()),
            trial_batches: batches.and_then(|batches| u32::try_from(batches).ok()),
            trial_time: section.text("trial_time", short),
            ..alone(&mut section)
        };
        section.end();
        (name, own)
    });
    own.collect()
}

/// What holds for a plugin whatever is around it.
pub(super) fn alone(section: &mut Section<'_>) -> Own {
    let limits = limit_overrides(section);
    let (grants, payload) = grants(section);
    let narrowing = narrowing(section, payload);
    Own { limits, narrowing, grants, mask: mask(section.section("mask")), ..Own::default() }
}

/// Which plugins feed which.
fn inputs(named: &mut [(PluginName, Section<'_>)]) -> BTreeMap<PluginName, Vec<PluginName>> {
    let mut places = BTreeMap::new();
    let mut inputs = BTreeMap::new();
    let name = |text: &str| PluginName::new(text).map_err(|error| Expected(error.to_string()));
    for (taker, section) in &mut *named {
        let place = section.place_of("input");
        let input = section.text_or_texts("input", name).unwrap_or_default();
        for key in ["filter", "sample", "interfaces"] {
            if let (Some(place), false) = (section.place_of(key), input.is_empty()) {
                let why = "the plugin that is its `input` says which records it gets";
                section.complain_at(place, key, why);
            }
        }
        places.extend(place.map(|place| (taker.clone(), place)));
        inputs.insert(taker.clone(), input);
    }
    for (taker, section) in &*named {
        if own::feeds_itself(&inputs, taker)
            && let Some(place) = places.remove(taker)
        {
            section.complain_at(place, "input", "what the plugin gives comes back to it that way");
        }
    }
    inputs
}

fn mask(mut section: Section<'_>) -> Mask {
    let all = Mask::default();
    let mask = Mask {
        v4: own::mask_bits(&mut section, "v4", all.v4),
        v6: own::mask_bits(&mut section, "v6", all.v6),
        mac: own::mask_bits(&mut section, "mac", all.mac),
    };
    section.end();
    mask
}

/// The capabilities, and the payload bytes that stand among them.
fn grants(section: &mut Section<'_>) -> (Option<Grants>, Option<u16>) {
    let Some(granted) = section.distinct("grants", grant, |grant| grant.name()) else {
        return (None, None);
    };
    let payload = granted.iter().find_map(|one| match one {
        Grant::Payload(bytes) => Some(*bytes),
        Grant::Capability(_) => None,
    });
    let capabilities = granted.iter().filter_map(|one| match one {
        Grant::Capability(capability) => Some(*capability),
        Grant::Payload(_) => None,
    });
    (Some(capabilities.collect()), payload)
}

/// What is left of interests, where `grants` grants so many payload bytes.
fn narrowing(section: &mut Section<'_>, granted: Option<u16>) -> Narrowing {
    let filter = filter(section);
    section.needs("sample_by", "sample");
    let sample = section.text("sample", narrowing::sample);
    let by = section.text("sample_by", narrowing::sample_by).unwrap_or_default();
    let place = section.place_of("payload");
    let payload = section.number("payload", 0..=MAX_PAYLOAD.into());
    let payload = payload.and_then(|bytes| u16::try_from(bytes).ok());
    if let (Some(place), Some(payload), Some(granted)) = (place, payload, granted)
        && payload != granted
    {
        let why = format!(
            "found {payload}, and `grants` has \"payload:{granted}\": both mean the same, leave one out"
        );
        section.complain_at(place, "payload", &why);
    }
    Narrowing {
        filter,
        sampling: sample.and_then(|one_in| Sampling::new(one_in, by).ok()),
        payload: payload.or(granted),
    }
}

/// What packets have to match, of which `interfaces` is a part.
fn filter(section: &mut Section<'_>) -> Option<Filter> {
    let filter = section.text("filter", narrowing::filter);
    let place = section.place_of("interfaces");
    let named = section.distinct("interfaces", narrowing::interface, String::as_str);
    let (Some(place), Some(named)) = (place, named) else { return filter };
    if named.is_empty() {
        let why = "names none: leave it out for all interfaces";
        section.complain_at(place, "interfaces", why);
        return filter;
    }
    let on = narrowing::on(&named);
    match on.and_then(|on| filter.as_ref().map_or(Ok(on.clone()), |filter| filter.and(&on))) {
        Ok(both) => Some(both),
        Err(error) => {
            let why = format!("does not go together with `filter`: {error:#}");
            section.complain_at(place, "interfaces", &why);
            filter
        }
    }
}

fn default_limits(mut section: Section<'_>) -> Limits {
    let limits = limit_overrides(&mut section).over(&Limits::default());
    section.end();
    limits
}

fn limit_overrides(section: &mut Section<'_>) -> LimitOverrides {
    let (shortest, longest) = limits::DEADLINE;
    let deadline = duration(shortest, longest);
    LimitOverrides {
        memory: section.text("memory", limits::memory),
        call_deadline: section.text("call_deadline", &deadline),
        init_deadline: section.text("init_deadline", &deadline),
        queue_records: section.number("queue_records", limits::QUEUE_RECORDS),
        when_full: section.text("when_full", choice),
        cpu: section.text("cpu", limits::cpu),
        max_series: section.number("max_series", limits::SERIES),
        series_expiry: section.text("series_expiry", limits::series_expiry),
        log_rate: rate(section, "log_rate"),
        log_burst: rate(section, "log_burst"),
        event_rate: rate(section, "event_rate"),
        event_burst: rate(section, "event_burst"),
        max_table_elements: section.number("max_table_elements", limits::TABLE_ELEMENTS),
        max_instances: section.number("max_instances", limits::INSTANCES),
        max_handles: section.number("max_handles", limits::HANDLES),
        host_call_bytes: section.text("host_call_bytes", limits::host_call),
        max_kv: section.text("max_kv", limits::kv),
    }
}

fn rate(section: &mut Section<'_>, key: &'static str) -> Option<u32> {
    section.number(key, limits::RATE).and_then(|number| u32::try_from(number).ok())
}

fn events(mut section: Section<'_>) -> Events {
    let default = Events::default();
    let to = section.text("to", |text| match text.parse()? {
        EventsTo::File(path) if path.is_relative() => Err(absolute()),
        to => Ok(to),
    });
    let queue = section.number("queue", 1..=1 << 20);
    section.end();
    Events { to: to.unwrap_or(default.to), queue: queue.unwrap_or(default.queue) }
}

fn log(mut section: Section<'_>) -> Log {
    let default = Log::default();
    let log = Log {
        filter: section.text("filter", FromStr::from_str).unwrap_or(default.filter),
        format: section.text("format", choice).unwrap_or(default.format),
    };
    section.end();
    log
}

/// The directory in which the runtime starts says nothing about where its file means.
fn absolute() -> Expected {
    Expected("an absolute path".to_owned())
}

fn choice<T: ValueEnum>(text: &str) -> Result<T, Expected> {
    T::from_str(text, false).map_err(|_| {
        let values: Vec<_> = T::value_variants().iter().filter_map(T::to_possible_value).collect();
        let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        let near = nearest(text, &names);
        let hint = near.map_or_else(String::new, |near| format!(" (did you mean \"{near}\"?)"));
        Expected(format!("one of {}{hint}", names.join(", ")))
    })
}
