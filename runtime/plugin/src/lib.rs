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
mod directory;
mod engine;
mod files;
mod fingerprint;
mod host;
mod inspect;
mod instance;
mod interest;
mod kv;
mod limits;
mod loader;
mod plugin;
mod policy;
mod reload;
mod report;
mod schedule;
mod shared;
mod slot;
mod sources;
mod start;
mod supervisor;
mod survey;
mod trust;
mod watch;
mod work;
mod worker;

pub use self::{
    call::{Call, CallError},
    capability::{Capability, InterfaceNames},
    compile::{CompileError, CompileLimits, Compiler, NotAComponent, compile_child},
    contract::{Import, Misfit, Verdict},
    describe::{Description, StateSchema},
    digest::Digest,
    directory::plugin_name,
    engine::{Engine, EngineError},
    host::Services,
    inspect::{Inspected, Inspection, inspect},
    instance::{Instance, InstanceConfig, StartError, TimeSource},
    interest::{BadInterest, IsTapped, MixedSampling, Ungranted},
    kv::{KvError, KvFile, KvStores, Usage as KvUsage},
    limits::Limits,
    plugin::{LoadError, Plugin, Role},
    policy::{Policy, Terms},
    reload::ReloadOutcome,
    slot::{CallStatus, PluginState, PluginStatus},
    sources::BundledPlugin,
    supervisor::{Supervisor, SupervisorConfig},
    survey::{Survey, Surveyed, survey},
};
