use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::{call, host};

/// A series and what the call in progress did to it. Shared by its handle and the list of changes.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: u32,
    value: Cell<f64>,
    queued: Cell<bool>,
    forgotten: Cell<bool>,
}

impl Slot {
    pub(super) fn new(id: u32) -> Rc<Self> {
        // Set by whoever can make a change, so that a plugin without metrics doesn't import them.
        call::METRICS.with(|at_end| at_end.set(flush));
        let (value, queued) = (Cell::new(0.0), Cell::new(false));
        Rc::new(Self { id, value, queued, forgotten: Cell::new(false) })
    }

    pub(super) fn add(self: &Rc<Self>, delta: f64) {
        self.set(self.value.get() + delta);
    }

    pub(super) fn set(self: &Rc<Self>, value: f64) {
        self.value.set(value);
        if !self.queued.replace(true) {
            PENDING.with_borrow_mut(|pending| pending.changed.push(Rc::clone(self)));
        }
    }

    pub(super) fn observe(&self, value: f64) {
        PENDING.with_borrow_mut(|pending| pending.push(self.id, value));
    }

    /// Drop the series, and what the call did to it so far.
    pub(super) fn forget(&self) {
        self.forgotten.set(true);
        PENDING.with_borrow_mut(|pending| {
            pending.drop_observations(self.id);
            pending.forgotten.push(self.id);
        });
    }
}

#[derive(Default)]
struct Pending {
    changed: Vec<Rc<Slot>>,
    ids: Vec<u32>,
    values: Vec<f64>,
    forgotten: Vec<u32>,
}

thread_local! {
    static PENDING: RefCell<Pending> = RefCell::default();
}

impl Pending {
    fn push(&mut self, id: u32, value: f64) {
        self.ids.push(id);
        self.values.push(value);
    }

    fn drop_observations(&mut self, id: u32) {
        let mut kept = self.ids.iter().map(|known| *known != id);
        self.values.retain(|_| kept.next() == Some(true));
        self.ids.retain(|known| *known != id);
    }

    fn collect(&mut self) {
        for slot in std::mem::take(&mut self.changed) {
            slot.queued.set(false);
            if !slot.forgotten.get() {
                self.push(slot.id, slot.value.take());
            }
        }
    }
}

/// Hand over what the call did. The host refuses only what the types here don't let a plugin do, or
/// the use of a series through one handle after it was forgotten through another.
fn flush() {
    PENDING.with_borrow_mut(|pending| {
        pending.collect();
        if !pending.ids.is_empty() {
            host::update(&pending.ids, &pending.values)
                .unwrap_or_else(|reason| panic!("the host refused values of metrics: {reason}"));
            pending.ids.clear();
            pending.values.clear();
        }
        if !pending.forgotten.is_empty() {
            host::forget(&pending.forgotten)
                .unwrap_or_else(|reason| panic!("the host refused to forget series: {reason}"));
            pending.forgotten.clear();
        }
    });
}
