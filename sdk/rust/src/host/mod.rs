//! The host: in a component its imports, on any other target a recorder for tests.

#[cfg(target_arch = "wasm32")]
mod imports;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod recorder;

#[cfg(target_arch = "wasm32")]
pub(crate) use imports::{
    define, emit, forget, interface_name, kv_delete, kv_get, kv_keys, kv_set, log, now_ns, random,
    update,
};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use recorder::{
    define, emit, forget, interface_name, kv_delete, kv_get, kv_keys, kv_set, log, now_ns, random,
    update,
};

/// Set in the handles of overflow series; see `wit/capabilities.wit`.
pub(crate) const OVERFLOW_BIT: u32 = 1 << 31;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind<'a> {
    Counter,
    Gauge,
    /// With its upper bounds.
    Histogram(&'a [f64]),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Definition<'a> {
    pub(crate) kind: Kind<'a>,
    pub(crate) name: &'a str,
    #[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "no test asks for it"))]
    pub(crate) help: &'a str,
    pub(crate) labels: &'a [(&'a str, &'a str)],
}
