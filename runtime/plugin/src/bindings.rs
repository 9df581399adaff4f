//! What the bindings generator makes of `wit/`. Only this crate sees these types, and each only
//! where its interface is implemented or called.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "every-role",
    imports: { default: trappable },
});

pub(crate) use self::exports::ringtap::plugin::{aggregate, exporter, filter, lifecycle, state};
pub(crate) use self::ringtap::plugin::{
    clock, events, interfaces, kv, log, metrics, random, types,
};
