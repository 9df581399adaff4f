use std::{
    fs, io,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

/// How long a program may take to start, to work off what it has, or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that has used next to no CPU time for so long has nothing to do any more.
const QUIET: Duration = Duration::from_millis(200);

/// CPU time of a program and of those that it started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    /// All of it, exactly.
    pub(crate) total: Duration,
    /// As the kernel's timer saw it: at so many of its ticks, the program itself ran.
    user_ticks: u64,
    system_ticks: u64,
}

impl Cpu {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            total: self.total.saturating_sub(before.total),
            user_ticks: self.user_ticks.saturating_sub(before.user_ticks),
            system_ticks: self.system_ticks.saturating_sub(before.system_ticks),
        }
    }

    /// The part of the program itself, without what the kernel did for it: the exact sum, divided
    /// as the ticks are, which is what the kernel does for `time` and `ps` too.
    pub(crate) fn user(self) -> Duration {
        match self.user_ticks + self.system_ticks {
            0 => self.total,
            all => self.total.mul_f64(self.user_ticks as f64 / all as f64),
        }
    }

    pub(crate) fn system(self) -> Duration {
        self.total.saturating_sub(self.user())
    }
}

/// A program that is measured. Killed when it is dropped, and when this process ends.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Start it. What it writes to stderr is kept; stdout is the command's business.
    pub(crate) fn start(name: &str, mut command: Command) -> anyhow::Result<Self> {
        // SAFETY: between fork and exec, this makes one system call and doesn't allocate.
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("start {name}"))?;
        let stderr = child.stderr.take().context("its stderr is a pipe")?;
        let log = Arc::<Mutex<Vec<String>>>::default();
        let lines = Arc::clone(&log);
        let read = move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        };
        let reader = thread::Builder::new().name("log".into()).spawn(read)?;
        Ok(Self { name: name.to_owned(), child, log, reader: Some(reader) })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wait for a line of stderr that contains `text`.
    pub(crate) fn says(&mut self, text: &str) -> anyhow::Result<String> {
        let found = |this: &mut Self| Ok(this.log().into_iter().find(|line| line.contains(text)));
        self.until(text, found)
    }

    /// Wait for something.
    pub(crate) fn until<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&mut Self) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended ({status}): {:?}", self.name, self.log());
            }
            let name = &self.name;
            ensure!(Instant::now() < deadline, "{name}: no {what}; it says {:?}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has used so far.
    pub(crate) fn cpu(&self) -> anyhow::Result<Cpu> {
        let mut sum = Cpu::default();
        for id in family(self.id())? {
            let (user_ticks, system_ticks) = ticks(id)?;
            sum.total += total(id)?;
            sum.user_ticks += user_ticks;
            sum.system_ticks += system_ticks;
        }
        Ok(sum)
    }

    /// Wait until it has nothing to do any more. What it had used by then.
    pub(crate) fn quiet(&mut self) -> anyhow::Result<Cpu> {
        // Who waits for packets wakes up now and then, and is no less at rest for it.
        let idle = |before: Cpu, after: Cpu| after.since(before).total < QUIET / 20;
        let mut last = (Instant::now(), self.cpu()?);
        self.until("end of its work", |this| {
            let (since, before) = last;
            if since.elapsed() < QUIET {
                return Ok(None);
            }
            last = (Instant::now(), this.cpu()?);
            Ok(idle(before, last.1).then_some(before))
        })
    }

    /// End it, and give all that it said.
    pub(crate) fn stop(mut self, signal: Signal) -> anyhow::Result<(ExitStatus, Vec<String>)> {
        kill_process(Pid::from_child(&self.child), signal)?;
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            ensure!(Instant::now() < deadline, "{} does not end", self.name);
            thread::sleep(Duration::from_millis(5));
        };
        if let Some(reader) = self.reader.take() {
            // A reader that panicked has said so.
            reader.join().ok();
        }
        Ok((status, self.log()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail when it has ended, which is just as well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The process and those that it started.
fn family(id: u32) -> anyhow::Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").context("look for processes")? {
        let name = entry?.file_name();
        let Some(child) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended since.
        let Ok(fields) = stat(child) else { continue };
        parents.extend(number(&fields, 1).map(|parent| (child, parent)));
    }
    let mut family = vec![id];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        let born = parents.iter().filter(|(_, of)| *of == u64::from(parent));
        family.extend(born.map(|(child, _)| *child));
        next += 1;
    }
    Ok(family)
}

fn ticks(id: u32) -> anyhow::Result<(u64, u64)> {
    let fields = stat(id).with_context(|| format!("read the CPU time of process {id}"))?;
    let ticks = number(&fields, 11).zip(number(&fields, 12));
    ticks.with_context(|| format!("the CPU time of process {id} is missing"))
}

/// The fields of /proc/ID/stat behind the name, from the state on: proc_pid_stat(5).
fn stat(id: u32) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let fields = text.rsplit(')').next().unwrap_or_default();
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

fn number(fields: &[String], index: usize) -> Option<u64> {
    fields.get(index)?.parse().ok()
}

/// The process' CPU clock, which counts ns.
fn total(id: u32) -> io::Result<Duration> {
    let mut clock = 0;
    // SAFETY: the id is a number, and the clock is written.
    let result = unsafe { libc::clock_getcpuclockid(id.cast_signed(), &raw mut clock) };
    if result != 0 {
        return Err(io::Error::from_raw_os_error(result));
    }
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is written.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_and_its_time_are_found() {
        let own = std::process::id();
        assert!(family(own).unwrap().contains(&own));
        assert!(total(own).unwrap() > Duration::ZERO);
        assert!(ticks(own).is_ok());
    }

    #[test]
    fn time_is_divided_as_the_ticks_are() {
        let total = Duration::from_millis(100);
        let cpu = Cpu { total, user_ticks: 3, system_ticks: 1 };
        assert_eq!((cpu.user().as_millis(), cpu.system().as_millis()), (75, 25));
        let unseen = Cpu { total, ..Cpu::default() };
        assert_eq!(unseen.user(), total);
    }
}
