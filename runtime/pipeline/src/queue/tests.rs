use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use ringtap_record::PacketRecord;

use super::*;
use crate::{
    event::Value,
    ledger::ShedReason::{self, *},
    mask::Mask,
    name::PluginName,
};

fn batch(records: usize) -> Arc<Batch> {
    let record = PacketRecord { sample_one_in: 1, ..PacketRecord::default() };
    Arc::new(Batch { records: vec![record; records], ..Batch::default() })
}

fn queue(capacity: usize, when_full: WhenFull) -> Queue {
    Queue::new(capacity, when_full, Arc::default())
}

/// What was shed, by the reasons for which something was.
fn sheds(queue: &Queue) -> Vec<(ShedReason, u64)> {
    queue.counts().sheds().filter(|(_, items)| *items > 0).collect()
}

fn take(queue: &Queue) -> View {
    match queue.take(None) {
        Taken::Batch(queued) => queued.view(Side::New).unwrap().clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sheds_the_newest_and_says_where_the_gap_is() {
    let queue = queue(10, WhenFull::DropNewest);
    for _ in 0..4 {
        queue.push(batch(4));
    }
    let (first, second) = (take(&queue), take(&queue));
    assert_eq!((first.sequence, first.shed_before), (0, 0));
    assert_eq!((second.sequence, second.shed_before), (4, 0));
    queue.push(batch(1));
    let third = take(&queue);
    assert_eq!((third.sequence, third.shed_before), (16, 8));
    let counts = queue.ledger().read();
    assert_eq!((counts.published, counts.shed), (17, 8));
}

#[test]
fn a_batch_larger_than_the_queue_passes_alone() {
    let queue = queue(10, WhenFull::DropNewest);
    queue.push(batch(100));
    assert_eq!(queue.len(), 100);
    queue.push(batch(1));
    assert_eq!(queue.ledger().read().shed, 1);
}

#[test]
fn waits_for_room_when_asked_to() {
    let queue = Arc::new(queue(4, WhenFull::Wait));
    let feeder = {
        let queue = Arc::clone(&queue);
        std::thread::spawn(move || {
            for _ in 0..100 {
                queue.push(batch(3));
            }
            queue.close(NoInstance);
        })
    };
    let mut taken = 0;
    while let Taken::Batch(queued) = queue.take(None) {
        let view = queued.view(Side::New).unwrap();
        assert_eq!((view.sequence, view.shed_before), (taken, 0));
        taken += view.batch.len() as u64;
    }
    feeder.join().unwrap();
    assert_eq!((taken, queue.ledger().read().shed), (300, 0));
}

#[test]
fn in_step_a_push_returns_when_all_is_worked_off() {
    let queue = Arc::new(queue(4, WhenFull::InStep));
    queue.push(batch(9));
    queue.push(batch(1));
    assert_eq!((queue.len(), sheds(&queue)), (9, vec![(QueueFull, 1)]), "nobody takes");
    queue.attend();
    let worked_off = Arc::new(AtomicUsize::new(0));
    let taker = {
        let (queue, worked_off) = (Arc::clone(&queue), Arc::clone(&worked_off));
        std::thread::spawn(move || {
            loop {
                let items = match queue.take(None) {
                    Taken::Batch(queued) => queued.view(Side::New).unwrap().batch.len(),
                    Taken::Closed => return,
                    _ => 1,
                };
                std::thread::yield_now();
                worked_off.fetch_add(items, Relaxed);
            }
        })
    };
    queue.keep_in_step();
    assert_eq!(worked_off.load(Relaxed), 9);
    for n in 1..=100 {
        queue.push(batch(3));
        queue.pass_time(n as u64);
        assert_eq!(worked_off.load(Relaxed), 9 + 4 * n);
    }
    queue.abandon(NoInstance);
    queue.push(batch(1));
    queue.pass_time(7);
    taker.join().unwrap();
    assert_eq!(sheds(&queue), [(QueueFull, 1), (NoInstance, 1)]);
}

#[test]
fn a_closed_queue_sheds_and_an_abandoned_one_sheds_what_it_held() {
    let queue = queue(10, WhenFull::DropNewest);
    queue.push(batch(2));
    queue.close(NoInstance);
    queue.push(batch(3));
    assert_eq!(queue.ledger().read().shed, 3);
    queue.abandon(Shutdown);
    assert!(matches!(queue.take(None), Taken::Closed));
    let counts = queue.ledger().read();
    assert_eq!((counts.published, counts.shed), (5, 5));
    assert_eq!(sheds(&queue), [(NoInstance, 3), (Shutdown, 2)]);
    assert!(counts.closes());
}

#[test]
fn a_queue_that_reopens_goes_on_counting_and_tells_what_it_shed() {
    let queue = queue(10, WhenFull::DropNewest);
    queue.push(batch(2));
    queue.abandon(Shutdown);
    queue.push(batch(3));
    queue.reopen();
    queue.push(batch(4));
    let next = take(&queue);
    assert_eq!((next.sequence, next.shed_before), (5, 5));
}

#[test]
fn a_mark_stays_in_its_place_while_batches_around_it_are_shed() {
    let queue = queue(4, WhenFull::DropNewest);
    queue.push(batch(4));
    queue.mark_back();
    queue.push(batch(3));
    assert_eq!(take(&queue).sequence, 0);
    queue.push(batch(2));
    assert!(matches!(queue.take(None), Taken::Handover));
    let next = take(&queue);
    assert_eq!((next.sequence, next.shed_before), (7, 3));
    queue.push(batch(1));
    queue.mark_front();
    assert!(matches!(queue.take(None), Taken::Handover));
    assert_eq!(take(&queue).sequence, 9);
}

#[test]
fn what_is_shed_in_front_of_a_mark_is_told_behind_it() {
    let queue = queue(6, WhenFull::DropNewest);
    queue.shed_to_mark();
    for records in [1, 2, 2] {
        queue.push(batch(records));
    }
    match queue.take(None) {
        Taken::Batch(queued) => queue.shed(&queued, NoInstance),
        other => panic!("{other:?}"),
    }
    queue.shed_to_mark();
    assert_eq!(queue.len(), 4);
    queue.push(batch(9));
    queue.mark_back();
    queue.push(batch(1));
    queue.shed_to_mark();
    assert_eq!(queue.len(), 1);
    assert!(matches!(queue.take(None), Taken::Handover));
    let next = take(&queue);
    assert_eq!((next.sequence, next.shed_before), (14, 14));
    let counts = queue.ledger().read();
    assert_eq!((counts.published, counts.shed), (15, 14));
    assert_eq!(sheds(&queue), [(QueueFull, 9), (NoInstance, 1), (Handover, 4)]);
}

#[test]
fn a_closed_queue_still_gives_its_marks_and_takes_none() {
    let queue = queue(6, WhenFull::DropNewest);
    queue.push(batch(1));
    queue.mark_back();
    queue.close(NoInstance);
    queue.mark_back();
    assert_eq!(take(&queue).sequence, 0);
    assert!(matches!(queue.take(None), Taken::Handover));
    assert!(matches!(queue.take(None), Taken::Closed));
    queue.reopen();
    queue.mark_back();
    queue.abandon(Shutdown);
    assert!(matches!(queue.take(None), Taken::Closed));
}

#[test]
fn time_passes_in_the_order_of_batches() {
    let queue = queue(10, WhenFull::Wait);
    queue.pass_time(5);
    queue.push(batch(2));
    queue.pass_time(7);
    assert!(matches!(queue.take(None), Taken::Time(5)));
    assert_eq!(take(&queue).sequence, 0);
    assert!(matches!(queue.take(None), Taken::Time(7)));
    assert_eq!(queue.len(), 0);
    queue.close(NoInstance);
    queue.pass_time(9);
    assert!(matches!(queue.take(None), Taken::Closed));
}

#[test]
fn marks_of_time_are_bounded_and_none_is_dropped() {
    let queue = Arc::new(queue(4, WhenFull::Wait));
    let marks = 3 * MAX_TIMES as u64;
    let feeder = {
        let queue = Arc::clone(&queue);
        std::thread::spawn(move || {
            (0..marks).for_each(|now_ns| queue.pass_time(now_ns));
            queue.close(NoInstance);
        })
    };
    let mut taken = 0;
    while let Taken::Time(now_ns) = queue.take(None) {
        assert_eq!(now_ns, taken);
        assert!(queue.lock().times <= MAX_TIMES);
        taken += 1;
    }
    feeder.join().unwrap();
    assert_eq!(taken, marks);
}

#[test]
fn nobody_waits_to_tell_the_time_to_a_reader_that_is_gone() {
    let queue = queue(4, WhenFull::Wait);
    (0..MAX_TIMES as u64).for_each(|now_ns| queue.pass_time(now_ns));
    queue.abandon(Shutdown);
    queue.pass_time(0);
    queue.reopen();
    queue.pass_time(3);
    assert!(matches!(queue.take(None), Taken::Time(3)));
}

#[test]
fn a_wake_up_is_not_missed() {
    let queue = queue(10, WhenFull::DropNewest);
    queue.wake();
    assert!(matches!(queue.take(None), Taken::Nothing));
    assert!(matches!(queue.take(Some(Instant::now())), Taken::Nothing));
}

#[test]
fn the_oldest_make_room_for_the_newest_and_marks_stay() {
    let queue = queue(10, WhenFull::DropOldest);
    queue.push(batch(4));
    queue.mark_back();
    for records in [4, 2, 3] {
        queue.push(batch(records));
    }
    assert_eq!(queue.len(), 9);
    assert!(matches!(queue.take(None), Taken::Handover), "what stood before it is gone");
    let first = take(&queue);
    assert_eq!((first.sequence, first.shed_before, first.batch.len()), (4, 4, 4));
    queue.push(batch(99));
    let next = take(&queue);
    assert_eq!((next.sequence, next.shed_before, next.batch.len()), (13, 5, 99));
    assert!(queue.is_empty());
    assert_eq!(sheds(&queue), [(QueueFull, 9)]);
}

#[test]
fn a_queue_that_fills_up_takes_ever_smaller_samples() {
    let queue = Queue::with_thinner(1000, WhenFull::Sample, Arc::default(), Thinner::new(3));
    let mut lens = Vec::new();
    for _ in 0..40 {
        let before = queue.len();
        queue.push(batch(80));
        lens.push(queue.len() - before);
    }
    // All of it up to a half, then a half, a fourth, an eighth of each batch…
    assert_eq!(lens[..7], [80; 7]);
    assert_eq!(lens[7..12], [40; 5]);
    assert_eq!(lens[12..18], [20; 6]);
    assert_eq!(lens[18..24], [10; 6]);
    assert_eq!(lens[24..30], [5; 6]);
    assert!(lens[30..].iter().all(|len| *len <= 3), "{lens:?}");
    assert!(queue.len() <= 1000);
    let (mut end, mut rates) = (0, Vec::new());
    while !queue.is_empty() {
        let view = take(&queue);
        assert_eq!(view.sequence, end + view.shed_before);
        end = view.sequence + view.batch.len() as u64;
        let rate = view.batch.records[0].sample_one_in;
        assert!(view.batch.records.iter().all(|record| record.sample_one_in == rate));
        rates.push(rate);
    }
    rates.dedup();
    assert_eq!(rates[..4], [1, 2, 4, 8]);
    let counts = queue.ledger().read();
    assert_eq!(counts.published, 3200);
    assert_eq!(counts.sheds().map(|(_, items)| items).sum::<u64>(), counts.shed);
    assert!(counts.shed_by[Sampled as usize] > 0, "{counts:?}");
    queue.ledger().deliver(lens.iter().sum::<usize>() as u64);
    assert!(queue.ledger().read().closes());
}

#[test]
fn a_view_that_is_thinned_keeps_the_numbers_right() {
    let queue = queue(100, WhenFull::DropNewest);
    queue.push(batch(2));
    queue.push(batch(8));
    queue.push(batch(9));
    let mut thinner = Thinner::new(1);
    take(&queue);
    let thinned = take(&queue).thin(4, &mut thinner).unwrap();
    assert_eq!((thinned.sequence, thinned.shed_before, thinned.batch.len()), (8, 6, 2));
    let Taken::Batch(last) = queue.take(None) else { panic!() };
    let view = last.view(Side::Old).unwrap();
    let gone = (0..100).find(|_| view.thin(1 << 20, &mut thinner).is_none());
    assert!(gone.is_some());
    queue.shed(&last, Budget);
    queue.push(batch(1));
    assert_eq!((take(&queue).shed_before, sheds(&queue)), (9, vec![(Budget, 9)]));
}

fn edge(from: &str, capacity: usize) -> Edge {
    let from = PluginName::new(from).unwrap();
    Edge { from, capacity, mask: Mask::default(), payload: u16::MAX }
}

fn events(numbers: std::ops::Range<u64>) -> Arc<Vec<Event>> {
    let event = |number| Event {
        plugin: PluginName::new("a").unwrap(),
        kind: "test".to_owned(),
        time_ns: number,
        fields: vec![("number".to_owned(), Value::Uint(number))],
    };
    Arc::new(numbers.map(event).collect())
}

#[test]
fn each_way_in_has_its_own_bound_and_ledger_and_all_come_in_order() {
    let queue = Arc::new(queue(4, WhenFull::DropNewest));
    let (one, two) = (queue.inlet(edge("one", 6)), queue.inlet(edge("two", 2)));
    one.push_batch(batch(5));
    queue.push(batch(3));
    two.push_events(events(0..2));
    one.push_batch(batch(2));
    two.push_events(events(2..3));
    queue.push(batch(1));
    two.push_events(events(0..0));
    one.push_batch(batch(0));
    let mut seen = Vec::new();
    while !queue.is_empty() {
        match queue.take(None) {
            Taken::Batch(queued) => {
                let view = queued.view(Side::Old).unwrap();
                seen.push((view.sequence, view.shed_before, view.batch.len()));
                queued.ledger().deliver(view.batch.len() as u64);
            }
            Taken::Events(queued) => {
                let view = queued.view(Side::New).unwrap();
                seen.push((view.sequence, view.shed_before, view.batch.len()));
                assert_eq!(view.batch[1].time_ns, 1);
                queued.ledger().fail(view.batch.len() as u64);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [(0, 0, 5), (5, 0, 3), (8, 0, 2), (13, 3, 1)]);
    let edges: Vec<_> =
        queue.edges().into_iter().map(|edge| (edge.counts, edge.capacity)).collect();
    let [(one, 6), (two, 2)] = edges[..] else { panic!("{edges:?}") };
    assert_eq!((one.published, one.delivered, one.shed), (7, 5, 2));
    assert_eq!((two.published, two.failed, two.shed), (3, 2, 1));
    let (taps, all) = (queue.ledger().read(), queue.counts());
    assert_eq!((taps.published, taps.delivered), (4, 4));
    assert_eq!((all.published, all.shed, all.closes()), (14, 3, true));
}

#[test]
fn an_edge_that_is_asked_for_again_is_the_same() {
    let queue = Arc::new(queue(4, WhenFull::DropNewest));
    queue.inlet(edge("one", 9)).push_batch(batch(2));
    let again = queue.inlet(edge("one", 1));
    again.push_batch(batch(3));
    assert_eq!((again.ledger().read().published, queue.len()), (5, 5));
    let [EdgeStatus { from, waiting: 5, capacity: 9, .. }] = &queue.edges()[..] else {
        panic!("{:?}", queue.edges())
    };
    assert_eq!(from.as_str(), "one");
}

#[test]
fn an_edge_gives_no_more_than_its_taker_may_see() {
    let queue = Arc::new(queue(4, WhenFull::DropNewest));
    let mask = Mask { v4: 16, ..Mask::default() };
    let inlet = queue.inlet(Edge { mask, payload: 2, ..edge("one", 9) });
    let mut batch = Batch::default();
    let record = PacketRecord { src_lo: 0x0a01_0203, ip_version: 4, ..PacketRecord::default() };
    for payload in [&b"abc"[..], b"d"] {
        batch.push(record, payload);
    }
    let batch = Arc::new(batch);
    inlet.push_batch(Arc::clone(&batch));
    let plain = queue.inlet(edge("two", 9));
    plain.push_batch(Arc::clone(&batch));
    let narrowed = take(&queue).batch;
    assert_eq!(narrowed.payload, b"abd");
    assert!(narrowed.records.iter().all(|record| record.src_lo == 0x0a01_0000));
    assert!(Arc::ptr_eq(&take(&queue).batch, &batch));
}

#[test]
fn an_edge_waits_for_its_own_room_and_passes_time_behind_its_records() {
    let queue = Arc::new(queue(4, WhenFull::Wait));
    queue.push(batch(4));
    let inlet = queue.inlet(edge("one", 4));
    let feeder = std::thread::spawn(move || {
        for now_ns in 0..100 {
            inlet.push_batch(batch(3));
            inlet.pass_time(now_ns);
        }
    });
    assert_eq!(take(&queue).sequence, 0);
    for round in 0..100 {
        assert_eq!(take(&queue).sequence, 4 + 3 * round);
        assert!(matches!(queue.take(None), Taken::Time(now_ns) if now_ns == round));
    }
    feeder.join().unwrap();
    assert_eq!(queue.counts().shed, 0);
}

fn each(old: usize, new: usize) -> Sides<Option<Arc<Batch>>> {
    let some = |records| (records > 0).then(|| batch(records));
    Sides { old: some(old), new: some(new) }
}

fn trial(when_full: WhenFull) -> Queue {
    let queue = queue(10, when_full);
    queue.push(batch(3));
    queue.begin_trial_of(true);
    queue.push_each(each(2, 5));
    queue.push_each(each(0, 1));
    queue
}

fn places(queue: &Queue) -> [Option<(u64, u64, usize)>; 2] {
    let Taken::Batch(queued) = queue.take(None) else { panic!() };
    [Side::Old, Side::New].map(|side| {
        queued.view(side).map(|view| (view.sequence, view.shed_before, view.batch.len()))
    })
}

#[test]
fn both_sides_of_a_trial_see_what_is_theirs() {
    let queue = trial(WhenFull::DropNewest);
    queue.push_each(each(9, 1));
    queue.push_each(each(1, 1));
    let both = Some((0, 0, 3));
    assert_eq!(places(&queue), [both, both]);
    assert!(matches!(queue.take(None), Taken::Handover));
    assert_eq!(places(&queue), [Some((3, 0, 2)), Some((3, 0, 5))]);
    assert_eq!(places(&queue), [None, Some((8, 0, 1))]);
    assert_eq!(places(&queue), [Some((14, 9, 1)), Some((10, 1, 1))]);
    let counts = queue.counts();
    assert_eq!((counts.published, counts.shed), (3, 0), "nobody has won");
}

#[test]
fn whoever_wins_is_the_only_one_that_counts() {
    for (winner, published, shed, next) in
        [(Side::Old, 14, 9, (14, 9, 4)), (Side::New, 10, 1, (10, 1, 4))]
    {
        let queue = trial(WhenFull::DropNewest);
        queue.push_each(each(9, 1));
        for _ in 0..4 {
            queue.take(None);
        }
        assert_eq!(queue.conclude(winner), winner);
        assert_eq!(queue.conclude(Side::New), winner, "it was said before");
        let counts = queue.counts();
        assert_eq!((counts.published, counts.shed), (published, shed), "{winner:?}");
        queue.push_each(if winner == Side::Old { each(4, 0) } else { each(0, 4) });
        queue.push_each(if winner == Side::Old { each(0, 4) } else { each(4, 0) });
        assert_eq!(places(&queue), [Some(next); 2], "{winner:?}");
        assert!(queue.is_empty());
        assert_eq!(queue.counts().published, published + 4);
    }
}

#[test]
fn what_waits_is_reduced_to_the_winner_and_makes_room() {
    let queue = trial(WhenFull::DropNewest);
    assert_eq!(queue.len(), 9);
    queue.conclude(Side::Old);
    assert_eq!(queue.len(), 5);
    queue.push(batch(5));
    assert_eq!(places(&queue), [Some((0, 0, 3)); 2]);
    assert!(matches!(queue.take(None), Taken::Handover));
    assert_eq!(places(&queue), [Some((3, 0, 2)); 2]);
    assert_eq!(places(&queue), [Some((5, 0, 5)); 2]);
    assert_eq!((queue.counts().published, queue.counts().shed), (10, 0));
}

#[test]
fn versions_that_want_the_same_share_it_and_it_counts_at_once() {
    let queue = queue(10, WhenFull::DropNewest);
    queue.push(batch(3));
    queue.begin_trial_of(false);
    queue.push(batch(4));
    assert!(matches!(queue.take(None), Taken::Handover));
    assert_eq!(queue.counts().published, 7);
    let Taken::Batch(queued) = queue.take(None) else { panic!() };
    let [old, new] = [Side::Old, Side::New].map(|side| queued.view(side).unwrap());
    assert!(Arc::ptr_eq(&old.batch, &new.batch));
    assert_eq!(queue.conclude(Side::Old), Side::Old);
    assert_eq!(places(&queue), [Some((3, 0, 4)); 2]);
}

#[test]
fn samples_of_a_batch_that_both_share_are_shared() {
    let queue = queue(10, WhenFull::Sample);
    queue.begin_trial_of(true);
    queue.push(batch(6));
    queue.push(batch(8));
    queue.take(None);
    queue.take(None);
    let Taken::Batch(queued) = queue.take(None) else { panic!() };
    let [old, new] = [Side::Old, Side::New].map(|side| queued.view(side).unwrap());
    assert!(Arc::ptr_eq(&old.batch, &new.batch));
    assert_eq!((old.sequence, old.shed_before, old.batch.len()), (10, 4, 4));
}

#[test]
fn a_batch_of_a_trial_that_is_shed_counts_for_the_winner() {
    let queue = trial(WhenFull::DropNewest);
    let kept: Vec<_> = (0..4)
        .filter_map(|_| match queue.take(None) {
            Taken::Batch(queued) => Some(queued),
            _ => None,
        })
        .collect();
    queue.shed(&kept[1], Budget);
    queue.conclude(Side::New);
    queue.shed(&kept[2], NoInstance);
    assert_eq!(sheds(&queue), [(Budget, 5), (NoInstance, 1)]);
    queue.push(batch(1));
    assert_eq!(places(&queue), [Some((9, 6, 1)); 2]);
}

#[test]
fn a_closed_queue_counts_a_trial_for_each_side() {
    let queue = trial(WhenFull::DropNewest);
    queue.close(NoInstance);
    queue.push_each(each(2, 0));
    queue.abandon(Shutdown);
    assert!(matches!(queue.take(None), Taken::Closed));
    queue.conclude(Side::Old);
    assert_eq!(sheds(&queue), [(NoInstance, 2), (Shutdown, 5)]);
    assert_eq!(queue.counts().published, 7);
}
