//! What an attached tap can see, given what others put before it.

use std::collections::BTreeMap;

use ringtap_net::{Interface, LinkStatistics, all_link_statistics, interfaces};
use ringtap_record::{Direction, Hook};

use crate::{
    error::TapError,
    link::Link,
    survey::{Holder, filter_holders, tcx_holders_of, xdp_holder},
    taps::{Tap, TapInfo, Taps},
};

/// What a tap can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapVisibility {
    pub tap: TapInfo,
    pub sight: Sight,
}

/// Whether others stand between the packets and a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nobody runs before the tap.
    Clear,
    /// These run before it, in this order: what they take away, it does not see.
    Behind(Vec<Holder>),
    /// Since a look that found these before it, the interface counted packets of the tap's direction
    /// and the tap saw none.
    Blind { passed: u64, behind: Vec<Holder> },
}

/// What was found at a look, to tell what happened since.
pub(crate) struct Mark {
    behind: Vec<Holder>,
    passed: u64,
    seen: u64,
}

impl Taps {
    /// What runs before each attached tap now, and whether that leaves it anything to see. Taps of
    /// other runtimes are left out, since they let every packet go on.
    ///
    /// Each call compares with an earlier one, so call it every now and then: a tap is told to be
    /// blind from the second call on that finds the same programs before it. A program that drops
    /// what goes out leaves no trace in the interface's counts; a tap behind it is never told to be
    /// more than behind. Taps of interfaces that are gone are left out. Call it in the network
    /// namespace that the taps were attached in. Takes what attaching took, and CAP_SYS_ADMIN for
    /// the names of programs.
    pub fn visibility(&mut self) -> Result<Vec<TapVisibility>, TapError> {
        // Before the taps' own counts, so that a packet on its way between both is no evidence.
        let statistics = all_link_statistics()?;
        let interfaces = interfaces()?.into_iter().map(|interface| (interface.index, interface));
        let interfaces: BTreeMap<_, _> = interfaces.collect();
        let mut looks = Vec::new();
        for tap in self.taps.values() {
            let (Some(link), Some(interface)) = (&tap.link, interfaces.get(&tap.info.ifindex))
            else {
                continue;
            };
            let statistics = statistics.get(&tap.info.ifindex).copied().unwrap_or_default();
            let mark = Mark {
                behind: self.ahead(tap, link, interface)?,
                passed: passed(statistics, tap.info.direction),
                seen: self.counted(tap.info.number)?.seen,
            };
            looks.push((tap.info.number, mark));
        }
        let look = |(number, now)| {
            let tap = self.taps.get_mut(&number)?;
            Some(TapVisibility { tap: tap.info.clone(), sight: compare(&mut tap.mark, now) })
        };
        Ok(looks.into_iter().filter_map(look).collect())
    }

    /// What runs before a tap, in this order.
    fn ahead(
        &self,
        tap: &Tap,
        link: &Link,
        interface: &Interface,
    ) -> Result<Vec<Holder>, TapError> {
        if tap.info.hook == Hook::Xdp {
            return Ok(Vec::new());
        }
        let direction = tap.info.direction;
        let mut chain: Vec<_> = xdp_holder(interface).into_iter().collect();
        chain.extend(tcx_holders_of(interface, direction)?);
        if matches!(link, Link::Filter(_)) {
            chain.extend(filter_holders(interface)?);
        }
        let own = self.program_id(tap.kind);
        let before = chain.into_iter().take_while(|it| it.program_id() != own || own.is_none());
        Ok(before.filter(|it| it.direction == direction && !it.is_tap()).collect())
    }
}

fn passed(statistics: LinkStatistics, direction: Direction) -> u64 {
    match direction {
        Direction::Ingress => statistics.rx_packets,
        Direction::Egress => statistics.tx_packets,
    }
}

/// The mark stays where nothing came to the tap, so that evidence adds up.
fn compare(mark: &mut Option<Mark>, now: Mark) -> Sight {
    let behind = now.behind.clone();
    let passed = match mark {
        Some(mark) if mark.behind == now.behind && mark.seen == now.seen => {
            now.passed.saturating_sub(mark.passed)
        }
        _ => {
            *mark = Some(now);
            0
        }
    };
    match (behind.is_empty(), passed) {
        (true, _) => Sight::Clear,
        (false, 0) => Sight::Behind(behind),
        (false, passed) => Sight::Blind { passed, behind },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{owner::Owner, survey::Held};

    fn look(mark: &mut Option<Mark>, ahead: &[u32], passed: u64, seen: u64) -> String {
        let holder = |id: &u32| Holder {
            hook: Hook::Tc,
            direction: Direction::Ingress,
            program: Some(Owner { id: *id, name: None }),
            how: Held::Tcx,
        };
        let behind = ahead.iter().map(holder).collect();
        match compare(mark, Mark { behind, passed, seen }) {
            Sight::Clear => "clear".to_owned(),
            Sight::Behind(behind) => format!("behind {}", behind.len()),
            Sight::Blind { passed, behind } => format!("blind to {passed} behind {}", behind.len()),
        }
    }

    #[test]
    fn blind_is_what_sees_nothing_while_the_interface_moves_on() {
        let mut mark = None;
        assert_eq!(look(&mut mark, &[], 10, 10), "clear");
        assert_eq!(look(&mut mark, &[], 20, 10), "clear", "nobody is to blame");
        assert_eq!(look(&mut mark, &[7], 50, 10), "behind 1", "just came");
        assert_eq!(look(&mut mark, &[7], 50, 10), "behind 1", "nothing passed");
        assert_eq!(look(&mut mark, &[7], 51, 10), "blind to 1 behind 1");
        assert_eq!(look(&mut mark, &[7], 60, 10), "blind to 10 behind 1");
        assert_eq!(look(&mut mark, &[7], 61, 11), "behind 1", "one came through");
        assert_eq!(look(&mut mark, &[7], 63, 11), "blind to 2 behind 1");
        assert_eq!(look(&mut mark, &[8, 7], 64, 11), "behind 2", "another one came");
        assert_eq!(look(&mut mark, &[], 65, 11), "clear");
    }
}
