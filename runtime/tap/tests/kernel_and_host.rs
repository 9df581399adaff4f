//! The parser in the kernel and the parser on the host are one: `BPF_PROG_TEST_RUN` over the bytes
//! of many packets gives the record that the host makes of them, byte for byte.

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    test_runner::{Config as Cases, TestRunner},
};
use ringtap_interest::Interest;
use ringtap_pipeline::{
    fanout::Fanout,
    name::PluginName,
    queue::{Queue, Taken, WhenFull},
    subscriptions::Subscriptions,
};
use ringtap_record::{Hook, PacketRecord, Start, parse};
use ringtap_tap::{
    Attachment, Config, ReaderStop, TapError, Taps, TcMode, XdpMode,
    test_run::{register, test_run},
};

const CONFIG: Config = Config { ring_bytes: 1 << 20, drain_interval: Duration::from_micros(100) };

const TAPS: [Attachment; 3] = [
    Attachment::XdpIngress(XdpMode::Auto),
    Attachment::TcIngress(TcMode::Auto),
    Attachment::TcEgress(TcMode::Auto),
];

/// Taps that know the loopback interface, which is where test runs come from.
struct Bench {
    taps: Taps,
    queue: Arc<Queue>,
    reader: Option<(JoinHandle<()>, ReaderStop)>,
}

impl Bench {
    /// `None`, said aloud, where the kernel does not let us.
    fn new() -> Option<Self> {
        let mut taps = match Taps::load(CONFIG) {
            Err(error @ TapError::Privilege { .. }) => {
                skip(format_args!("{error}"));
                return None;
            }
            loaded => loaded.unwrap(),
        };
        let fanout = Arc::new(Fanout::default());
        let queue = Arc::new(Queue::new(1 << 16, WhenFull::Wait, Arc::default()));
        let reader = taps.reader(Arc::clone(&fanout)).unwrap();
        let subscriptions = Subscriptions::new(fanout, reader.judge());
        let (name, everything) = (PluginName::new("test").unwrap(), vec![Interest::everything()]);
        subscriptions.subscribe(name, Arc::clone(&queue), everything).unwrap();
        let stop = reader.stop_handle();
        let reader = Some((std::thread::spawn(|| reader.run()), stop));
        let interfaces = ringtap_net::interfaces().unwrap();
        let loopback = interfaces.iter().find(|interface| interface.index == 1).unwrap();
        for tap in TAPS {
            register(&mut taps, loopback, tap).unwrap();
        }
        Some(Self { taps, queue, reader })
    }

    fn kernel(&mut self, tap: Attachment, frame: &[u8]) -> PacketRecord {
        test_run(&mut self.taps, tap, frame, 1).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        match self.queue.take(Some(deadline)) {
            Taken::Batch(queued) => {
                assert_eq!(queued.batch.len(), 1, "one run gives one record");
                queued.batch.records[0]
            }
            other => panic!("no record of {tap:?} within 10 s: {other:?}"),
        }
    }

