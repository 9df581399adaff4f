use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::Context;
use ringtap_pipeline::{event::EventSender, metrics::Registry};
use ringtap_sink::jsonl::{Config, Control, JsonLines, Stats, Target};

use crate::{
    config::{Events, EventsTo},
    privileges::Privileges,
};

/// The event sink, on a thread of its own.
pub(crate) struct EventSink {
    sender: Option<EventSender>,
    thread: Option<JoinHandle<()>>,
    control: Option<Arc<Control>>,
}

impl EventSink {
    /// Open the destination. `wait` makes plugins wait for the sink: right for a capture only.
    /// `on_reader_gone` is told when whoever read stdout has closed it.
    pub(crate) fn start(
        config: &Events,
        wait: bool,
        privileges: Privileges,
        registry: &Registry,
        on_reader_gone: impl FnOnce() + Send + 'static,
    ) -> anyhow::Result<Self> {
        let target = match &config.to {
            EventsTo::Nowhere => {
                let sender = EventSender::nowhere();
                registry.register(Arc::new(Stats::nowhere(Arc::clone(sender.ledger()))));
                return Ok(Self { sender: Some(sender), thread: None, control: None });
            }
            EventsTo::Stdout => Target::Stdout,
            EventsTo::File(path) => Target::File(path.clone()),
        };
        let (sender, events) = EventSender::channel(config.queue, wait);
        let sink = JsonLines::new(Config::new(target), Arc::clone(sender.ledger()))?;
        registry.register(sink.stats());
        let control = sink.control();
        let thread = thread::Builder::new()
            .name("events".into())
            .spawn(move || {
                privileges.settle_for_events();
                sink.run(events, on_reader_gone);
            })
            .context("start the event sink's thread")?;
        Ok(Self { sender: Some(sender), thread: Some(thread), control: Some(control) })
    }

    /// A sink whose thread ends when its senders are gone.
    pub(super) fn in_memory(sender: EventSender, thread: JoinHandle<()>) -> Self {
        Self { sender: Some(sender), thread: Some(thread), control: None }
    }

    /// What plugins send with.
    pub(crate) fn sender(&self) -> EventSender {
        self.sender.clone().unwrap_or_else(EventSender::nowhere)
    }

    /// Open the file anew: it was moved away, as logrotate does.
    pub(crate) fn reopen(&self) {
        if let Some(control) = &self.control {
            control.reopen();
        }
    }

    /// Write what is left and end. Every other sender has to be gone.
    pub(crate) fn finish(mut self) {
        drop(self.sender.take());
        if let Some(control) = &self.control {
            control.shut_down();
        }
        let Some(thread) = self.thread.take() else { return };
        if thread.join().is_err() {
            tracing::error!("the event sink panicked: this is a bug in ringtap");
        }
    }
}
