//! Compiling in the background.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use ringtap_plugin::{
    Cache, CompileError, CompileJob, CompileLimits, Compiled, Compiler, Digest, Engine, LoadError,
    Progress, Turns,
};

use crate::support::{compiler, switch};

type Outcome = Result<Compiled, LoadError>;

const PATIENCE: Duration = Duration::from_secs(30);

fn start(compiler: &Compiler, wasm: &[u8]) -> (CompileJob, Receiver<Outcome>) {
    let (done, outcome) = channel();
    let engine = Engine::new().unwrap();
    let job = compiler.start(&engine, wasm.into(), Digest::of(wasm), move |it| {
        // A test that has seen enough does not listen.
        done.send(it).ok();
    });
    (job, outcome)
}

/// A compiler whose children neither read nor write nor end, with a number that tells them.
fn stuck(seconds: &str) -> Compiler {
    Compiler::new("/bin/sleep", [seconds.into()])
}

/// Whether a process of that command line lives.
fn lives(seconds: &str) -> bool {
    let wanted = format!("/bin/sleep\0{seconds}\0");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut command_lines =
        processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    command_lines.any(|line| line == wanted.as_bytes())
}

fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_outcome_comes_by_itself() {
    let (job, outcome) = start(&compiler(), &switch());
    outcome.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(job.progress(), Progress::Done);
    // Sent once: the sender is gone.
    let again = outcome.recv_timeout(PATIENCE).map(|_| ());
    assert_eq!(again, Err(RecvTimeoutError::Disconnected));
}

#[test]
fn a_slow_compilation_holds_up_no_fast_one() {
    let slow = stuck("86411");
    let (slow_job, slow_outcome) = start(&slow, &switch());
    until("the slow one begins", || matches!(slow_job.progress(), Progress::Compiling { .. }));
    let fast = Compiler { turns: Arc::clone(&slow.turns), ..compiler() };
    let (_job, outcome) = start(&fast, &switch());
    outcome.recv_timeout(PATIENCE).unwrap().unwrap();
    match slow_job.progress() {
        Progress::Compiling { component_bytes, .. } => assert_eq!(component_bytes, switch().len()),
        other => panic!("{other:?}"),
    }
    assert!(matches!(slow_outcome.try_recv(), Err(TryRecvError::Empty)));
}

#[test]
fn beyond_its_turns_a_compilation_waits() {
    let slow = Compiler { turns: Arc::new(Turns::new(1)), ..stuck("86412") };
    let (first, _) = start(&slow, &switch());
    until("the first begins", || matches!(first.progress(), Progress::Compiling { .. }));
    let next = Compiler { turns: Arc::clone(&slow.turns), ..compiler() };
    let (second, outcome) = start(&next, &switch());
    assert_eq!(second.progress(), Progress::Waiting);
    assert!(matches!(outcome.try_recv(), Err(TryRecvError::Empty)));
    drop(first);
    outcome.recv_timeout(PATIENCE).unwrap().unwrap();
}

#[test]
fn what_is_in_the_cache_waits_for_no_turn() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Some(Arc::new(Cache::open(folder.path(), Cache::MAX_BYTES).unwrap()));
    let warm = Compiler { cache, ..compiler() };
    start(&warm, &switch()).1.recv_timeout(PATIENCE).unwrap().unwrap();
    let (_job, outcome) = start(&Compiler { turns: Arc::new(Turns::new(0)), ..warm }, &switch());
    outcome.recv_timeout(PATIENCE).unwrap().unwrap();
}

#[test]
fn a_dropped_job_ends_its_child_and_says_nothing() {
    let (job, outcome) = start(&stuck("86413"), &switch());
    until("the child is there", || lives("86413"));
    drop(job);
    let nothing = outcome.recv_timeout(PATIENCE).map(|_| ());
    assert_eq!(nothing, Err(RecvTimeoutError::Disconnected));
    until("the child is gone", || !lives("86413"));
}

#[test]
fn limits_hold_in_the_background_too() {
    let limits = CompileLimits { wall: Duration::from_millis(100), ..Default::default() };
    let (_job, outcome) = start(&Compiler { limits, ..stuck("86414") }, &switch());
    let error = outcome.recv_timeout(PATIENCE).unwrap().unwrap_err();
    assert!(matches!(error, LoadError::Compile(CompileError::TooLong { .. })), "{error:?}");
    until("the child is gone", || !lives("86414"));
}
