use std::collections::BTreeMap;

use ringtap_tap::{Held, Holder, Sight, TapInfo, TapVisibility};

use super::accounts::SharedTaps;

/// Says when something of others comes before a tap, and when that leaves it blind.
#[derive(Debug, Default)]
pub(crate) struct Sights {
    /// By the tap's number: what was said last.
    said: BTreeMap<u16, Said>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    behind: Vec<Holder>,
    blind: bool,
}

impl Sights {
    /// Look at every tap. Call it in the network namespace of the start.
    pub(crate) fn look(&mut self, taps: &SharedTaps) {
        let found = match taps.with(|taps| taps.visibility()) {
            Ok(found) => found,
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::warn!("what runs before the taps can't be told: {error:#}");
                return;
            }
        };
        let before = std::mem::take(&mut self.said);
        for TapVisibility { tap, sight } in found {
            let before = before.get(&tap.number).cloned().unwrap_or_default();
            self.said.insert(tap.number, say(&tap, sight, before));
        }
    }
}

/// Say what is new. Where a blind tap is only behind again, nothing is: it may be blind to most.
fn say(tap: &TapInfo, sight: Sight, before: Said) -> Said {
    let name = format!("{} {} {}", tap.interface, tap.hook.name(), tap.direction.name());
    match sight {
        Sight::Clear => {
            if !before.behind.is_empty() {
                tracing::info!("{name}: nothing of others runs before the tap any more");
            }
            Said::default()
        }
        Sight::Behind(behind) => {
            if behind == before.behind {
                return before;
            }
            tracing::warn!(
                "{name}: {} runs before the tap: what it takes away, the tap does not see",
                list(&behind)
            );
            Said { behind, blind: false }
        }
        Sight::Blind { passed, behind } => {
            if !(before.blind && behind == before.behind) {
                tracing::warn!(
                    "{name}: the tap is blind: {passed} packets passed the interface, and none \
                     came through {}{}",
                    list(&behind),
                    remedy(&behind)
                );
            }
            Said { behind, blind: true }
        }
    }
}

/// TCX alone lets a tap go first.
fn remedy(behind: &[Holder]) -> &'static str {
    match behind.iter().all(|holder| holder.how == Held::Tcx) {
        true => "; a ringtap that is started now runs first",
        false => "",
    }
}

fn list(holders: &[Holder]) -> String {
    let holders: Vec<_> = holders.iter().map(ToString::to_string).collect();
    holders.join(" and ")
}
