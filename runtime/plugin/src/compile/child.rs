use std::{
    io::{Read, Write, stderr, stdin, stdout},
    process::ExitCode,
};

use rustix::process::{Resource, Rlimit, Signal, setrlimit};

use crate::{engine, privileges};

/// The variables that tell the child its limits; the rest of its environment is cleared.
pub(super) const MEMORY_BYTES: &str = "RINGTAP_COMPILE_MEMORY_BYTES";
pub(super) const CPU_SECONDS: &str = "RINGTAP_COMPILE_CPU_SECONDS";
pub(super) const PARENT: &str = "RINGTAP_COMPILE_PARENT";

/// Compiling gives way to taps and plugins.
const NICENESS: i32 = 10;

/// What the child process does: limit itself, compile the component on standard input, write the
/// code to standard output and a reason for failing to standard error.
///
/// To be called before anything else, by a process that [`Compiler`](super::Compiler) started.
pub fn compile_child() -> ExitCode {
    match limit_self().and_then(|()| compile()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Without standard error nobody is left to tell.
            stderr().write_all(reason.as_bytes()).ok();
            ExitCode::FAILURE
        }
    }
}

fn limit_self() -> Result<(), String> {
    let failed = |error| format!("limiting the compiler: {error}");
    // Set by this process and not between fork and exec, which would need unsafe code.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
    // A parent that had died before that sends no signal.
    let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    if u64::from(parent.unsigned_abs()) != variable(PARENT)? {
        return Err("the runtime that asked for this is gone".to_owned());
    }
    let limit = |soft, hard| Rlimit { current: Some(soft), maximum: Some(hard) };
    let memory = variable(MEMORY_BYTES)?;
    let cpu = variable(CPU_SECONDS)?;
    setrlimit(Resource::As, limit(memory, memory)).map_err(failed)?;
    setrlimit(Resource::Cpu, limit(cpu, cpu + 1)).map_err(failed)?;
    setrlimit(Resource::Core, limit(0, 0)).map_err(failed)?;
    rustix::process::nice(NICENESS).map_err(failed)?;
    // The runtime may hold what taps need; a compiler that is tricked must not.
    rustix::thread::set_no_new_privs(true).map_err(failed)?;
    privileges::drop_all().map_err(failed)
}

fn variable(name: &str) -> Result<u64, String> {
    let value = std::env::var(name).map_err(|error| format!("{name}: {error}"))?;
    value.parse().map_err(|error| format!("{name}: {error}"))
}

fn compile() -> Result<(), String> {
    let mut wasm = Vec::new();
    stdin().read_to_end(&mut wasm).map_err(|error| format!("reading the component: {error}"))?;
    let engine = wasmtime::Engine::new(&engine::config()).map_err(|error| format!("{error:#}"))?;
    let code = engine.precompile_component(&wasm).map_err(|error| format!("{error:#}"))?;
    stdout().write_all(&code).map_err(|error| format!("writing the code: {error}"))
}
