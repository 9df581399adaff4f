//! Putting taps on an interface, and saying so.

use ringtap_net::Interface;
use ringtap_tap::{Attachment, TapError, TapInfo};

use super::{accounts::SharedTaps, interfaces};
use crate::config::Taps;

/// What came of it: how many taps are on, and why others are not.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) attached: usize,
    pub(crate) failures: Vec<TapError>,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: Self) {
        self.attached += other.attached;
        self.failures.extend(other.failures);
    }
}

/// Give an interface the taps that it is to have.
pub(crate) fn attach(
    config: &Taps,
    interface: &Interface,
    because: &str,
    taps: &SharedTaps,
) -> Outcome {
    let mut outcome = Outcome::default();
    for attachment in interfaces::attachments(config, interface) {
        match attach_or_fall_back(config, interface, attachment, taps) {
            Ok(tap) => {
                outcome.attached += 1;
                tracing::info!(
                    "tapping {} ({because}): {} {} by {}",
                    interface.name,
                    tap.hook.name(),
                    tap.direction.name(),
                    tap.how
                );
            }
            Err(error) => outcome.failures.push(error),
        }
    }
    outcome
}

fn attach_or_fall_back(
    config: &Taps,
    interface: &Interface,
    attachment: Attachment,
    taps: &SharedTaps,
) -> Result<TapInfo, TapError> {
    let refused = match taps.with(|taps| taps.attach(interface, attachment)) {
        Ok(tap) => return Ok(tap),
        Err(error) => error,
    };
    let Some(instead) = interfaces::instead_of(config, attachment) else { return Err(refused) };
    let Some(reason) = refused.lack_of_xdp() else { return Err(refused) };
    tracing::warn!("{}: {reason}; tapping {} instead", interface.name, instead.name());
    taps.with(|taps| taps.attach(interface, instead))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ringtap_lab::{Lab, LabConfig, Side};
    use ringtap_net::interface_named;

    use super::*;
    use crate::config::Ingress;

    fn taps() -> Result<SharedTaps, TapError> {
        let mut taps = ringtap_tap::Taps::load(ringtap_tap::Config::default())?;
        taps.reader(drop);
        Ok(SharedTaps(Mutex::new(taps)))
    }

    fn hooks(taps: &SharedTaps) -> Vec<String> {
        let hook = |tap: &TapInfo| format!("{} {}", tap.hook.name(), tap.direction.name());
        taps.with(|taps| taps.attached().map(hook).collect())
    }

    /// A card, as far as `auto` can tell: a lab has none.
    fn card() -> Interface {
        Interface { kind: None, ..interface_named(Side::Near.interface()).unwrap().unwrap() }
    }

    #[test]
    fn auto_falls_back_to_tc_where_another_runtime_has_xdp() {
        let lab = match Lab::new(LabConfig::default()) {
            Err(error) if error.is_not_permitted() => {
                eprintln!("SKIPPED: {error}: CAP_SYS_ADMIN and CAP_NET_ADMIN are needed");
                return;
            }
            lab => lab.unwrap(),
        };
        let fall_back = || {
            let (first, second) = (taps().unwrap(), taps().unwrap());
            let mut config = Taps::default();
            assert_eq!(attach(&config, &card(), "test", &first).attached, 2);
            assert_eq!(hooks(&first), ["xdp ingress", "tc egress"]);
            let outcome = attach(&config, &card(), "test", &second);
            assert_eq!(outcome.attached, 2, "{:?}", outcome.failures);
            assert_eq!(hooks(&second), ["tc ingress", "tc egress"]);

            let third = taps().unwrap();
            config.ingress = Ingress::Xdp;
            let outcome = attach(&config, &card(), "test", &third);
            assert_eq!(hooks(&third), ["tc egress"]);
            let said = outcome.failures[0].to_string();
            assert!(said.contains("(\"ringtap_xdp\") of another ringtap"), "{said}");
            assert_eq!(hooks(&first), ["xdp ingress", "tc egress"]);
        };
        lab.inside(Side::Near, fall_back).unwrap();
    }
}
