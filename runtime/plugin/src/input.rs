//! Whether a plugin fits where its operator put it among others.

use ringtap_interest::Interest;
use ringtap_pipeline::name::PluginName;

use crate::{
    graph::Takes,
    plugin::{Plugin, Role},
};

/// Why a plugin does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInput {
    #[error("its input `{0}` is not there: it is tried again when it is")]
    Absent(PluginName),
    #[error("its input `{0}` is not accepted yet: it is tried again when it is")]
    NotAccepted(PluginName),
    #[error(
        "its input `{input}` gives no records, since it does not export `filter`: set `input` to a filter, or leave it out to take packets from the taps"
    )]
    NotAFilter { input: PluginName },
    #[error(
        "exports `exporter` and gets no events: set `input` to the plugins whose events it takes"
    )]
    NoInput,
    #[error("has an `input` and takes neither records nor events: leave `input` out")]
    TakesNothing,
    #[error(
        "states interests of its own, and gets what its input keeps: leave `input` out, or have the filter want these packets"
    )]
    OwnInterests,
    #[error(
        "no longer exports `filter`, and is the input of `{taker}`, which takes records: change that first"
    )]
    StillNeeded { taker: PluginName },
}

/// What is known of another plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// There are no files of it.
    Absent,
    /// It was not accepted, or not yet.
    NotAccepted,
    Accepted(Option<Role>),
}

impl BadInput {
    /// Whether it may fit as it is, once another plugin has changed.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Absent(_)
                | Self::NotAccepted(_)
                | Self::NotAFilter { .. }
                | Self::StillNeeded { .. }
        )
    }
}

/// What a plugin takes from others, if its place gives it anything to take.
pub(crate) fn takes(plugin: &Plugin) -> Option<Takes> {
    match plugin.work()? {
        Role::Exporter => Some(Takes::Events),
        _ => Some(Takes::Records),
    }
}

/// Hold a plugin against its `inputs`.
pub(crate) fn check(
    plugin: &Plugin,
    inputs: &[PluginName],
    known: impl Fn(&PluginName) -> Known,
) -> Result<(), BadInput> {
    let takes = takes(plugin);
    match (inputs, takes) {
        ([], Some(Takes::Events)) => return Err(BadInput::NoInput),
        ([], _) => return Ok(()),
        (_, None) => return Err(BadInput::TakesNothing),
        _ => {}
    }
    for input in inputs {
        match (known(input), takes) {
            (Known::Absent, _) => return Err(BadInput::Absent(input.clone())),
            (Known::NotAccepted, _) => return Err(BadInput::NotAccepted(input.clone())),
            (Known::Accepted(Some(Role::Filter)), _) | (_, Some(Takes::Events)) => {}
            _ => return Err(BadInput::NotAFilter { input: input.clone() }),
        }
    }
    let wants_all = plugin.interests() == [Interest::everything()];
    let takes_records = takes == Some(Takes::Records);
    if takes_records && !wants_all { Err(BadInput::OwnInterests) } else { Ok(()) }
}
