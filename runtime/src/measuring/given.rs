//! What a plugin is given, again and again, in full batches.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context, bail, ensure};
use ringtap_pipeline::{
    batch::Batch,
    event::{Event, Value},
};
use ringtap_record::PacketRecord;

use super::{DISTINCT, FLOWS, Source};
use crate::testing::{Script, Step, Subject, input};

/// Of packets, what the plugin's interests take.
pub(super) fn of(subject: &Subject, source: Source<'_>, size: usize) -> anyhow::Result<Vec<Step>> {
    match (subject.is_exporter(), source) {
        (true, Source::Made) => Ok(events(&ringtap_flows::events(FLOWS, DISTINCT), size)),
        (true, Source::Events(path)) => Ok(events(&read(path)?, size)),
        (true, Source::Capture(_)) => bail!(
            "it is an exporter, which takes no packets: leave out --capture, or give it --events"
        ),
        (false, Source::Events(_)) => bail!("it is no exporter: --events is for those"),
        (false, Source::Made) => packets(subject, None, size),
        (false, Source::Capture(path)) => packets(subject, Some(path), size),
    }
}

/// Lists and strings of an event, each in memory of its own: who emitted it, its kind, its fields,
/// their names, and values that are texts or bytes.
pub(super) fn lists_per_event(given: &[Step]) -> f64 {
    let lists = |event: &Event| {
        let values = event.fields.iter().map(|(_, value)| value);
        let apart = values.filter(|value| matches!(value, Value::Text(_) | Value::Bytes(_)));
        3 + event.fields.len() + apart.count()
    };
    let of_step = |step: &Step| match step {
        Step::Events(events) => events.iter().map(lists).sum(),
        Step::Records(_) | Step::Time(_) => 0,
    };
    let (lists, events): (usize, usize) =
        (given.iter().map(of_step).sum(), given.iter().map(Step::len).sum());
    lists as f64 / events as f64
}

fn read(path: &Path) -> anyhow::Result<Vec<Event>> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let events = input::events(&text).with_context(|| format!("read {}", path.display()))?;
    ensure!(!events.is_empty(), "{} has no events", path.display());
    Ok(events)
}

fn events(all: &[Event], size: usize) -> Vec<Step> {
    let whole = all.len().max(size) / size * size;
    let mut events = all.iter().cycle().take(whole).cloned();
    (0..whole / size).map(|_| Step::Events(events.by_ref().take(size).collect())).collect()
}

fn packets(subject: &Subject, capture: Option<&Path>, size: usize) -> anyhow::Result<Vec<Step>> {
    let script = match capture {
        Some(capture) => Script::of_capture(subject, capture)?,
        None => Script::of_records(subject, ringtap_flows::batches(FLOWS, 1024, DISTINCT))?,
    };
    let all = merged(&script);
    let from = capture.map_or("mixed flows".into(), |capture| capture.display().to_string());
    ensure!(
        !all.is_empty(),
        "`{}` wants none of the packets of {from}: measure with others, by --capture",
        subject.name
    );
    let rounds = size.div_ceil(all.len());
    let repeated: Vec<_> = (0..rounds).flat_map(|_| &all.records).collect();
    let whole = repeated.chunks_exact(size);
    Ok(whole.map(|part| Step::Records(Arc::new(all.pick(part.iter().copied())))).collect())
}

/// All records as one, of any size.
fn merged(script: &Script) -> Batch {
    let mut all = Batch::default();
    for step in &script.steps {
        let Step::Records(batch) = step else { continue };
        let before = all.payload.len() as u32;
        let moved = batch.records.iter().map(|record| match record.payload_len {
            0 => *record,
            _ => PacketRecord { payload_offset: record.payload_offset + before, ..*record },
        });
        all.records.extend(moved);
        all.payload.extend_from_slice(&batch.payload);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(events: usize, size: usize) -> Vec<usize> {
        let all = ringtap_flows::events(10, events);
        self::events(&all, size).iter().map(Step::len).collect()
    }

    #[test]
    fn batches_are_full() {
        assert_eq!(sizes(3, 256), [256]);
        assert_eq!(sizes(256, 256), [256]);
        assert_eq!(sizes(700, 256), [256, 256]);
    }

    #[test]
    fn every_text_of_an_event_is_a_list() {
        let mut event = ringtap_flows::events(1, 1).remove(0);
        event.fields = vec![
            ("a".into(), Value::Uint(1)),
            ("b".into(), Value::Text(String::new())),
            ("c".into(), Value::Bytes(vec![1])),
        ];
        let bare = Event { fields: Vec::new(), ..event.clone() };
        assert_eq!(lists_per_event(&[Step::Events(vec![event.clone()])]), 8.0);
        assert_eq!(lists_per_event(&[Step::Events(vec![event, bare])]), 5.5);
    }
}
