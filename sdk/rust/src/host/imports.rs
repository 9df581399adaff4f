use std::borrow::Cow;

use super::{Definition, Kind};
use crate::{
    Event, Value,
    bindings::capabilities::ringtap::plugin::{
        clock, events, interfaces, kv, log, metrics, random, types,
    },
    log::Level,
};

pub(crate) fn now_ns() -> u64 {
    clock::now_ns()
}

pub(crate) fn interface_name(ifindex: u32) -> Option<String> {
    interfaces::name(ifindex)
}

pub(crate) fn random() -> u64 {
    random::next()
}

pub(crate) fn kv_get(key: &str) -> Option<Vec<u8>> {
    kv::get(key)
}

pub(crate) fn kv_set(key: &str, value: &[u8]) -> Result<(), String> {
    kv::set(key, value)
}

pub(crate) fn kv_delete(key: &str) {
    kv::delete(key);
}

pub(crate) fn kv_keys(prefix: &str) -> Vec<String> {
    kv::keys(prefix)
}

pub(crate) fn log(level: Level, line: &str) {
    let level = match level {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    };
    log::write(level, line);
}

pub(crate) fn define(definition: &Definition<'_>) -> Result<u32, String> {
    let Definition { kind, name, help, labels } = *definition;
    match kind {
        Kind::Counter => metrics::counter(name, help, labels),
        Kind::Gauge => metrics::gauge(name, help, labels),
        Kind::Histogram(bounds) => metrics::histogram(name, help, bounds, labels),
    }
}

pub(crate) fn update(ids: &[u32], values: &[f64]) -> Result<(), String> {
    metrics::update(ids, values)
}

pub(crate) fn forget(ids: &[u32]) -> Result<(), String> {
    metrics::forget(ids)
}

pub(crate) fn emit(rows: &[Event]) -> Result<(), String> {
    let fields: Vec<Vec<_>> =
        rows.iter().map(|row| row.fields.iter().map(field).collect()).collect();
    let rows: Vec<_> = rows
        .iter()
        .zip(&fields)
        .map(|(row, fields)| types::EventParam { kind: &row.kind, time_ns: row.time_ns, fields })
        .collect();
    events::emit(&rows)
}

fn field<'a>((name, value): &'a (Cow<'static, str>, Value)) -> (&'a str, types::ValueParam<'a>) {
    let value = match value {
        Value::Text(text) => types::ValueParam::Text(text),
        Value::Int(number) => types::ValueParam::Int(*number),
        Value::Uint(number) => types::ValueParam::Uint(*number),
        Value::Float(number) => types::ValueParam::Float(*number),
        Value::Truth(truth) => types::ValueParam::Truth(*truth),
        Value::Bytes(bytes) => types::ValueParam::Bytes(bytes),
    };
    (name, value)
}
