//! Hosts WebAssembly plugins: compiles components in a child process, checks what they ask for,
//! runs each on a thread of its own within limits, and keeps them in step with a directory.
//!
//! The only crate that knows wasmtime.

mod allocations;
mod bindings;
mod bitmap;
mod bounds;
mod bucket;
mod budget;
mod call;
mod capability;
mod compile;
mod contract;
mod describe;
mod digest;
mod directory;
mod engine;
mod failure;
mod files;
mod fingerprint;
mod graph;
mod host;
mod input;
mod inspect;
mod instance;
mod interest;
mod item;
mod kv;
mod limits;
mod loader;
mod meter;
mod plugin;
mod policy;
mod privileges;
mod reload;
mod report;
mod schedule;
mod shared;
mod slot;
mod solo;
mod sources;
mod start;
mod supervisor;
mod survey;
mod trial;
mod trust;
mod wasi;
mod watch;
mod work;
mod worker;

pub use self::{
    allocations::{Allocations, allocators},
    bitmap::{BadBitmap, Bitmap},
    bucket::Rate,
    budget::{BudgetStats, Share, Verdict as BudgetVerdict},
    call::{Call, CallError},
    capability::{Capability, Grants, InterfaceNames, Seeds},
    compile::{
        Cache, CacheError, CompileError, CompileJob, CompileLimits, Compiled, Compiler,
        NotAComponent, Progress, Turns, compile_child,
    },
    contract::{Import, Misfit, Verdict},
    describe::{Description, StateSchema},
    digest::Digest,
    directory::plugin_name,
    engine::{Engine, EngineError, THREAD_STACK},
    failure::{OnFailure, Restarts},
    graph::Graph,
    host::Services,
    input::BadInput,
    inspect::{Inspected, Inspection, inspect},
    instance::{Instance, InstanceConfig, StartError, TimeSource},
    interest::{BadInterest, IsTapped, MixedSampling, Ungranted},
    kv::{KvError, KvFile, KvStores, Usage as KvUsage},
    limits::Limits,
    meter::{Meters, Usage},
    plugin::{LoadError, Plugin, Role},
    policy::{Policy, Terms, TrialTerms},
    reload::ReloadOutcome,
    shared::MEASURED,
    slot::{CallStatus, PluginState, PluginStatus},
    solo::{HandOverError, Solo},
    sources::BundledPlugin,
    supervisor::{OnStop, Supervisor, SupervisorConfig},
    survey::{Survey, Surveyed, survey},
};
