use std::{collections::BTreeMap, fmt, path::Path};

use ringtap_capture::{CaptureError, LinkType};

use super::{KEYS, Parsed, dissection::Dissection, run::Theirs};

/// Differences of a field that are shown.
const SHOWN: usize = 12;

/// Agreement by field. What counts are clean packets: where headers end early or contradict
/// themselves, we and tshark stop at different places.
#[derive(Default)]
pub(crate) struct Report {
    files: usize,
    clean_packets: u64,
    marked_packets: u64,
    refused: BTreeMap<LinkType, u64>,
    clean: BTreeMap<&'static str, Tally>,
    marked: BTreeMap<&'static str, Tally>,
    /// Packets that tshark sees in another way, for a known reason.
    excused: BTreeMap<&'static str, u64>,
    /// Packets in which tshark finds IP beyond a protocol that our parser does not follow.
    beyond: BTreeMap<String, u64>,
    /// Captures that only one of the two could read to the end, or read as other packets.
    reading: Vec<String>,
}

#[derive(Default)]
struct Tally {
    equal: u64,
    different: u64,
    shown: Vec<String>,
}

impl Report {
    /// Whether clean packets and the captures themselves were read the same.
    pub(crate) fn agrees(&self) -> bool {
        self.reading.is_empty() && self.clean.values().all(|tally| tally.different == 0)
    }

    pub(super) fn refuse(&mut self, link_type: LinkType) {
        *self.refused.entry(link_type).or_default() += 1;
    }

    pub(super) fn count_file(
        &mut self,
        path: &Path,
        failure: Option<&CaptureError>,
        theirs: &Theirs,
    ) {
        self.files += 1;
        match (failure, &theirs.complaint) {
            (Some(error), None) => self.reading.push(format!("only we refuse: {error}")),
            (None, Some(complaint)) => {
                self.reading.push(format!("{}: only tshark refuses: {complaint}", path.display()));
            }
            _ => {}
        }
    }

    pub(super) fn packet(&mut self, path: &Path, ours: &Parsed, theirs: &Dissection) {
        if let Some(protocol) = &theirs.beyond {
            *self.beyond.entry(protocol.clone()).or_default() += 1;
        }
        let differs = KEYS.iter().any(|key| ours.fields.get(key) != theirs.fields.get(key));
        if let Some(excuse) = theirs.excuse.filter(|_| differs) {
            *self.excused.entry(excuse).or_default() += 1;
            return;
        }
        let (packets, tallies) = if ours.clean {
            (&mut self.clean_packets, &mut self.clean)
        } else {
            (&mut self.marked_packets, &mut self.marked)
        };
        *packets += 1;
        for key in KEYS {
            let (mine, other) = (ours.fields.get(key), theirs.fields.get(key));
            tallies.entry(key).or_default().count(path, ours.number, mine, other);
        }
    }

    pub(super) fn missing(&mut self, path: &Path, number: u64) {
        self.reading.push(format!("{}: tshark has no packet {number}", path.display()));
    }

    pub(super) fn unread(&mut self, path: &Path, ours: u64, theirs: u64) {
        if ours < theirs {
            self.reading.push(format!("{}: {ours} of {theirs} packets read", path.display()));
        }
    }
}

impl Tally {
    fn count(&mut self, path: &Path, number: u64, mine: Option<&String>, other: Option<&String>) {
        if mine == other {
            self.equal += u64::from(mine.is_some());
            return;
        }
        self.different += 1;
        if self.shown.len() < SHOWN {
            let file = path.file_name().unwrap_or_default().display();
            let [mine, other] = [mine, other].map(|value| value.map_or("absent", String::as_str));
            self.shown.push(format!("{file} {number}: {mine}, tshark {other}"));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} captures read", self.files)?;
        for (link_type, files) in &self.refused {
            writeln!(f, "{files} captures not read: link type {link_type}")?;
        }
        for (protocol, packets) in &self.beyond {
            writeln!(f, "{packets} packets have IP beyond {protocol}, which is not followed")?;
        }
        for (excuse, packets) in &self.excused {
            writeln!(f, "{packets} packets not compared: {excuse}")?;
        }
        for line in &self.reading {
            writeln!(f, "{line}")?;
        }
        table(f, "clean", self.clean_packets, &self.clean)?;
        table(f, "partial or malformed", self.marked_packets, &self.marked)
    }
}

fn table(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    packets: u64,
    tallies: &BTreeMap<&'static str, Tally>,
) -> fmt::Result {
    writeln!(f, "\n{packets} {title} packets")?;
    writeln!(f, "{:12} {:>9} {:>9} {:>9}", "field", "compared", "equal", "different")?;
    for key in KEYS {
        let Some(Tally { equal, different, shown }) = tallies.get(key) else { continue };
        writeln!(f, "{key:12} {:>9} {equal:>9} {different:>9}", equal + different)?;
        for line in shown {
            writeln!(f, "    {line}")?;
        }
    }
    Ok(())
}
