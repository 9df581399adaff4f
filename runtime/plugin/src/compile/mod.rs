//! Components are compiled in a child process: a hostile one can take gigabytes and minutes, or
//! abort the compiler, and must not take the host with it.

mod child;
mod outcome;
mod sniff;

use std::{
    ffi::OsString,
    io::{Read, Write},
    os::fd::AsFd,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use wasmtime::component::Component;

use self::child::{CPU_SECONDS, MEMORY_BYTES, PARENT};
pub(crate) use self::sniff::sniff;
pub use self::{child::compile_child, outcome::CompileError, sniff::NotAComponent};
use crate::{engine::Engine, plugin::LoadError};

/// How often a wait for the child looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);

/// What is kept of what the child says.
const MAX_MESSAGE: u64 = 4096;

/// Compiles components, each in a process of its own that runs `program` with `args`. There,
/// [`compile_child`] has to be the first thing called.
#[derive(Clone, Debug)]
pub struct Compiler {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub limits: CompileLimits,
    /// Set to have compilations end early, as failures: the runtime shuts down.
    pub cancel: Arc<AtomicBool>,
}

/// What one compilation may use. The defaults are the fields' documented values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Address space: 4 GiB.
    pub memory_bytes: u64,
    /// CPU time over all threads: 120 s.
    pub cpu_seconds: u64,
    /// Wall time: 120 s.
    pub wall: Duration,
    /// Compiled code, which the host holds twice for a moment: 256 MiB.
    pub code_bytes: u64,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 4 << 30,
            cpu_seconds: 120,
            wall: Duration::from_secs(120),
            code_bytes: 256 << 20,
        }
    }
}

impl Compiler {
    /// A compiler that runs this very executable with `argument`.
    pub fn of_this_executable(argument: &str) -> Self {
        Self::new("/proc/self/exe", [argument.into()])
    }

    pub fn new(program: impl Into<PathBuf>, args: impl IntoIterator<Item = OsString>) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().collect(),
            limits: CompileLimits::default(),
            cancel: Arc::default(),
        }
    }

    /// Compile `wasm`. Blocks until the child is done or has used up what it may.
    pub(crate) fn compile(&self, engine: &Engine, wasm: &[u8]) -> Result<Component, LoadError> {
        sniff(wasm)?;
        let code = self.run(wasm)?;
        // SAFETY: the bytes come from this executable's own compiler, run on the same settings
        // (`engine::config`), through a pipe that nobody else holds.
        unsafe { Component::deserialize(engine.wasmtime(), code) }.map_err(LoadError::Code)
    }

    fn run(&self, wasm: &[u8]) -> Result<Vec<u8>, CompileError> {
        let mut child = self.spawn()?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            let feed = scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(wasm)));
            let code = scope.spawn(move || read_up_to(stdout, self.limits.code_bytes + 1));
            let message = scope.spawn(move || read_up_to(stderr, MAX_MESSAGE));
            let end = self.wait(&mut child);
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
    fn wait(&self, child: &mut Child) -> Result<std::process::ExitStatus, CompileError> {
        let deadline = Instant::now() + self.limits.wall;
        let waited = self.wait_until(child, deadline);
        if waited.is_err() {
            child.kill().ok();
        }
        let status = child.wait().map_err(CompileError::Wait)?;
        waited.map(|()| status)
    }

    fn wait_until(&self, child: &Child, deadline: Instant) -> Result<(), CompileError> {
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
            if self.cancel.load(Relaxed) {
                return Err(CompileError::Cancelled);
            }
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
