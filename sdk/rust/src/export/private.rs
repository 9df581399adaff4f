//! What [`export!`](crate::export) expands to; no API.
#![expect(missing_docs, reason = "no API")]

use std::{cell::RefCell, thread::LocalKey};

use crate::{
    Aggregate, Batch, Exporter, Filter, Plugin, Refusal, State,
    bindings::{
        aggregate::exports::ringtap::plugin::aggregate::Guest as AggregateGuest,
        capabilities::ringtap::plugin::types::{Batch as BatchHead, Description, StateSchema},
        exporter::exports::ringtap::plugin::exporter::{Guest as ExporterGuest, Received},
        filter::exports::ringtap::plugin::filter::Guest as FilterGuest,
        lifecycle::exports::ringtap::plugin::lifecycle::Guest as LifecycleGuest,
        state::exports::ringtap::plugin::state::Guest as StateGuest,
    },
    call, error,
};

pub use crate::bindings::{
    aggregate::{self, __export_aggregate as aggregate},
    exporter::{self, __export_exporter as exporter},
    filter::{self, __export_filter as filter},
    lifecycle::{self, __export_lifecycle as lifecycle},
    state::{self, __export_state as state},
};

/// The instance's plugin, from `init` on.
#[expect(missing_debug_implementations, reason = "no API")]
pub struct Slot<T>(RefCell<Option<T>>);

impl<T> Slot<T> {
    pub const fn empty() -> Self {
        Self(RefCell::new(None))
    }
}

pub trait Exported {
    type Plugin: Plugin;
    const NAME: &'static str;
    const VERSION: &'static str;
    const STATE: Option<Schema>;
    fn slot() -> &'static LocalKey<Slot<Self::Plugin>>;
}

/// The forms of a plugin's state.
#[expect(missing_debug_implementations, reason = "no API")]
#[derive(Clone, Copy)]
pub struct Schema {
    writes: u32,
    reads_from: u32,
}

impl Schema {
    pub const fn of<P: State>() -> Self {
        assert!(P::READS_FROM <= P::SCHEMA, "a plugin reads the form of its state that it writes");
        Self { writes: P::SCHEMA, reads_from: P::READS_FROM }
    }
}

/// Holds a plugin against what a component would need of it.
pub const fn exports_lifecycle<E: Exported>(_: &E) {}

/// As [`exports_lifecycle`], for the role `aggregate`.
pub const fn exports_aggregate<E: Exported<Plugin: Aggregate>>(_: &E) {}

/// As [`exports_lifecycle`], for the role `filter`.
pub const fn exports_filter<E: Exported<Plugin: Filter>>(_: &E) {}

/// As [`exports_lifecycle`], for the role `exporter`.
pub const fn exports_exporter<E: Exported<Plugin: Exporter>>(_: &E) {}

/// As [`exports_lifecycle`], for the role `state`.
pub const fn exports_state<E: Exported<Plugin: State>>(_: &E) {}

fn call<E: Exported, T>(work: impl FnOnce(&mut E::Plugin) -> T) -> T {
    let answer = E::slot().with(|slot| {
        let mut plugin = slot.0.borrow_mut();
        work(plugin.as_mut().expect("the host calls `init` first"))
    });
    call::end();
    answer
}

fn told(refusal: Refusal) -> String {
    error::chain(&*refusal)
}

impl<E: Exported> LifecycleGuest for E {
    fn describe() -> Description {
        let tick_ms = u32::try_from(E::Plugin::TICK.as_millis()).unwrap_or(u32::MAX);
        let interests = E::Plugin::interests().into_iter().map(Into::into).collect();
        let (name, version) = (E::NAME.to_owned(), E::VERSION.to_owned());
        let state =
            E::STATE.map(|Schema { writes, reads_from }| StateSchema { writes, reads_from });
        Description { name, version, tick_ms, interests, state }
    }

    fn init(config: String) -> Result<(), String> {
        let plugin = E::Plugin::new(&config).map_err(told)?;
        E::slot().with(|slot| *slot.0.borrow_mut() = Some(plugin));
        call::end();
        Ok(())
    }

    fn tick(now_ns: u64) {
        call::<E, _>(|plugin| plugin.tick(now_ns));
    }

    fn stop(now_ns: u64) {
        call::<E, _>(|plugin| plugin.stop(now_ns));
    }
}

impl<E: Exported<Plugin: Aggregate>> AggregateGuest for E {
    fn on_packets(head: BatchHead, records: Vec<u8>, payload: Vec<u8>) {
        let batch = Batch::new(head, &records, &payload);
        call::<E, _>(|plugin| plugin.on_packets(&batch));
    }
}

impl<E: Exported<Plugin: Filter>> FilterGuest for E {
    fn keep(head: BatchHead, records: Vec<u8>, payload: Vec<u8>) -> Vec<u8> {
        let batch = Batch::new(head, &records, &payload);
        call::<E, _>(|plugin| plugin.keep_batch(&batch)).into_bits()
    }
}

impl<E: Exported<Plugin: Exporter>> ExporterGuest for E {
    fn on_events(rows: Vec<Received>) {
        let events = rows.into_iter().map(Into::into).collect();
        call::<E, _>(|plugin| plugin.on_events(events));
    }
}

impl<E: Exported<Plugin: State>> StateGuest for E {
    fn save() -> Result<Vec<u8>, String> {
        call::<E, _>(State::save).map_err(told)
    }

    fn restore(schema: u32, saved: Vec<u8>) -> Result<(), String> {
        call::<E, _>(|plugin| plugin.restore(schema, &saved)).map_err(told)
    }
}