    fn compare(&mut self, frame: &[u8]) {
        for (number, tap) in (1..).zip(TAPS) {
            if tap.hook() == Hook::Tc && frame.len() < least_for_tc(frame) {
                continue;
            }
            let kernel = self.kernel(tap, frame);
            assert_ne!(kernel.timestamp_ns, 0);
            let mut host = PacketRecord {
                timestamp_ns: kernel.timestamp_ns,
                matched: 1,
                wire_len: frame.len() as u32,
                cap_len: frame.len() as u32,
                ifindex: 1,
                sample_one_in: 1,
                tap: number,
                hook: tap.hook() as u8,
                direction: tap.direction() as u8,
                ..PacketRecord::default()
            };
            parse(frame, Start::Ethernet, 0, &mut host);
            assert_eq!(
                kernel.as_bytes(),
                host.as_bytes(),
                "{tap:?}\n{kernel:?}\n{host:?}\n{frame:02x?}"
            );
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.queue.close();
        if let Some((thread, stop)) = self.reader.take() {
            stop.stop(thread.thread());
            thread.join().unwrap();
        }
    }
}

/// Shorter ones the kernel refuses to make socket buffers of (`bpf_prog_test_run_skb`).
fn least_for_tc(frame: &[u8]) -> usize {
    match frame[12..14] {
        [0x08, 0x00] => 14 + 20,
        [0x86, 0xdd] => 14 + 40,
        _ => 14 + 1,
    }
}

/// A stack of headers that mostly make sense, and a tail of anything.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let vlan = prop::sample::select(vec![[0x81, 0x00], [0x88, 0xa8], [0x91, 0x00]]);
    let vlans = prop::collection::vec((vlan, any::<[u8; 2]>()), 0..6);
    let network = prop_oneof![
        6 => ipv4(),
        6 => ipv6(),
        1 => labels(ipv4()),
        1 => pppoe(ipv6()),
        1 => snap(ipv4()),
        1 => arp(),
        1 => (any::<[u8; 2]>(), prop::collection::vec(any::<u8>(), 0..100)),
    ];
    let tail = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..64),
        1 => prop::collection::vec(any::<u8>(), 0..3200),
    ];
    (any::<[u8; 12]>(), vlans, network, tail, any::<prop::sample::Index>(), any::<u8>()).prop_map(
        |(macs, vlans, (ether_type, network), tail, cut, cut_or_not)| {
            let mut frame = macs.to_vec();
            for (tpid, tci) in vlans {
                frame.extend(tpid);
                frame.extend(tci);
            }
            frame.extend(ether_type);
            frame.extend(network);
            frame.extend(tail);
            // Half of them end somewhere in the headers.
            if cut_or_not < 128 {
                frame.truncate(14 + cut.index(frame.len().min(160) - 13));
            }
            frame.resize(frame.len().clamp(14, 3500), 0);
            frame
        },
    )
}

type Network = ([u8; 2], Vec<u8>);

fn transport() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let protocol = prop::sample::select(vec![1u8, 6, 6, 17, 17, 58, 132, 136, 47, 50, 59, 255]);
    (protocol, prop::collection::vec(any::<u8>(), 0..60), any::<bool>()).prop_map(
        |(protocol, mut bytes, honest)| {
            if honest && protocol == 17 && bytes.len() >= 8 {
                let len = bytes.len() as u16;
                bytes[4..6].copy_from_slice(&len.to_be_bytes());
            }
            if honest && protocol == 6 && bytes.len() >= 20 {
                bytes[12] = 0x50;
            }
            (protocol, bytes)
        },
    )
}

fn ipv4() -> BoxedStrategy<Network> {
    let fragment = prop_oneof![4 => Just(0u16), 1 => any::<u16>()];
    let ihl = prop_oneof![6 => Just(5u8), 1 => 0u8..16];
    let total = prop_oneof![6 => Just(None), 1 => any::<u16>().prop_map(Some)];
    (any::<[u8; 20]>(), ihl, total, fragment, transport())
        .prop_map(|(mut header, ihl, total, fragment, (protocol, payload))| {
            let options = vec![1; usize::from(ihl.max(5) - 5) * 4];
            let len = (20 + options.len() + payload.len()) as u16;
            header[0] = 0x40 | ihl;
            header[2..4].copy_from_slice(&total.unwrap_or(len).to_be_bytes());
            header[6..8].copy_from_slice(&fragment.to_be_bytes());
            header[9] = protocol;
            ([0x08, 0x00], [&header[..], &options, &payload].concat())
        })
        .boxed()
}

