//! Taps without an interface, and made-up packets for them.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::mpsc::{Receiver, channel};

use ringtap_interest::{Interest, RuleSet, Tables};
use ringtap_pipeline::{batch::Collected, ledger::TapCounts};
use ringtap_record::PacketRecord;
use ringtap_tap::{
    Attachment, Config, Reader, TapError, Taps, TcMode, XdpMode,
    test_run::{register, test_run},
};

pub(crate) const TAPS: [Attachment; 3] = [
    Attachment::XdpIngress(XdpMode::Auto),
    Attachment::TcIngress(TcMode::Auto),
    Attachment::TcEgress(TcMode::Auto),
];

/// Taps that know the loopback interface, which is where test runs come from.
pub(crate) struct Bench {
    pub(crate) taps: Taps,
    pub(crate) tables: Tables,
    pub(crate) generation: u32,
    reader: Reader,
    collected: Receiver<Collected>,
}

/// What a tap published of one packet.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) generation: u32,
    pub(crate) kept: RuleSet,
    pub(crate) record: PacketRecord,
    pub(crate) payload: Vec<u8>,
}

impl Bench {
    /// With everything of interest. `None`, said aloud, where the kernel does not let us.
    pub(crate) fn new() -> Option<Self> {
        let mut taps = match Taps::load(Config { ring_bytes: 1 << 20, ..Config::default() }) {
            Err(error @ TapError::Privilege { .. }) => {
                skip(format_args!("{error}"));
                return None;
            }
            loaded => loaded.unwrap(),
        };
        let (send, collected) = channel();
        let reader = taps.reader(move |collected| send.send(collected).unwrap());
        let interfaces = ringtap_net::interfaces().unwrap();
        let loopback = interfaces.iter().find(|interface| interface.index == 1).unwrap();
        for tap in TAPS {
            register(&mut taps, loopback, tap).unwrap();
        }
        let tables = Tables::compile(&[], &[]).unwrap();
        let mut bench = Self { taps, tables, generation: 0, reader, collected };
        bench.install(&[&Interest::everything()]);
        Some(bench)
    }

    pub(crate) fn install(&mut self, interests: &[&Interest]) {
        self.tables = Tables::compile(interests, &[("lo", 1)]).unwrap();
        self.generation += 1;
        self.taps.install(&self.tables, self.generation).unwrap();
    }

    /// What the tap publishes of a frame, if anything.
    pub(crate) fn see(&mut self, tap: Attachment, frame: &[u8]) -> Option<Seen> {
        self.see_again(tap, frame, 1).pop()
    }

    /// The same for as many frames that are all the same, and fit into the ring.
    pub(crate) fn see_again(&mut self, tap: Attachment, frame: &[u8], times: u32) -> Vec<Seen> {
        test_run(&mut self.taps, tap, frame, times).unwrap();
        while self.reader.drain() {}
        self.collected.try_iter().flat_map(seen).collect()
    }

    /// The sum over all taps.
    pub(crate) fn counts(&self) -> TapCounts {
        let readings = self.taps.readings().unwrap();
        readings.iter().map(|reading| reading.counts).fold(TapCounts::default(), |sum, one| {
            assert!(one.closes(), "{one:?}");
            TapCounts {
                seen: sum.seen + one.seen,
                uninterested: sum.uninterested + one.uninterested,
                sampled_out: sum.sampled_out + one.sampled_out,
                published: sum.published + one.published,
                lost: std::array::from_fn(|reason| sum.lost[reason] + one.lost[reason]),
            }
        })
    }

    /// The payload that should come with a record of `frame` that is of interest to all.
    pub(crate) fn payload_of(&self, record: &PacketRecord, frame: &[u8]) -> Vec<u8> {
        let most = self.tables.payload(self.tables.plan().rules) as usize;
        let (start, end) = record.payload_bounds(frame.len() as u32);
        let payload = frame.get(start as usize..end as usize).unwrap_or_default();
        payload[..payload.len().min(most)].to_vec()
    }
}

fn seen(collected: Collected) -> Vec<Seen> {
    let Collected { generation, records, kept, payload, .. } = collected;
    let seen = records.iter().zip(kept.iter()).map(|(record, kept)| {
        let from = record.payload_offset as usize;
        let payload = payload[from..from + usize::from(record.payload_len)].to_vec();
        // Where it stands among others says nothing of the packet.
        let record = PacketRecord { payload_offset: 0, ..*record };
        Seen { generation, kept, record, payload }
    });
    seen.collect()
}

/// Shorter ones the kernel refuses to make socket buffers of (`bpf_prog_test_run_skb`).
pub(crate) fn least_for_tc(frame: &[u8]) -> usize {
    match frame[12..14] {
        [0x08, 0x00] => 14 + 20,
        [0x86, 0xdd] => 14 + 40,
        _ => 14 + 1,
    }
}

/// Past the test harness, which keeps what passing tests print to itself.
pub(crate) fn skip(why: std::fmt::Arguments<'_>) {
    use std::io::Write;
    writeln!(std::io::stderr(), "SKIPPED: {why}").ok();
}
