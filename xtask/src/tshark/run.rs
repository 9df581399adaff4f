use std::{
    collections::BTreeMap,
    io::BufReader,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context;

use super::{
    dissection::{self, Dissection},
    pdml,
};

/// Off: whatever makes a field depend on other packets.
const PREFERENCES: [&str; 6] = [
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.check_checksum:FALSE",
];

/// Protocols that are written out in full; of others, just that they are there.
const PROTOCOLS: &str =
    "frame eth sll llc vlan ieee8021ad ip ipv6 tcp udp udplite sctp icmp icmpv6";

/// What tshark made of a capture.
pub(super) struct Theirs {
    /// By frame number.
    pub(super) packets: BTreeMap<u64, Dissection>,
    /// What it said when it could not go on.
    pub(super) complaint: Option<String>,
}

pub(super) fn read(path: &Path) -> anyhow::Result<Theirs> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(path).args(["-T", "pdml", "-J", PROTOCOLS]);
    command.args(PREFERENCES.into_iter().flat_map(|preference| ["-o", preference]));
    let mut tshark = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("can't run tshark; install it, on Debian with `apt-get install tshark`")?;
    let output = tshark.stdout.take().context("tshark has no output")?;
    let mut packets = BTreeMap::new();
    pdml::read(BufReader::new(output), |packet| {
        let number = packet.protocols.iter().find_map(|frame| frame.field("frame.number"));
        let number = number.and_then(|number| number.parse().ok()).context("no frame number")?;
        packets.insert(number, dissection::dissect(packet));
        Ok(())
    })?;
    let output = tshark.wait_with_output().context("can't wait for tshark")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint = complaint.lines().filter(|line| !line.starts_with("Running as user"));
    let complaint = complaint.collect::<Vec<_>>().join(" ");
    Ok(Theirs { packets, complaint: (!output.status.success()).then_some(complaint) })
}
