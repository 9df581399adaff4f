//! Two versions of a plugin at a time.

use super::*;

#[test]
fn a_version_on_trial_and_the_one_before_it_both_get_what_is_theirs() {
    let (taps, subscriptions) = setup();
    let (web, dns) = (queue(), queue());
    subscribe(&subscriptions, "web", &web, interests(&["dst port 80"])).unwrap();
    taps.see([80, 81]);
    let new = interests(&["dst port 81", "dst port 80"]);
    subscriptions.begin_trial(&name("web"), new.clone()).unwrap();
    taps.see([80, 81, 53]);
    // Others come and go meanwhile, and have a trial of their own.
    subscribe(&subscriptions, "dns", &dns, interests(&["dst port 53"])).unwrap();
    subscriptions.begin_trial(&name("dns"), interests(&["dst port 54"])).unwrap();
    taps.see([81, 53]);
    subscriptions.set_interfaces(vec![("eth0".to_owned(), 2)]).unwrap();
    taps.see([80, 54]);
    let twice = subscriptions.begin_trial(&name("web"), new);
    assert!(matches!(twice, Err(SubscribeError::OnTrial { .. })), "{twice:?}");
    let twice = subscriptions.replace(&name("web"), Vec::new());
    assert!(matches!(twice, Err(SubscribeError::OnTrial { .. })), "{twice:?}");

    assert_eq!(take(&web), [(80, 1)]);
    assert!(matches!(web.take(None), Taken::Handover));
    let both = |old: &[(u16, u64)], new: &[(u16, u64)]| {
        let some = |seen: &[_]| (!seen.is_empty()).then(|| seen.to_vec());
        (some(old), some(new))
    };
    assert_eq!(take_both(&web), both(&[(80, 1)], &[(80, 2), (81, 1)]));
    assert_eq!(take_both(&web), both(&[], &[(81, 1)]));
    assert_eq!(take_both(&web), both(&[(80, 1)], &[(80, 2)]));
    assert!(matches!(dns.take(None), Taken::Handover));
    assert_eq!(take_both(&dns), both(&[(53, 1)], &[]));
    assert_eq!(take_both(&dns), both(&[], &[(54, 1)]));

    assert_eq!(web.conclude(Side::New), Side::New);
    taps.see([80, 81, 54]);
    subscriptions.end_trial(&name("web"), Side::New).unwrap();
    subscriptions.end_trial(&name("dns"), Side::Old).unwrap();
    taps.see([81, 53, 54]);
    assert_eq!(take(&web), [(80, 2), (81, 1)]);
    assert_eq!(take(&web), [(81, 1)]);
    assert_eq!(take(&dns), [(53, 1)]);
    assert!(web.is_empty() && dns.is_empty());
    let published = [&web, &dns].map(|queue| queue.ledger().read().published);
    assert_eq!(published, [1 + 2 + 1 + 1 + 2 + 1, 1 + 1]);
    let none = subscriptions.end_trial(&name("web"), Side::New);
    assert!(matches!(none, Err(SubscribeError::NotOnTrial { .. })), "{none:?}");
    let report = subscriptions.report();
    assert_eq!((report.rules, report.strays), (3, 0));
}

#[test]
fn a_trial_of_equal_interests_changes_no_tables() {
    let (taps, subscriptions) = setup();
    let queue = queue();
    let want = interests(&["dst port 80"]);
    subscribe(&subscriptions, "web", &queue, want.clone()).unwrap();
    taps.see([80]);
    subscriptions.begin_trial(&name("web"), want).unwrap();
    taps.see([80, 80]);
    subscriptions.end_trial(&name("web"), Side::New).unwrap();
    assert!(matches!(queue.take(None), Taken::Handover), "in front of what waits");
    assert_eq!(take(&queue).len() + take(&queue).len(), 3);
    assert_eq!(taps.installed.lock().unwrap().len(), 1);
    assert_eq!(queue.ledger().read().published, 3);
}

#[test]
fn a_trial_that_the_tables_refuse_never_was() {
    let (taps, subscriptions) = setup();
    let queue = queue();
    subscribe(&subscriptions, "web", &queue, interests(&["dst port 80"])).unwrap();
    let refused = subscriptions.begin_trial(&name("web"), rules(0, 256));
    assert_eq!(too_many(refused), ("web".to_owned(), 256, 255));
    taps.refuse.store(true, Relaxed);
    let refused = subscriptions.begin_trial(&name("web"), interests(&["dst port 81"]));
    assert!(matches!(refused, Err(SubscribeError::Install(_))), "{refused:?}");
    taps.see([80, 81]);
    assert_eq!(take_both(&queue), (Some(vec![(80, 1)]), Some(vec![(80, 1)])));
    taps.refuse.store(false, Relaxed);
    subscriptions.begin_trial(&name("web"), interests(&["dst port 81"])).unwrap();
    // The end of a trial holds even where tables can't be changed.
    taps.refuse.store(true, Relaxed);
    subscriptions.end_trial(&name("web"), Side::Old).unwrap();
    taps.see([80, 81]);
    assert!(matches!(queue.take(None), Taken::Handover));
    assert_eq!(take_both(&queue), (Some(vec![(80, 1)]), Some(vec![(80, 1)])));
    assert_eq!((queue.ledger().read().published, queue.is_empty()), (2, true));
    taps.refuse.store(false, Relaxed);
    subscriptions.begin_trial(&name("web"), interests(&["dst port 81"])).unwrap();
    subscriptions.unsubscribe(&name("web")).unwrap();
    assert_eq!(taps.installed.lock().unwrap().last(), Some(&(6, 0)));
}

