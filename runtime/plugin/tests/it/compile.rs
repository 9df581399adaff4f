use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use ringtap_plugin::{CompileError, CompileLimits, Compiler, Engine, LoadError, Plugin, Terms};

use crate::support::{compiler, switch};

fn compile(compiler: &Compiler) -> CompileError {
    let loaded = Plugin::load(&Engine::new().unwrap(), compiler, &Terms::default(), &switch());
    match loaded {
        Err(LoadError::Compile(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn limited(limits: CompileLimits) -> Compiler {
    Compiler { limits, ..compiler() }
}

/// A child that neither reads nor writes nor ends.
fn stuck() -> Compiler {
    Compiler::new("/bin/sleep", ["1000".into()])
}

#[test]
fn too_little_memory_ends_the_child_alone() {
    let error = compile(&limited(CompileLimits { memory_bytes: 1 << 20, ..Default::default() }));
    let crashed_or_said = matches!(error, CompileError::Crashed { .. } | CompileError::Refused(_));
    assert!(crashed_or_said, "{error:?}");
}

#[test]
fn code_over_the_limit_is_not_taken() {
    let error = compile(&limited(CompileLimits { code_bytes: 1000, ..Default::default() }));
    assert!(matches!(error, CompileError::TooLarge { .. }), "{error:?}");
}

#[test]
fn a_child_that_hangs_is_ended() {
    let limits = CompileLimits { wall: Duration::from_millis(100), ..Default::default() };
    let error = compile(&Compiler { limits, ..stuck() });
    assert!(matches!(error, CompileError::TooLong { .. }), "{error:?}");
}

#[test]
fn a_compilation_can_be_cancelled() {
    let compiler = stuck();
    compiler.cancel.store(true, Relaxed);
    let error = compile(&compiler);
    assert!(matches!(error, CompileError::Cancelled), "{error:?}");
}

#[test]
fn a_compiler_that_is_not_there_is_named() {
    let error = compile(&Compiler::new("/nowhere/ringtap", []));
    assert_eq!(error.to_string(), "starting the compiler \"/nowhere/ringtap\"");
}

#[test]
fn a_child_that_nobody_asked_for_refuses() {
    let child = compiler().program;
    let output = std::process::Command::new(child).env_clear().output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("RINGTAP_COMPILE_"), "{said}");
}
