mod trial;

use std::{
    collections::BTreeMap,
    sync::{
        RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use ringtap_interest::{CompileError, Filter, Keys};
use ringtap_record::{PacketRecord, mark};

use super::*;
use crate::{
    batch::Collected,
    judge::InstallError,
    metrics::{Collect, Families, SampleValue},
    queue::{Queued, Taken, WhenFull},
};

/// Taps in a few lines: packets are judged and published under the lock that `install` waits for.
#[derive(Default)]
struct Taps {
    fanout: Arc<Fanout>,
    tables: RwLock<(u32, Option<Arc<Tables>>)>,
    refuse: AtomicBool,
    /// By generation, the number of rules of each that was installed.
    installed: Mutex<Vec<(u32, usize)>>,
}

impl Judge for Taps {
    fn install(&self, generation: u32, tables: &Arc<Tables>) -> Result<(), InstallError> {
        if self.refuse.load(Relaxed) {
            return Err(InstallError::new("no room"));
        }
        *self.tables.write().unwrap() = (generation, Some(Arc::clone(tables)));
        self.installed.lock().unwrap().push((generation, tables.rules().len()));
        Ok(())
    }
}

impl Taps {
    /// Packets to these destination ports, of which the kept are published.
    fn see(&self, ports: impl IntoIterator<Item = u16>) {
        let (generation, tables) = &*self.tables.read().unwrap();
        let Some(tables) = tables else { return };
        let mut collected = Collected { generation: *generation, ..Collected::default() };
        for record in ports.into_iter().map(to_port) {
            let kept = tables.classify(&Keys::of(&record));
            if !kept.is_empty() {
                collected.records.push(record);
                collected.kept.push(kept);
            }
        }
        self.fanout.publish(collected);
    }

    /// Packets to ports 80, 81 and 80, again and again, and once more when it is done. How often.
    fn feed_until(&self, done: &AtomicBool) -> u64 {
        let mut sent = 0;
        loop {
            let last = done.load(Relaxed);
            self.see([80, 81, 80]);
            sent += 1;
            if last {
                return sent;
            }
        }
    }
}

fn to_port(dst_port: u16) -> PacketRecord {
    PacketRecord {
        dst_port,
        ifindex: 2,
        ip_version: 4,
        ip_len: 40,
        eth_type: 0x0800,
        protocol: 17,
        marks: mark::PORTS,
        matched: 1,
        sample_one_in: 1,
        ..PacketRecord::default()
    }
}

fn setup() -> (Arc<Taps>, Subscriptions) {
    let taps = Arc::new(Taps::default());
    let judge: Arc<dyn Judge> = Arc::clone(&taps) as _;
    let subscriptions = Subscriptions::new(Arc::clone(&taps.fanout), judge);
    (taps, subscriptions)
}

fn name(text: &str) -> PluginName {
    PluginName::new(text).unwrap()
}

fn queue() -> Arc<Queue> {
    Arc::new(Queue::new(1000, WhenFull::DropNewest, Arc::default()))
}

fn interests(filters: &[&str]) -> Vec<Interest> {
    let interest = |text: &&str| Interest {
        name: (*text).to_owned(),
        filter: Filter::parse(text).unwrap(),
        ..Interest::everything()
    };
    filters.iter().map(interest).collect()
}

/// As many rules as the number says, none of which can be merged.
fn rules(from: usize, to: usize) -> Vec<Interest> {
    let rules: Vec<_> =
        (from..to).map(|n| format!("(src port {} and ttl {})", 2 * n + 1, n % 256)).collect();
    interests(&[&rules.join(" or ")])
}

/// Ports and bits of the records in the next batch.
fn take(queue: &Queue) -> Vec<(u16, u64)> {
    match queue.take(None) {
        Taken::Batch(queued) => seen(&queued),
        other => panic!("{other:?}"),
    }
}

fn seen(queued: &Queued) -> Vec<(u16, u64)> {
    seen_by(queued, Side::New).unwrap()
}

fn seen_by(queued: &Queued, side: Side) -> Option<Vec<(u16, u64)>> {
    let records = &queued.view(side)?.batch.records;
    Some(records.iter().map(|record| (record.dst_port, record.matched)).collect())
}

/// What each side sees of the next batch.
type Both = (Option<Vec<(u16, u64)>>, Option<Vec<(u16, u64)>>);

fn take_both(queue: &Queue) -> Both {
    match queue.take(None) {
        Taken::Batch(queued) => (seen_by(&queued, Side::Old), seen_by(&queued, Side::New)),
        other => panic!("{other:?}"),
    }
}

fn subscribe(
    subscriptions: &Subscriptions,
    plugin: &str,
    queue: &Arc<Queue>,
    interests: Vec<Interest>,
) -> Result<(), SubscribeError> {
    subscriptions.subscribe(name(plugin), Arc::clone(queue), interests, Mask::default())
}

#[test]
fn each_gets_what_it_wants_and_nothing_else() {
    let (taps, subscriptions) = setup();
    let (web, dns, idle) = (queue(), queue(), queue());
    subscribe(&subscriptions, "idle", &idle, Vec::new()).unwrap();
    assert_eq!(subscriptions.report().generation, None);
    let want = interests(&["dst port 80", "dst portrange 80-90"]);
    subscribe(&subscriptions, "web", &web, want).unwrap();
    taps.see([80, 53]);
    subscribe(&subscriptions, "dns", &dns, interests(&["dst port 53"])).unwrap();
    taps.see([85, 53, 1, 53]);
    taps.see([85]);
    assert_eq!(take(&web), [(80, 0b11)]);
    assert_eq!(take(&web), [(85, 0b10)]);
    assert_eq!(take(&web), [(85, 0b10)]);
    assert_eq!(take(&dns), [(53, 1), (53, 1)]);
    assert_eq!(web.ledger().read().published, 3);
    assert_eq!(dns.ledger().read().published, 2);
    assert_eq!(idle.ledger().read().published, 0);
    subscriptions.unsubscribe(&name("dns")).unwrap();
    assert!(matches!(dns.take(None), Taken::Closed));
    subscriptions.unsubscribe(&name("idle")).unwrap();
    assert_eq!(*taps.installed.lock().unwrap(), [(1, 2), (2, 3), (3, 2)]);
    let report = subscriptions.report();
    assert_eq!((report.generation, report.rules, report.strays), (Some(3), 2, 0));
    let [PluginInterests { name, interests }] = &report.plugins[..] else { panic!("{report:?}") };
    let bits: Vec<_> =
        interests.iter().map(|(interest, bits)| (&interest.name[..], *bits)).collect();
    assert_eq!(
        (name.as_str(), bits),
        ("web", vec![("dst port 80", 1), ("dst portrange 80-90", 1)])
    );
}

#[test]
fn records_of_the_generation_before_still_find_their_plugin() {
    let (taps, subscriptions) = setup();
    let (web, dns) = (queue(), queue());
    subscribe(&subscriptions, "web", &web, interests(&["dst port 80"])).unwrap();
    let old = taps.tables.read().unwrap().clone();
    subscribe(&subscriptions, "dns", &dns, interests(&["dst port 53"])).unwrap();
    *taps.tables.write().unwrap() = old;
    taps.see([80, 53]);
    assert_eq!(take(&web), [(80, 1)]);
    assert_eq!(dns.ledger().read().published, 0);
    subscriptions.unsubscribe(&name("web")).unwrap();
    taps.fanout.publish(Collected { generation: 99, ..of_one_rule(80) });
    taps.fanout.publish(Collected { generation: 1, ..of_one_rule(80) });
    assert_eq!((subscriptions.report().strays, web.ledger().read().published), (1, 1));
}

fn of_one_rule(port: u16) -> Collected {
    let mut rules = RuleSet::EMPTY;
    rules.set(0, true);
    Collected {
        records: vec![to_port(port)],
        kept: [rules].into_iter().collect(),
        ..Collected::default()
    }
}

/// Whose interest has no room, how many bits it needs, and how many are left.
fn too_many(refused: Result<(), SubscribeError>) -> (String, usize, usize) {
    match refused.unwrap_err() {
        SubscribeError::Interest {
            plugin,
            source: CompileError::TooManyRules { needed, left, .. },
            ..
        } => (plugin.to_string(), needed, left),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_leaves_the_running_set_untouched() {
    let (taps, subscriptions) = setup();
    let (one, two) = (queue(), queue());
    let mut most = rules(0, 250);
    most.extend(interests(&["dst port 80"]));
    subscribe(&subscriptions, "one", &one, most.clone()).unwrap();
    let refused = subscribe(&subscriptions, "two", &two, rules(245, 256));
    assert_eq!(too_many(refused), ("two".to_owned(), 6, 5));
    let refused = subscriptions.replace(&name("one"), rules(300, 306));
    assert_eq!(too_many(refused), ("one".to_owned(), 6, 5));
    taps.refuse.store(true, Relaxed);
    for round in 0..10 {
        let refused = subscribe(&subscriptions, "two", &two, rules(0, round + 1));
        assert!(matches!(refused, Err(SubscribeError::Install(_))), "{refused:?}");
    }
    let refused = subscriptions.replace(&name("one"), rules(0, 1));
    assert!(matches!(refused, Err(SubscribeError::Install(_))), "{refused:?}");
    taps.see([80]);
    assert_eq!(take(&one), [(80, 2)]);
    assert!(matches!(two.take(None), Taken::Closed));
    let twice = subscribe(&subscriptions, "one", &queue(), Vec::new());
    assert!(matches!(twice, Err(SubscribeError::Subscribed { .. })), "{twice:?}");
    let report = subscriptions.report();
    assert_eq!((report.generation, report.rules, report.plugins.len()), (Some(1), 251, 1));
    taps.refuse.store(false, Relaxed);
    two.reopen();
    subscribe(&subscriptions, "two", &two, interests(&["dst port 80"])).unwrap();
    taps.see([80]);
    assert_eq!((take(&one), take(&two)), (vec![(80, 2)], vec![(80, 1)]));
    let unknown = subscriptions.replace(&name("three"), Vec::new());
    assert!(matches!(unknown, Err(SubscribeError::NotSubscribed { .. })), "{unknown:?}");
}

#[test]
fn a_replacement_is_judged_beside_the_old_one_and_marked() {
    let (taps, subscriptions) = setup();
    let queue = queue();
    let old = interests(&["dst port 80"]);
    subscribe(&subscriptions, "web", &queue, old.clone()).unwrap();
    taps.see([80, 81]);
    subscriptions.replace(&name("web"), interests(&["dst port 81", "dst port 80"])).unwrap();
    taps.see([80, 81]);
    // Beside each other the two have a rule in common.
    assert_eq!(*taps.installed.lock().unwrap(), [(1, 1), (2, 2), (3, 2)]);
    assert_eq!(take(&queue), [(80, 1)]);
    assert!(matches!(queue.take(None), Taken::Handover));
    assert_eq!(take(&queue), [(80, 2), (81, 1)]);
    subscriptions.replace(&name("web"), Vec::new()).unwrap();
    taps.see([80]);
    assert!(matches!(queue.take(None), Taken::Handover));
    subscriptions.replace(&name("web"), old.clone()).unwrap();
    assert!(matches!(queue.take(None), Taken::Handover));
    taps.see([80]);
    subscriptions.replace(&name("web"), old).unwrap();
    assert_eq!(taps.installed.lock().unwrap().len(), 7, "equal interests need no new tables");
    assert!(matches!(queue.take(None), Taken::Handover), "in front of what waits");
    assert_eq!(take(&queue), [(80, 1)]);
    assert!(queue.is_empty());
}

#[test]
fn interfaces_are_compiled_where_a_filter_names_one() {
    let (taps, subscriptions) = setup();
    let queue = queue();
    let named = |index| vec![("eth0".to_owned(), index)];
    subscriptions.set_interfaces(named(7)).unwrap();
    assert_eq!(subscriptions.report().generation, None);
    let want = interests(&["iface eth0", "dst port 80 and not iface eth1"]);
    subscribe(&subscriptions, "web", &queue, want).unwrap();
    taps.see([80, 81]);
    assert_eq!(take(&queue), [(80, 0b10)]);
    taps.refuse.store(true, Relaxed);
    subscriptions.set_interfaces(named(3)).unwrap_err();
    taps.see([80, 81]);
    assert_eq!(take(&queue), [(80, 0b10)]);
    taps.refuse.store(false, Relaxed);
    subscriptions.set_interfaces(named(2)).unwrap();
    subscriptions.set_interfaces(named(2)).unwrap();
    taps.see([80, 81]);
    assert_eq!(take(&queue), [(80, 0b11), (81, 0b01)]);
    assert_eq!(taps.installed.lock().unwrap().len(), 2);
}

/// Feeders publish all the while, and every record says by its bits for which side it was.
#[test]
fn under_load_every_record_is_for_exactly_one_side() {
    const FEEDERS: usize = 3;
    const REPLACEMENTS: usize = 2000;
    let (taps, subscriptions) = setup();
    // Small, so that feeders wait in the middle of it.
    let queue = Arc::new(Queue::new(10, WhenFull::Wait, Arc::default()));
    let versions = [interests(&["dst port 80"]), interests(&["dst port 81", "udp"])];
    subscribe(&subscriptions, "web", &queue, versions[0].clone()).unwrap();
    let done = AtomicBool::new(false);
    let (sent, delivered) = thread::scope(|scope| {
        let feeders = [(); FEEDERS].map(|()| scope.spawn(|| taps.feed_until(&done)));
        let worker = scope.spawn(|| deliver(&queue));
        for version in versions.iter().cycle().skip(1).take(REPLACEMENTS) {
            subscriptions.replace(&name("web"), version.clone()).unwrap();
        }
        done.store(true, Relaxed);
        let sent: u64 = feeders.map(|feeder| feeder.join().unwrap()).iter().sum();
        queue.close(ShedReason::Shutdown);
        (sent, worker.join().unwrap())
    });
    let (old, new, only_new) = ((0, 80, 0b01), (1, 80, 0b10), (1, 81, 0b11));
    let count = |side| delivered.get(&side).copied().unwrap_or(0);
    assert_eq!(count(old) + count(new), 2 * sent, "{delivered:?}");
    assert_eq!(2 * count(only_new), count(new), "{delivered:?}");
    assert!(delivered.keys().all(|side| [old, new, only_new].contains(side)), "{delivered:?}");
    let counts = queue.ledger().read();
    assert_eq!((counts.published, counts.shed), (delivered.values().sum(), 0));
    assert_eq!(subscriptions.report().strays, 0);
}

/// By the parity of the version that took it, port and bits: how many records.
fn deliver(queue: &Queue) -> BTreeMap<(usize, u16, u64), u64> {
    let (mut version, mut counts) = (0, BTreeMap::new());
    loop {
        match queue.take(None) {
            Taken::Batch(queued) => {
                let seen = seen(&queued);
                queue.ledger().deliver(seen.len() as u64);
                for (port, matched) in seen {
                    *counts.entry((version % 2, port, matched)).or_default() += 1;
                }
            }
            Taken::Handover => version += 1,
            Taken::Events(_) | Taken::Time(_) | Taken::Nothing => {}
            Taken::Closed => return counts,
        }
    }
}

#[test]
fn time_reaches_plugins_that_want_nothing_too() {
    let taps = Arc::<Taps>::default();
    let judge: Arc<dyn Judge> = Arc::clone(&taps) as _;
    let subscriptions = Subscriptions::new(Arc::clone(&taps.fanout), judge);
    let queue = || Arc::new(Queue::new(10, WhenFull::Wait, Arc::default()));
    let (all, none) = (queue(), queue());
    subscribe(&subscriptions, "all", &all, vec![Interest::everything()]).unwrap();
    subscribe(&subscriptions, "none", &none, Vec::new()).unwrap();
    taps.see([80]);
    subscriptions.pass_time(7);
    taps.see([81]);
    assert!(matches!(all.take(None), Taken::Batch(_)));
    for queue in [&all, &none] {
        assert!(matches!(queue.take(None), Taken::Time(7)));
    }
    assert!(matches!(all.take(None), Taken::Batch(_)));
    none.close(ShedReason::Shutdown);
    assert!(matches!(none.take(None), Taken::Closed));
}

#[test]
fn bits_and_strays_are_metrics() {
    let taps = Arc::<Taps>::default();
    let judge: Arc<dyn Judge> = Arc::clone(&taps) as _;
    let subscriptions = Subscriptions::new(Arc::clone(&taps.fanout), judge);
    let value = |metric: &str| {
        let mut families = Families::default();
        subscriptions.collect(&mut families);
        families.family(metric).unwrap().samples[0].value.clone()
    };
    assert_eq!(value("ringtap_interest_rules"), SampleValue::Float(0.0));
    let queue = Arc::new(Queue::new(10, WhenFull::DropNewest, Arc::default()));
    let interests = vec![Filter::parse("tcp or udp dst port 53").unwrap().into()];
    subscribe(&subscriptions, "a", &queue, interests).unwrap();
    assert_eq!(value("ringtap_interest_rules"), SampleValue::Float(2.0));
    assert_eq!(value("ringtap_records_stray_total"), SampleValue::Uint(0));
    let (records, kept) = (vec![to_port(53)], [RuleSet([1, 0, 0, 0])].into_iter().collect());
    taps.fanout.publish(Collected { generation: 99, records, kept, ..Collected::default() });
    assert_eq!(value("ringtap_records_stray_total"), SampleValue::Uint(1));
}

#[test]
fn plugins_are_masked_each_for_itself() {
    let (taps, subscriptions) = setup();
    let queues = [queue(), queue(), queue(), queue()];
    let masks = [0, 8, 8, 32].map(|v4| Mask { v4, ..Mask::default() });
    for (index, (queue, mask)) in queues.iter().zip(masks).enumerate() {
        let interests = vec![Interest::everything()];
        let name = name(&index.to_string());
        subscriptions.subscribe(name, Arc::clone(queue), interests, mask).unwrap();
    }
    let kept = taps.tables.read().unwrap().1.as_ref().unwrap().interest(0).unwrap();
    let record = PacketRecord { src_lo: 0x0a01_0203, ip_checksum: 7, ..to_port(80) };
    let mut collected = Collected { generation: 4, ..Collected::default() };
    collected.push(&record, kept, b"");
    taps.fanout.publish(collected);
    let batches = queues.map(|queue| match queue.take(None) {
        Taken::Batch(queued) => Arc::clone(&queued.view(Side::New).unwrap().batch),
        other => panic!("{other:?}"),
    });
    let sources = batches.each_ref().map(|batch| batch.records[0].src_lo);
    assert_eq!(sources, [0, 0x0a00_0000, 0x0a00_0000, 0x0a01_0203]);
    assert_eq!(batches.each_ref().map(|batch| batch.records[0].ip_checksum), [0, 0, 0, 7]);
    assert!(Arc::ptr_eq(&batches[1], &batches[2]), "equal masks share");
}
