use crate::host;

/// Unix time in ns. In replay the time of the capture, which stands still during a call.
pub fn now_ns() -> u64 {
    host::now_ns()
}

/// Name of the interface that [`Packet::ifindex`](crate::Packet::ifindex) tells, as it is called
/// now; the last one it had, where it is gone. A host call: keep the answer.
pub fn interface_name(ifindex: u32) -> Option<String> {
    host::interface_name(ifindex)
}

/// A number that nobody can foretell, for hash seeds and samples, not for secrets. In a deterministic
/// replay, and in tests, the same ones in every run. A host call: seed a generator of your own for many.
pub fn random_u64() -> u64 {
    host::random()
}
