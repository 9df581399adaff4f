//! Hosts WebAssembly plugins: compiles components in a child process, checks what they ask for,
//! runs each on a thread of its own within limits, and keeps them in step with a directory.
//!
//! The only crate that knows wasmtime.

mod bindings;
mod bounds;
mod call;
mod capability;
mod compile;
mod contract;
mod describe;
mod digest;
mod engine;
mod host;
mod instance;
mod limits;
mod plugin;

pub use self::{
    call::{Call, CallError},
    capability::{Capability, InterfaceNames},
    compile::{CompileError, CompileLimits, Compiler, NotAComponent, compile_child},
    contract::{Import, Misfit, Verdict},
    describe::Description,
    digest::Digest,
    engine::{Engine, EngineError},
    host::Services,
    instance::{Instance, InstanceConfig, StartError, TimeSource},
    limits::Limits,
    plugin::{LoadError, Plugin, Role},
};
