//! What is sent with real sockets is what taps, plugins, `/metrics` and interfaces count: equal, for
//! every kind of packet, at every hook.

mod bench;
mod kinds;
mod super_packets;
mod tags;

use ringtap_lab::{Family, Lab, Side, traffic::Path};

const ETHERNET: u64 = 14;

/// What the tests send of each kind.
const COUNT: u64 = 200;

/// A tap for what comes in: the flag that asks for it, what labels it, and how it says it is on.
#[derive(Clone, Copy)]
struct Ingress {
    flag: &'static str,
    hook: &'static str,
    how: &'static str,
}

const TC: Ingress = Ingress { flag: "tc", hook: "tc", how: "tc ingress by TCX link" };
const XDP_NATIVE: Ingress =
    Ingress { flag: "xdp-native", hook: "xdp", how: "xdp ingress by native XDP" };
const XDP_GENERIC: Ingress =
    Ingress { flag: "xdp-generic", hook: "xdp", how: "xdp ingress by generic XDP" };

fn ip_header(family: Family) -> u64 {
    if family == Family::V4 { 20 } else { 40 }
}

fn paths(lab: &Lab) -> Vec<Path> {
    let families = [Family::V4, Family::V6].into_iter();
    let families = families.filter(|family| lab.has_ipv6() || *family == Family::V4);
    families.flat_map(|family| Side::BOTH.map(|from| Path::new(from, family))).collect()
}
