//! Running the taps on made-up packets, without an interface: for tests and benchmarks.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
};

use ringtap_net::Interface;
use ringtap_record::abi::TapKind;

use crate::{
    attach::Attachment,
    bpf::{self, RunMode, TestRun},
    error::TapError,
    object::program_name,
    taps::Taps,
};

/// Run one tap over `frame` as if it came from `interface`: the kernel takes the loopback interface
/// of the calling thread's namespace. The average time of a run, in ns.
///
/// Needs `CAP_BPF` and `CAP_NET_ADMIN`. Frames are 14 bytes to about 3,500.
pub fn test_run(
    taps: &mut Taps,
    attachment: Attachment,
    frame: &[u8],
    repeat: u32,
) -> Result<u32, TapError> {
    runs(taps, attachment)?(frame, repeat)
}

/// [`test_run`] for a thread that has not the taps: what takes a frame and runs one over it so many
/// times.
pub fn runs(
    taps: &mut Taps,
    attachment: Attachment,
) -> Result<impl FnMut(&[u8], u32) -> Result<u32, TapError> + Send + use<>, TapError> {
    let kind = attachment.kind();
    let program = taps.program(kind)?;
    Ok(move |frame: &[u8], repeat| {
        let run = bpf::test_run(program.as_fd(), frame, repeat, RunMode::Dry);
        let TestRun { duration_ns, return_value } =
            run.map_err(|source| TapError::TestRun { program: program_name(kind), source })?;
        debug_assert!(passes(kind, return_value), "taps let every packet go on: {return_value}");
        Ok(duration_ns)
    })
}

/// Run any program over `frame`, to compare a tap with. The average time of a run, in ns.
pub fn run_program(program: BorrowedFd<'_>, frame: &[u8], repeat: u32) -> io::Result<u32> {
    bpf::test_run(program, frame, repeat, RunMode::Dry).map(|run| run.duration_ns)
}

/// Run an XDP program `repeat` times over frames that begin as `frame`, in batches of `batch` (256 at
/// most), and do with each frame what the program says: the kernel's live frames, since Linux 5.18.
/// They come from the loopback interface of the calling thread's network namespace.
///
/// Ends early, as if all had run, where a signal comes.
pub fn run_live(program: BorrowedFd<'_>, frame: &[u8], repeat: u32, batch: u32) -> io::Result<()> {
    match bpf::test_run(program, frame, repeat, RunMode::Live { batch }) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
        _ => Ok(()),
    }
}

/// Make `interface` known to the taps without attaching to it.
pub fn register(
    taps: &mut Taps,
    interface: &Interface,
    attachment: Attachment,
) -> Result<(), TapError> {
    taps.register(interface, attachment).map(drop)
}

fn passes(kind: TapKind, return_value: u32) -> bool {
    const XDP_PASS: u32 = 2;
    const TCX_NEXT: u32 = u32::MAX;
    return_value == if kind == TapKind::Xdp { XDP_PASS } else { TCX_NEXT }
}
