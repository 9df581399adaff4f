use rustix::{
    io,
    thread::{CapabilitySet, CapabilitySets, set_capabilities},
};

/// Take every capability from the calling thread, for good. Threads and processes that it starts
/// have none either.
pub(crate) fn drop_all() -> io::Result<()> {
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
}

/// As [`drop_all`], at the start of a thread that goes on in any case: what it does needs none.
pub(crate) fn drop_all_or_say() {
    if let Err(error) = drop_all() {
        tracing::error!("a thread keeps capabilities that it does not need: {error}");
    }
}
