use std::{
    io::{Read, Write},
    os::fd::AsFd,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    CompileError, Compiler,
    child::{CPU_SECONDS, MEMORY_BYTES, PARENT},
    outcome,
};

/// How often a wait looks whether it is still wanted.
pub(super) const PATIENCE: Duration = Duration::from_millis(50);

/// What is kept of what the child says.
const MAX_MESSAGE: u64 = 4096;

/// Whether a compilation is still wanted: its own flag, and that of the whole runtime.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cancel<'a> {
    pub(super) own: &'a AtomicBool,
    pub(super) all: &'a AtomicBool,
}

impl Cancel<'_> {
    pub(super) fn check(&self) -> Result<(), CompileError> {
        match self.own.load(Relaxed) || self.all.load(Relaxed) {
            true => Err(CompileError::Cancelled),
            false => Ok(()),
        }
    }
}

impl Compiler {
    /// The code that a child process makes of `wasm`.
    pub(super) fn run(&self, wasm: &[u8], cancel: Cancel<'_>) -> Result<Vec<u8>, CompileError> {
        let mut child = self.spawn()?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            let feed = scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(wasm)));
            let code = scope.spawn(move || read_up_to(stdout, self.limits.code_bytes + 1));
            let message = scope.spawn(move || read_up_to(stderr, MAX_MESSAGE));
            let end = self.wait(&mut child, cancel);
            // A child that ended early closed its input; its status says why.
            feed.join().ok();
            let (code, message) =
                (code.join().unwrap_or_default(), message.join().unwrap_or_default());
            outcome::judge(end?, code, &message, &self.limits)
        })
    }

    fn spawn(&self) -> Result<Child, CompileError> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .env_clear()
            .env(MEMORY_BYTES, self.limits.memory_bytes.to_string())
            .env(CPU_SECONDS, self.limits.cpu_seconds.to_string())
            .env(PARENT, std::process::id().to_string())
            // Each thread and each of malloc's arenas reserves address space, which is limited.
            .env("RAYON_NUM_THREADS", threads().to_string())
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let program = || self.program.clone();
        command.spawn().map_err(|source| CompileError::Spawn { program: program(), source })
    }

    /// Wait until the child ends; end it when its time is up.
    fn wait(&self, child: &mut Child, cancel: Cancel<'_>) -> Result<ExitStatus, CompileError> {
        let deadline = Instant::now() + self.limits.wall;
        let waited = self.wait_until(child, deadline, cancel);
        if waited.is_err() {
            child.kill().ok();
        }
        let status = child.wait().map_err(CompileError::Wait)?;
        waited.map(|()| status)
    }

    fn wait_until(
        &self,
        child: &Child,
        deadline: Instant,
        cancel: Cancel<'_>,
    ) -> Result<(), CompileError> {
        let pid = Pid::from_child(child);
        let pidfd =
            pidfd_open(pid, PidfdFlags::empty()).map_err(|e| CompileError::Wait(e.into()))?;
        let patience = Timespec::try_from(PATIENCE).expect("a short time");
        loop {
            let mut ended = [PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN)];
            match poll(&mut ended, Some(&patience)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(CompileError::Wait(error.into())),
            }
            cancel.check()?;
            if Instant::now() >= deadline {
                return Err(CompileError::TooLong { wall: self.limits.wall });
            }
        }
    }
}

fn read_up_to(from: Option<impl Read>, max: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What came before an error is of use: judged with the child's status.
        from.take(max).read_to_end(&mut bytes).ok();
    }
    bytes
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, |cpus| cpus.get().min(4))
}
