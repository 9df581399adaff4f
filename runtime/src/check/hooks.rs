//! What a program that is on a hook already means for our taps.

use ringtap_record::{Direction, Hook};
use ringtap_tap::{Attachment, Held, Holder, TcMode, ahead_of};

use super::Finding;

/// The taps that an interface is to get.
pub(super) struct Wanted {
    pub(super) taps: Vec<Attachment>,
    pub(super) has_tcx: bool,
    /// Whether TC takes the place of XDP where that is held.
    pub(super) falls_back: bool,
}

/// What a program or filter that is there already means for our taps.
pub(super) fn held(holder: &Holder, wanted: &Wanted) -> Finding {
    let what = holder.to_string();
    if wanted.taps.iter().any(|tap| holder.excludes(*tap)) {
        if wanted.falls_back {
            return Finding::note(format!(
                "the XDP hook is held by {what}: TC ingress is tapped instead, after it: what it \
                 takes away, the tap does not see"
            ));
        }
        return Finding::host(format!(
            "the XDP hook is held by {what}: end what put it there, or tap with `--ingress auto`, which takes TC then"
        ));
    }
    if let Held::Filter { orphan: true, .. } = holder.how {
        return Finding::note(format!(
            "{what} is a tap that a dead process left: `ringtap detach` or the next start removes \
             it"
        ));
    }
    let consequence = consequence(holder, wanted);
    Finding::note(format!("{} also runs {what}{consequence}", hook(holder)))
}

/// A tap of a ringtap that runs, and what stands before it.
pub(super) fn behind(chain: &[Holder], place: usize) -> Option<Finding> {
    let tap = chain.get(place)?;
    let is_alive = !matches!(tap.how, Held::Filter { orphan: true, .. });
    if !(is_alive && tap.is_tap()) {
        return None;
    }
    let ahead = ahead_of(chain, place);
    let others = ahead.filter(|it| !it.is_tap());
    let others: Vec<_> = others.map(ToString::to_string).collect();
    let others = (!others.is_empty()).then(|| others.join(" and "))?;
    Some(Finding::note(format!(
        "the {} tap that runs, {tap}, is behind {others}: what that takes away, it does not see",
        hook(tap)
    )))
}

/// XDP runs before TC, TCX before filters. Where a tap is put, it is the first.
fn consequence(holder: &Holder, wanted: &Wanted) -> &'static str {
    const AFTER: &str = ", after the tap";
    const BEFORE: &str = ", before the tap: what it takes away, the tap does not see";
    let tap = wanted.taps.iter().find(|tap| tap.direction() == holder.direction);
    match (holder.hook, tap) {
        (_, None) => "",
        (Hook::Tc, Some(Attachment::XdpIngress(_))) => AFTER,
        (Hook::Tc, Some(tap)) if wanted.is_link(*tap) || holder.how != Held::Tcx => AFTER,
        _ => BEFORE,
    }
}

fn hook(holder: &Holder) -> &'static str {
    match (holder.hook, holder.direction) {
        (Hook::Xdp, _) => "XDP",
        (_, Direction::Egress) => "TC egress",
        _ => "TC ingress",
    }
}

impl Wanted {
    fn is_link(&self, tap: Attachment) -> bool {
        match tap {
            Attachment::XdpIngress(_) => true,
            Attachment::TcIngress(mode) | Attachment::TcEgress(mode) => match mode {
                TcMode::Link => true,
                TcMode::Auto => self.has_tcx,
                TcMode::Filter => false,
            },
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ringtap_tap::{Owner, XdpMode as TapMode};

    use super::*;

    pub(in crate::check) const XDP: Attachment = Attachment::XdpIngress(TapMode::Auto);
    pub(in crate::check) const INGRESS: Attachment = Attachment::TcIngress(TcMode::Auto);
    pub(in crate::check) const EGRESS: Attachment = Attachment::TcEgress(TcMode::Auto);

    pub(in crate::check) fn holder(direction: Direction, how: Held) -> Holder {
        let hook = if matches!(how, Held::Xdp(_)) { Hook::Xdp } else { Hook::Tc };
        let program = Some(Owner { id: 12, name: Some("other".to_owned()) });
        Holder { hook, direction, program, how }
    }

    fn filter(orphan: bool) -> Held {
        let name = Some("ringtap_egress:x:".to_owned());
        Held::Filter { kind: "bpf".to_owned(), name, priority: 1, orphan }
    }

    pub(in crate::check) fn wanted(taps: &[Attachment]) -> Wanted {
        Wanted { taps: taps.to_vec(), has_tcx: true, falls_back: false }
    }

    #[test]
    fn others_on_tc_are_noted_with_their_place_in_the_row() {
        let line = |holder: Holder, wanted: &Wanted| held(&holder, wanted).to_string();
        let tcx = || holder(Direction::Ingress, Held::Tcx);
        let after = "note TC ingress also runs program 12 (\"other\"), by TCX, after the tap";
        assert_eq!(line(tcx(), &wanted(&[XDP])), after);
        assert_eq!(line(tcx(), &wanted(&[INGRESS])), after);
        let alone = "note TC ingress also runs program 12 (\"other\"), by TCX";
        assert_eq!(line(tcx(), &wanted(&[EGRESS])), alone);
        let filters = wanted(&[Attachment::TcEgress(TcMode::Filter)]);
        assert_eq!(
            line(holder(Direction::Egress, filter(false)), &filters),
            "note TC egress also runs the bpf filter \"ringtap_egress:x:\" with program 12 \
             (\"other\"), after the tap"
        );
        assert_eq!(
            line(holder(Direction::Egress, Held::Tcx), &filters),
            "note TC egress also runs program 12 (\"other\"), by TCX, before the tap: what it \
             takes away, the tap does not see"
        );
    }

    #[test]
    fn a_tap_that_runs_is_behind_what_runs_before_it() {
        let tap = |how| {
            let program = Some(Owner { id: 20, name: Some("ringtap_egress".to_owned()) });
            Holder { program, ..holder(Direction::Egress, how) }
        };
        let said = |chain: &[Holder]| {
            let found = (0..chain.len()).filter_map(|place| behind(chain, place));
            found.map(|finding| finding.to_string()).collect::<Vec<_>>()
        };
        let ingress = || holder(Direction::Ingress, Held::Tcx);
        let egress = || holder(Direction::Egress, Held::Tcx);
        assert_eq!(said(&[ingress(), tap(Held::Tcx), egress()]), [""; 0]);
        assert_eq!(said(&[tap(Held::Tcx), tap(Held::Tcx)]), [""; 0]);
        assert_eq!(said(&[egress(), tap(filter(true))]), [""; 0]);
        let wanted = "note the TC egress tap that runs, program 20 (\"ringtap_egress\") of another \
                      ringtap, by TCX, is behind program 12 (\"other\"), by TCX: what that takes \
                      away, it does not see";
        assert_eq!(said(&[egress(), tap(Held::Tcx)]), [wanted]);
    }

    #[test]
    fn an_orphan_can_be_removed() {
        let found = held(&holder(Direction::Egress, filter(true)), &wanted(&[EGRESS])).to_string();
        let wanted = "with program 12 (\"other\") is a tap that a dead process left: `ringtap \
                      detach` or the next start removes it";
        assert!(found.ends_with(wanted), "{found}");
    }
}
