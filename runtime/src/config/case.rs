//! `case.toml`: what `ringtap plugin test` is to do with a plugin.

use std::path::{Path, PathBuf};

use super::{
    ConfigError, Expected, Own,
    document::{Document, Section},
    schema,
};

/// Random packets of a case, at most.
const MOST_PACKETS: usize = 1_000_000;

/// What a case's file says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CaseFile {
    /// As it stands there: relative to the case's folder.
    pub capture: Option<PathBuf>,
    pub random: Option<RandomPackets>,
    /// Events for an exporter, as `capture`.
    pub input: Option<PathBuf>,
    /// The plugin's own config.
    pub config: Option<String>,
    /// Whether what the plugin does depends on where batches begin and end. Default: no.
    pub depends_on_batches: bool,
    /// Whether the golden file has the plugin's state. Default: no.
    pub show_state: bool,
    /// Of `[plugins.NAME]`, what holds for a plugin that is alone.
    pub own: Own,
}

/// Structured random packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RandomPackets {
    pub packets: usize,
    /// Default: 1.
    pub seed: u64,
}

impl CaseFile {
    /// What `text`, which is from `path`, says, or all that is wrong with it.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let document = Document::new(path, text);
        let case = document.root().map(case);
        let problems = document.problems();
        case.filter(|_| problems.is_empty()).ok_or(ConfigError::Problems(problems))
    }
}

fn case(mut root: Section<'_>) -> CaseFile {
    let case = CaseFile {
        capture: root.text("capture", path),
        random: random(&mut root),
        input: root.text("input", path),
        config: root.text("config", |text| Ok(text.to_owned())),
        depends_on_batches: root.truth("depends_on_batches").unwrap_or(false),
        show_state: root.truth("show_state").unwrap_or(false),
        own: plugin(root.section("plugin")),
    };
    root.end();
    case
}

fn random(root: &mut Section<'_>) -> Option<RandomPackets> {
    let place = root.place_of("random")?;
    let mut section = root.section("random");
    let packets = section.number("packets", 1..=MOST_PACKETS);
    let seed = section.number("seed", 0..=usize::MAX).unwrap_or(1) as u64;
    if packets.is_none() {
        section.complain_at(
            place,
            "packets",
            "says how many, such as { packets = 1000, seed = 1 }",
        );
    }
    section.end();
    Some(RandomPackets { packets: packets.unwrap_or(1), seed })
}

fn plugin(mut section: Section<'_>) -> Own {
    let own = schema::alone(&mut section);
    section.end();
    own
}

fn path(text: &str) -> Result<PathBuf, Expected> {
    match text {
        "" => Err(Expected("the path of a file, relative to the case's folder".to_owned())),
        path => Ok(path.into()),
    }
}