fn ipv6() -> BoxedStrategy<Network> {
    let kind = prop::sample::select(vec![0u8, 43, 44, 51, 60, 135]);
    let extension = (kind, 0u8..4, any::<[u8; 40]>(), any::<bool>());
    let extensions = prop::collection::vec(extension, 0..11);
    let total = prop_oneof![6 => Just(None), 1 => Just(Some(0)), 1 => any::<u16>().prop_map(Some)];
    (any::<[u8; 40]>(), extensions, total, transport())
        .prop_map(|(mut header, extensions, total, (protocol, payload))| {
            let followers = extensions.iter().skip(1).map(|extension| extension.0);
            let followers: Vec<u8> = followers.chain([protocol]).collect();
            let mut chain = Vec::new();
            for ((kind, len, mut bytes, first_fragment), next) in
                extensions.iter().cloned().zip(followers)
            {
                bytes[0] = next;
                bytes[1] = len;
                if first_fragment {
                    bytes[2..4].copy_from_slice(&[0, 1]);
                }
                let size = match kind {
                    44 => 8,
                    51 => (usize::from(len) + 2) * 4,
                    _ => (usize::from(len) + 1) * 8,
                };
                chain.extend(&bytes[..size]);
            }
            let len = (chain.len() + payload.len()) as u16;
            header[0] = 0x60 | header[0] & 0xf;
            header[4..6].copy_from_slice(&total.unwrap_or(len).to_be_bytes());
            header[6] = extensions.first().map_or(protocol, |extension| extension.0);
            ([0x86, 0xdd], [&header[..], &chain, &payload].concat())
        })
        .boxed()
}

fn labels(inner: BoxedStrategy<Network>) -> BoxedStrategy<Network> {
    (0usize..10, inner)
        .prop_map(|(more, (_, packet))| {
            let mut bytes = [0, 0, 0x10, 64].repeat(more);
            bytes.extend([0, 0, 0x11, 64]);
            ([0x88, 0x47], [bytes, packet].concat())
        })
        .boxed()
}

fn pppoe(inner: BoxedStrategy<Network>) -> BoxedStrategy<Network> {
    (prop_oneof![3 => Just(None), 1 => any::<u16>().prop_map(Some)], inner)
        .prop_map(|(len, (_, packet))| {
            let len = len.unwrap_or(packet.len() as u16 + 2).to_be_bytes();
            let header = [0x11, 0, 0, 1, len[0], len[1], 0x00, 0x57];
            ([0x88, 0x64], [&header[..], &packet].concat())
        })
        .boxed()
}

fn snap(inner: BoxedStrategy<Network>) -> BoxedStrategy<Network> {
    (0u16..=1500, any::<bool>(), inner)
        .prop_map(|(len, honest, (ether_type, packet))| {
            let len = if honest { (packet.len() as u16 + 8).min(1500) } else { len };
            let header = [0xaa, 0xaa, 0x03, 0, 0, 0, ether_type[0], ether_type[1]];
            (len.to_be_bytes(), [&header[..], &packet].concat())
        })
        .boxed()
}

fn arp() -> BoxedStrategy<Network> {
    any::<[u8; 28]>()
        .prop_map(|mut packet| {
            packet[..6].copy_from_slice(&[0, 1, 8, 0, 6, 4]);
            ([0x08, 0x06], packet.to_vec())
        })
        .boxed()
}

#[test]
fn records_are_the_same_for_packets_of_every_kind() {
    let Some(bench) = Bench::new() else { return };
    let bench = std::cell::RefCell::new(bench);
    let mut runner =
        TestRunner::new(Cases { failure_persistence: None, ..Cases::with_cases(1500) });
    let check = |frame: Vec<u8>| {
        bench.borrow_mut().compare(&frame);
        Ok(())
    };
    runner.run(&packets(), check).unwrap();
}

#[test]
fn records_are_the_same_for_every_length() {
    let Some(mut bench) = Bench::new() else { return };
    let udp = |len: usize| {
        let mut frame = vec![0x02; 12];
        frame.extend([0x08, 0x00, 0x45, 0]);
        frame.extend((len.saturating_sub(14) as u16).to_be_bytes());
        frame.extend([0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 0, 54]);
        frame.extend((len.saturating_sub(34) as u16).to_be_bytes());
        frame.resize(len, 0);
        frame
    };
    for len in (14..200).chain((200..3500).step_by(33)).chain([3500]) {
        bench.compare(&udp(len));
    }
}

/// Past the test harness, which keeps what passing tests print to itself.
fn skip(why: std::fmt::Arguments<'_>) {
    use std::io::Write;
    writeln!(std::io::stderr(), "SKIPPED: {why}").ok();
}
