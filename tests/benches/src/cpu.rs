//! One core, and its time.

use std::{io, time::Duration};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keep this thread, and those and the processes that it starts from now on, to one core: the last
/// one that it may use, since the first ones serve more interrupts. Which it is.
pub(crate) fn pin() -> io::Result<usize> {
    let allowed = sched_getaffinity(None)?;
    let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| allowed.is_set(*cpu));
    let last = last.ok_or_else(|| io::Error::other("no core is allowed"))?;
    pin_to(last)?;
    Ok(last)
}

/// The first core that this thread may use.
pub(crate) fn first() -> io::Result<usize> {
    let allowed = sched_getaffinity(None)?;
    let first = (0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu));
    first.ok_or_else(|| io::Error::other("no core is allowed"))
}

/// Keep this thread to a core.
pub(crate) fn pin_to(core: usize) -> io::Result<()> {
    keep_to(&[core])
}

/// Keep this thread, and those that it starts from now on, to some cores.
pub(crate) fn keep_to(cores: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    Ok(sched_setaffinity(None, &set)?)
}

/// CPU time of this thread so far. Unlike wall time it does not count what others took of the core.
pub(crate) fn thread_time() -> Duration {
    time(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time of all threads of this process so far.
pub(crate) fn process_time() -> Duration {
    time(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// By libc, since what rustix does to find the clock ends a process that valgrind runs.
fn time(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is written. Both clocks are there since Linux 2.6.12.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}
