use std::time::Instant;

use ringtap_pipeline::{event::Event, queue::View};

use crate::{
    bitmap::Bitmap,
    call::CallError,
    describe::StateSchema,
    instance::{Instance, TimeSource},
    plugin::Role,
    schedule::Schedule,
};

/// An instance that is given one thing after the other by whoever holds it, with ticks by the time of
/// a capture: what a worker does in a replay, without a queue and a thread. For tests of a plugin.
#[derive(Debug)]
pub struct Solo {
    instance: Instance,
    schedule: Schedule,
}

/// Why an instance did not go on from what the one before it knew.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("`save` refused: {0}")]
    Save(String),
    #[error("`restore` refused what `save` gave: {0}")]
    Restore(String),
    #[error("the plugin has no state")]
    NoState,
    #[error(
        "the one before writes form {form} of its state, and this one takes forms {from} to {to}"
    )]
    OtherForm { form: u32, from: u32, to: u32 },
}

impl Solo {
    /// `instance` was started with [`TimeSource::Capture`] and takes over now.
    pub fn new(mut instance: Instance) -> Self {
        instance.take_over();
        let tick_ms = instance.plugin().description().tick_ms;
        let schedule = Schedule::new(tick_ms, TimeSource::Capture, Instant::now());
        Self { instance, schedule }
    }

    /// Hand over records. Returns which of them a filter keeps; `None` of another plugin.
    pub fn records(&mut self, view: &View) -> Result<Option<Bitmap>, CallError> {
        self.instance.advance(view.batch.latest_ns().unwrap_or_default());
        match self.instance.role() {
            Some(Role::Filter) => self.instance.keep(view).map(Some),
            _ => self.instance.on_packets(view).map(|()| None),
        }
    }

    /// Hand over 1 to 1024 events.
    pub fn events(&mut self, events: &[Event]) -> Result<(), CallError> {
        self.instance.on_events(events)
    }

    /// The capture has come to this time: Unix time in ns. Returns whether a tick was due.
    pub fn pass_time(&mut self, now_ns: u64) -> Result<bool, CallError> {
        self.instance.advance(now_ns);
        let due = self.schedule.is_due_in_capture(self.instance.now());
        if due {
            self.instance.tick()?;
        }
        Ok(due)
    }

    /// Have `next` take over with the state of this instance. Unlike with a real replacement, ticks
    /// keep their beat, so that nothing but the state decides what comes of it.
    pub fn hand_over(mut self, mut next: Instance) -> Result<Self, HandOverError> {
        let state = |instance: &Instance| {
            instance.plugin().description().state.ok_or(HandOverError::NoState)
        };
        let (schema, StateSchema { writes: to, reads_from: from }) =
            (state(&self.instance)?, state(&next)?);
        if !(from..=to).contains(&schema.writes) {
            return Err(HandOverError::OtherForm { form: schema.writes, from, to });
        }
        next.advance(self.instance.captured_until());
        let saved = self.instance.save()?.map_err(HandOverError::Save)?;
        next.restore(schema.writes, &saved)?.map_err(HandOverError::Restore)?;
        next.take_over();
        Ok(Self { instance: next, schedule: self.schedule })
    }

    /// Tell it to stop, and end it.
    pub fn stop(mut self) -> Result<(), CallError> {
        self.instance.stop()
    }

    pub fn instance(&mut self) -> &mut Instance {
        &mut self.instance
    }
}
