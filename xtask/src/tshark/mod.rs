//! What our parser makes of captures beside what tshark makes of them, field by field.

mod dissection;
mod pdml;
mod report;
mod run;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use ringtap_capture::{Capture, CaptureError, Frame};
use ringtap_record::{PacketJson, mark};

pub(crate) use report::Report;

/// Values as text, by their key in the JSON of a packet.
type Fields = BTreeMap<&'static str, String>;

/// Keys that are compared. `fragment` follows from others, and `iface` from nothing in the packet.
const KEYS: [&str; 26] = [
    "len",
    "caplen",
    "ts_ns",
    "eth_src",
    "eth_dst",
    "eth_type",
    "vlans",
    "ip_version",
    "src",
    "dst",
    "protocol",
    "ttl",
    "tos",
    "ip_len",
    "ip_id",
    "ip_flags",
    "frag_offset",
    "flow_label",
    "src_port",
    "dst_port",
    "tcp_flags",
    "tcp_seq",
    "tcp_ack",
    "tcp_window",
    "icmp_type",
    "icmp_code",
];

/// What our reader and parser make of a capture.
#[derive(Default)]
struct Ours {
    packets: Vec<Parsed>,
    /// Packets of interfaces whose link type is not supported.
    passed_over: u64,
    failure: Option<CaptureError>,
}

/// One packet as our parser sees it.
struct Parsed {
    number: u64,
    fields: Fields,
    /// Neither partial nor malformed.
    clean: bool,
}

/// Files as they are and the files in directories, sorted.
pub(crate) fn captures(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        for entry in fs::read_dir(path).with_context(|| format!("can't list {}", path.display()))? {
            let file = entry?.path();
            let extension = file.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("pcap" | "pcapng" | "cap")) {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Read every capture with our parser and with tshark, and compare what they say.
pub(crate) fn compare(captures: &[PathBuf]) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for path in captures {
        compare_one(path, &mut report).with_context(|| path.display().to_string())?;
    }
    Ok(report)
}

fn compare_one(path: &Path, report: &mut Report) -> anyhow::Result<()> {
    let Ours { packets, passed_over, failure } = ours(path)?;
    if let Some(CaptureError::UnsupportedLinkType { link_type, .. }) = failure {
        report.refuse(link_type);
        return Ok(());
    }
    let theirs = run::read(path)?;
    report.count_file(path, failure.as_ref(), &theirs);
    for packet in &packets {
        match theirs.packets.get(&packet.number) {
            Some(dissection) => report.packet(path, packet, dissection),
            None => report.missing(path, packet.number),
        }
    }
    report.unread(path, packets.len() as u64 + passed_over, theirs.packets.len() as u64);
    Ok(())
}

/// All packets up to the end or an error.
fn ours(path: &Path) -> anyhow::Result<Ours> {
    let mut ours = Ours::default();
    let mut capture = match Capture::open(path) {
        Ok(capture) => capture,
        Err(failure) => return Ok(Ours { failure: Some(failure), ..ours }),
    };
    loop {
        match capture.next_frame() {
            Ok(Some(frame)) => ours.packets.push(parsed(&frame)?),
            Ok(None) => break,
            Err(failure) => {
                ours.failure = Some(failure);
                break;
            }
        }
    }
    ours.passed_over = capture.refused().map(|interface| interface.packets).sum();
    Ok(ours)
}

fn parsed(frame: &Frame<'_>) -> anyhow::Result<Parsed> {
    let record = ringtap_capture::record(frame);
    let (n, ts_ns) = (frame.number, frame.timestamp_ns);
    let json = serde_json::to_value(PacketJson { n, iface: None, ts_ns, record: &record })?;
    let clean = record.marks & (mark::PARTIAL | mark::MALFORMED) == 0;
    Ok(Parsed { number: n, fields: fields(&json), clean })
}

fn fields(json: &serde_json::Value) -> Fields {
    let value = |key| Some((key, text(json.get(key)?)));
    KEYS.into_iter().filter_map(value).collect()
}

fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
