use std::fs;

use crate::{Wish, artifacts::bundled, importing_kv, wanting};

/// A file that is no plugin of this host.
#[derive(Debug)]
pub struct BadPlugin {
    pub name: &'static str,
    pub content: Vec<u8>,
    /// Words of the reason that is to be told.
    pub why: &'static str,
}

impl BadPlugin {
    /// One for each way in which a file can be bad.
    pub fn all() -> Vec<Self> {
        let good = fs::read(bundled("flow-log")).unwrap();
        let text = |text: &str| wat::parse_str(text).unwrap();
        let bad = |name, content, why| Self { name, content, why };
        let mut all = vec![
            bad("empty", Vec::new(), "is empty: is it still being written?"),
            bad("truncated", good[..good.len() / 2].to_vec(), "ends in the middle, after "),
            bad("script", b"#!/bin/sh\n".to_vec(), "is no WebAssembly"),
            bad("core-module", text("(module)"), "is a core module: make a component of it"),
            bad("other-world", text("(component)"), "it does not export `lifecycle`"),
            bad(
                "wants-a-graph",
                text(r#"(component (import "wasi:nn/graph@0.2.0" (instance)))"#),
                "imports `wasi:nn/graph@0.2.0`, which no plugin may have",
            ),
            bad(
                "from-the-future",
                text(r#"(component (import "ringtap:plugin/log@0.9.0" (instance)))"#),
                "is built for ringtap:plugin@0.9.0",
            ),
            bad("damaged", damaged(good), "does not compile: "),
            bad(
                "kv-not-granted",
                importing_kv(),
                "imports `ringtap:plugin/kv@0.1.0` without being granted `kv`: grant that with",
            ),
        ];
        let wants = |(name, wishes, why): (_, Vec<_>, _)| bad(name, wanting(&wishes), why);
        all.extend(bad_wishes().into_iter().map(wants));
        all
    }
}

/// Interests that no plugin may have, or that nobody granted, by the name of a plugin.
fn bad_wishes() -> Vec<(&'static str, Vec<Wish>, &'static str)> {
    let udp = || Wish::new("dns", "udp port 53");
    let by_packet = || Wish { one_in: 10, ..udp() };
    let by_flow = Wish { name: "flows".to_owned(), by_flow: true, ..by_packet() };
    let many = (0..65).map(|n| Wish { name: n.to_string(), ..udp() }).collect();
    vec![
        (
            "bad-filter",
            vec![Wish::new("web", "tcp and port 99999")],
            "states interest `web` with an invalid filter: 99999 is too large: the largest port is \
             65535, in: tcp and port >>99999<<",
        ),
        (
            "contradiction",
            vec![udp(), Wish::new("web", "ip and (tcp and udp)")],
            "states interest `web` with an invalid filter: no packet can match: protocol 6 (tcp) \
             and protocol 17 (udp) exclude each other, in: ip and >>(tcp and udp)<<",
        ),
        (
            "sample-of-none",
            vec![Wish { one_in: 0, ..udp() }],
            "states interest `dns` with an invalid sample rate: a sample of one in 0: expected 1",
        ),
        (
            "sample-too-small",
            vec![Wish { one_in: 1_000_001, ..udp() }],
            "a sample of one in 1000001: expected 1 (every packet) to 1000000",
        ),
        (
            "mixed-samples",
            vec![by_packet(), by_flow],
            "interest `dns` samples by packet and `flows` by flow",
        ),
        (
            "payload-too-large",
            vec![Wish { payload: 1501, ..udp() }],
            "states interest `dns` with 1501 payload bytes of each packet: at most 1500",
        ),
        (
            "payload-not-granted",
            vec![Wish { payload: 64, ..udp() }],
            "interest `dns`: it asks for 64 payload bytes of each packet, which is not granted",
        ),
        ("too-many", many, "states 65 interests: at most 64 are allowed"),
        ("twice", vec![udp(), udp()], "states two interests called `dns`"),
        ("bad-name", vec![Wish::new("Web", "tcp")], "states an interest called \"Web\", number 1"),
    ]
}

/// With the right shape, and nonsense for code.
fn damaged(mut component: Vec<u8>) -> Vec<u8> {
    let middle = component.len() / 2;
    component[middle..middle + 64].fill(0xff);
    component
}
