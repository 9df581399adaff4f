//! Packets without sockets: an XDP program that the kernel runs over live frames makes each one a
//! frame of the mix and sends it into a veth pair.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use ringtap_lab::{Lab, LabConfig, LabError, Side};
use ringtap_tap::test_run::run_live;

use super::{
    Sent,
    mix::{Load, Mix},
};
use crate::{
    bpf::{self, Array, Assembler, Body, Helper, Kind, Register},
    cpu,
};

/// Frames of a call, those included that are let go because it is not time yet: a call takes a part
/// of a second, since beginning one takes milliseconds.
const FRAMES_OF_A_CALL: u32 = 4 << 20;

/// Frames that are sent on at once. The ring of a veth interface holds 256.
const BATCH: u32 = 64;

/// What of a frame differs from others: its headers, which are 74 bytes at most.
const HEADERS: usize = 80;

/// What a frame is made of: by how much it is shorter than the longest, how many bytes of headers
/// there are, and these.
const TEMPLATE_WORDS: usize = 2 + HEADERS / 8;

/// How long a frame may take from one end of the pair to the other.
const PATIENCE: Duration = Duration::from_secs(5);

// enum xdp_action in include/uapi/linux/bpf.h
const XDP_DROP: i32 = 1;

/// What the program knows: packets to send yet, ns between two or 0, when the next is due by
/// `bpf_ktime_get_ns`, and how many were made.
const STATE_WORDS: usize = 4;
const REMAINING: i16 = 0;
const INTERVAL: i16 = 8;
const DUE: i16 = 16;
const MADE: i16 = 24;

/// Sends from the near side of a lab of its own; what is measured looks at the far side.
pub(crate) struct Generator {
    lab: Lab,
    program: OwnedFd,
    state: Array,
    longest: Vec<u8>,
    core: usize,
    /// Takes frames off the wire, since a veth interface without one takes none.
    _receiver: OwnedFd,
}

impl Generator {
    /// A generator whose packets are made, sent, and received by the kernel, on `core`.
    pub(crate) fn new(mix: &Mix, core: usize) -> anyhow::Result<Self> {
        // Nothing is put together on its way: a packet that is sent is one that arrives.
        let lab = Lab::new(LabConfig { offloads: false, ..LabConfig::default() })?;
        let frames = mix.frames();
        let longest = frames.iter().max_by_key(|frame| frame.len()).context("no frames")?.clone();
        let templates = Array::new(frames.len() as u32, TEMPLATE_WORDS)?;
        for (slot, frame) in (0..).zip(&frames) {
            templates.set(slot, &template(frame, longest.len()))?;
        }
        let state = Array::new(1, STATE_WORDS)?;
        let program = program(&templates, frames.len() as u32, &state, lab.index(Side::Near)?)
            .context("load the program that makes packets")?;
        let receiver = receiver(&lab)?.context("attach a program to the far side")?;
        Ok(Self { lab, program, state, longest, core, _receiver: receiver })
    }

    pub(crate) fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Send so many packets. Fails unless each arrives on the far side.
    pub(crate) fn send(&self, packets: u64, load: Load) -> anyhow::Result<Sent> {
        let before = self.arrived()?;
        let (took, cpu) = self.lab.inside(Side::Near, || self.run(packets, load))??;
        let deadline = Instant::now() + PATIENCE;
        let mut delivered = self.arrived()? - before;
        while delivered < packets && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
            delivered = self.arrived()? - before;
        }
        ensure!(delivered == packets, "of {packets} packets {delivered} arrived on the far side");
        Ok(Sent { packets, took, cpu: Some(cpu) })
    }

    fn arrived(&self) -> Result<u64, LabError> {
        Ok(self.lab.statistics(Side::Far)?.rx_packets)
    }

    /// On a thread of the near side.
    fn run(&self, packets: u64, load: Load) -> anyhow::Result<(Duration, Duration)> {
        cpu::pin_to(self.core)?;
        let interval = match load {
            Load::PacketsASecond(rate) => 1_000_000_000 / u64::from(rate),
            Load::Max => 0,
        };
        let made = self.state.get(0)?.get(3).copied().unwrap_or_default();
        self.state.set(0, &[packets, interval, now()?, made])?;
        let (start, cpu) = (Instant::now(), cpu::thread_time());
        while self.state.get(0)?.first() != Some(&0) {
            run_live(self.program.as_fd(), &self.longest, FRAMES_OF_A_CALL, BATCH)
                .context("run the program that makes packets")?;
        }
        Ok((start.elapsed(), cpu::thread_time() - cpu))
    }
}

