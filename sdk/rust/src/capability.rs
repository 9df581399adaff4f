use crate::host;

/// Unix time in ns. In replay the time of the capture, which stands still during a call.
pub fn now_ns() -> u64 {
    host::now_ns()
}

/// Name of the interface that [`Packet::ifindex`](crate::Packet::ifindex) tells, as it was when the
/// tap was attached. A host call: keep the answer.
pub fn interface_name(ifindex: u32) -> Option<String> {
    host::interface_name(ifindex)
}
