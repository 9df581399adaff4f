//! What a program that is on a hook already means for our taps.

use ringtap_net::XdpMode;
use ringtap_record::{Direction, Hook};
use ringtap_tap::{Attachment, Held, Holder, TcMode};

use super::Finding;

/// The taps that an interface is to get.
pub(super) struct Wanted {
    pub(super) taps: Vec<Attachment>,
    pub(super) has_tcx: bool,
}

/// What a program or filter that is there already means for our taps.
pub(super) fn held(holder: &Holder, wanted: &Wanted) -> Finding {
    let what = what(holder);
    if wanted.taps.iter().any(|tap| holder.excludes(*tap)) {
        return Finding::host(format!(
            "the XDP hook is held by {what}: end what put it there, or tap with `--ingress tc`"
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

/// XDP runs before TC; TCX before filters, and links of ours before others there.
fn consequence(holder: &Holder, wanted: &Wanted) -> &'static str {
    const AFTER: &str = ", after the tap";
    let tap = wanted.taps.iter().find(|tap| tap.direction() == holder.direction);
    match (holder.hook, tap) {
        (_, None) => "",
        (Hook::Tc, Some(Attachment::XdpIngress(_))) => AFTER,
        (Hook::Tc, Some(tap)) if wanted.is_link(*tap) => AFTER,
        (Hook::Tc, Some(_)) => ", maybe before the tap: what it takes away, the tap does not see",
        _ => ", before the tap: what it takes away, the tap does not see",
    }
}

fn hook(holder: &Holder) -> &'static str {
    match (holder.hook, holder.direction) {
        (Hook::Xdp, _) => "XDP",
        (_, Direction::Egress) => "TC egress",
        _ => "TC ingress",
    }
}

fn what(holder: &Holder) -> String {
    let program = holder.program.as_ref().map(ToString::to_string);
    match &holder.how {
        Held::Xdp(mode) => format!("{}, {}", program.unwrap_or_default(), xdp_mode(*mode)),
        Held::Tcx => format!("{}, by TCX", program.unwrap_or_default()),
        Held::Filter { kind, name, .. } => {
            let name = name.as_ref().map(|name| format!(" {name:?}")).unwrap_or_default();
            let program = program.map(|program| format!(" with {program}")).unwrap_or_default();
            format!("the {kind} filter{name}{program}")
        }
    }
}

fn xdp_mode(mode: XdpMode) -> &'static str {
    match mode {
        XdpMode::Native => "native",
        XdpMode::Generic => "generic",
        XdpMode::Offloaded => "offloaded",
        XdpMode::Multiple => "in several modes",
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
        Held::Filter { kind: "bpf".to_owned(), name, orphan }
    }

    pub(in crate::check) fn wanted(taps: &[Attachment]) -> Wanted {
        Wanted { taps: taps.to_vec(), has_tcx: true }
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
        let filter = || holder(Direction::Egress, filter(false));
        let maybe = line(filter(), &wanted(&[Attachment::TcEgress(TcMode::Filter)]));
        assert_eq!(
            maybe,
            "note TC egress also runs the bpf filter \"ringtap_egress:x:\" with program 12 \
             (\"other\"), maybe before the tap: what it takes away, the tap does not see"
        );
    }

    #[test]
    fn an_orphan_can_be_removed() {
        let found = held(&holder(Direction::Egress, filter(true)), &wanted(&[EGRESS])).to_string();
        let wanted = "with program 12 (\"other\") is a tap that a dead process left: `ringtap \
                      detach` or the next start removes it";
        assert!(found.ends_with(wanted), "{found}");
    }
}