/// By the clock that `bpf_ktime_get_ns` reads.
fn now() -> io::Result<u64> {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).map_err(io::Error::other)?;
    Ok(seconds * 1_000_000_000 + now.tv_nsec.unsigned_abs())
}

/// `XDP_PASS` on the far side.
fn receiver(lab: &Lab) -> anyhow::Result<io::Result<OwnedFd>> {
    let index = lab.index(Side::Far)?;
    let attached = lab.inside(Side::Far, || {
        let program = bpf::load(Kind::Xdp, Body::Empty)?;
        bpf::attach_xdp(program.as_fd(), index)
    })?;
    Ok(attached)
}

fn template(frame: &[u8], longest: usize) -> Vec<u64> {
    let headers = frame.len().min(HEADERS);
    let mut bytes = frame.iter().take(headers).copied().collect::<Vec<_>>();
    bytes.resize(HEADERS, 0);
    let shorter = frame.len() as i64 - longest as i64;
    let words = bytes.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word));
    [shorter.cast_unsigned(), headers as u64].into_iter().chain(words).collect()
}

fn program(templates: &Array, count: u32, state: &Array, to: u32) -> io::Result<OwnedFd> {
    let [r0, r1, r2, r3, r4] = [0, 1, 2, 3, 4].map(Register);
    let [context, known, template, interval, frame] = [6, 7, 8, 9, 10].map(Register);
    let mut program = Assembler::default();
    let (due, drop) = (program.label(), program.label());
    program.copy(context, r1);
    program.value(known, state);
    program.load(r1, known, REMAINING);
    program.if_equal(r1, 0, drop);
    program.load(interval, known, INTERVAL);
    program.if_equal(interval, 0, due);
    program.call(Helper::KtimeGetNs);
    program.load(r1, known, DUE);
    program.if_less(r0, r1, drop);
    program.add_register(r1, interval);
    program.store(known, DUE, r1);

    program.place(due);
    program.load(r1, known, MADE);
    program.copy(r2, r1);
    program.and(r2, (count - 1).cast_signed());
    program.store_half(frame, -4, r2);
    program.add(r1, 1);
    program.store(known, MADE, r1);
    program.load(r1, known, REMAINING);
    program.add(r1, -1);
    program.store(known, REMAINING, r1);
    program.map(r1, templates);
    program.copy(r2, frame);
    program.add(r2, -4);
    program.call(Helper::MapLookupElem);
    program.if_equal(r0, 0, drop);
    program.copy(template, r0);

    program.copy(r1, context);
    program.load(r2, template, 0);
    program.call(Helper::XdpAdjustTail);
    program.if_not_equal(r0, 0, drop);
    program.copy(r1, context);
    program.set(r2, 0);
    program.copy(r3, template);
    program.add(r3, 16);
    program.load(r4, template, 8);
    program.if_equal(r4, 0, drop);
    program.if_greater(r4, HEADERS as i32, drop);
    program.call(Helper::XdpStoreBytes);
    program.if_not_equal(r0, 0, drop);
    program.set(r1, to.cast_signed());
    program.set(r2, 0);
    program.call(Helper::Redirect);
    program.leave();

    program.place(drop);
    program.exit(XDP_DROP);
    bpf::load_instructions(Kind::Xdp, &program.finish()?)
}