/// Feeders publish all the while, trials begin and end either way, and a worker keeps what it takes
/// until it knows for whom it was.
#[test]
fn under_load_every_record_counts_for_exactly_one_version() {
    const FEEDERS: usize = 3;
    const TRIALS: usize = 1000;
    let (taps, subscriptions) = setup();
    let queue = Arc::new(Queue::new(10, WhenFull::Wait, Arc::default()));
    let versions = [interests(&["dst port 80"]), interests(&["dst port 81", "udp"])];
    subscribe(&subscriptions, "web", &queue, versions[0].clone()).unwrap();
    let done = AtomicBool::new(false);
    let (sent, delivered) = thread::scope(|scope| {
        let feeders = [(); FEEDERS].map(|()| scope.spawn(|| taps.feed_until(&done)));
        let (tell, told) = channel();
        let (finish, finished) = channel();
        let on_trial = &queue;
        let worker = scope.spawn(move || deliver_on_trial(on_trial, &told, &finish));
        let mut running = 0;
        for trial in 0..TRIALS {
            let other = versions[1 - running].clone();
            subscriptions.begin_trial(&name("web"), other).unwrap();
            let winner = if trial % 3 == 0 { Side::Old } else { Side::New };
            // The worker's word or this one, whichever is first.
            let winner = queue.conclude(winner);
            subscriptions.end_trial(&name("web"), winner).unwrap();
            tell.send(winner).unwrap();
            queue.wake();
            finished.recv().unwrap();
            running = if winner == Side::New { 1 - running } else { running };
        }
        done.store(true, Relaxed);
        let sent: u64 = feeders.map(|feeder| feeder.join().unwrap()).iter().sum();
        queue.close(ShedReason::Shutdown);
        (sent, worker.join().unwrap())
    });
    let count = |seen| delivered.get(&seen).copied().unwrap_or(0);
    let (old, new, only_new) = (count((80, 0b01)), count((80, 0b10)), count((81, 0b11)));
    assert_eq!(old + new, 2 * sent, "{delivered:?}");
    assert_eq!(2 * only_new, new, "{delivered:?}");
    assert_eq!(delivered.len(), 3, "{delivered:?}");
    let counts = queue.counts();
    assert_eq!((counts.published, counts.closes()), (old + new + only_new, true));
    assert_eq!(subscriptions.report().strays, 0);
}

/// By port and bits, how many records; every sequence number is looked at. What is kept is delivered
/// when a winner is told, and said to be.
fn deliver_on_trial(
    queue: &Queue,
    told: &Receiver<Side>,
    finish: &Sender<()>,
) -> BTreeMap<(u16, u64), u64> {
    let (mut counts, mut kept, mut next) = (BTreeMap::new(), Vec::new(), 0);
    let mut deliver = |queued: &Queued, winner| {
        let Some(view) = queued.view(winner) else { return };
        assert_eq!((view.sequence, view.shed_before), (next, 0));
        next += view.batch.len() as u64;
        queued.ledger().deliver(view.batch.len() as u64);
        for (port, matched) in seen_by(queued, winner).unwrap() {
            *counts.entry((port, matched)).or_default() += 1;
        }
    };
    loop {
        match queue.take(None) {
            Taken::Batch(queued) => {
                kept.push(queued);
                // In the middle of most trials, and after others.
                if kept.len() == 3 {
                    let winner = queue.conclude(Side::Old);
                    kept.drain(..).for_each(|queued: Queued| deliver(&queued, winner));
                }
            }
            Taken::Handover => {}
            Taken::Nothing => {
                let winner = told.recv().unwrap();
                kept.drain(..).for_each(|queued| deliver(&queued, winner));
                finish.send(()).unwrap();
            }
            Taken::Events(_) | Taken::Time(_) => panic!("nobody sent that"),
            Taken::Closed => {
                let winner = queue.conclude(Side::Old);
                kept.drain(..).for_each(|queued| deliver(&queued, winner));
                return counts;
            }
        }
    }
}
