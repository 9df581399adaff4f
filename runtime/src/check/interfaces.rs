//! The interfaces to tap, and who is on their hooks already.

use ringtap_net::{Interface, LinkLayer, XdpMode};
use ringtap_record::{Direction, Hook};
use ringtap_tap::{Attachment, Held, Holder, TapError, TcMode, has_tcx, holders, tcx_holders};

use super::Finding;
use crate::{
    app::interfaces::{attachments, choose},
    config::Loaded,
};

pub(super) fn check(loaded: &Loaded) -> Vec<Finding> {
    let chosen = match choose(&loaded.config) {
        Ok(chosen) => chosen,
        Err(error) => return vec![Finding::host(format!("interfaces: {error:#}"))],
    };
    let missing = chosen.missing.iter().map(|it| Finding::host(format!("interfaces: {it}")));
    let mut findings: Vec<_> = missing.collect();
    // Where this can't be told, holders can't either.
    let has_tcx = has_tcx().unwrap_or(false);
    for interface in &chosen.interfaces {
        let taps = attachments(&loaded.config.taps, interface);
        let wanted = Wanted { taps, has_tcx };
        let there = There::look(interface);
        let found = one(interface, chosen.because, &wanted, there);
        let whose = format!("interface {}", interface.name);
        findings.extend(found.into_iter().map(|finding| finding.about(&whose)));
    }
    findings
}

/// The taps that an interface is to get.
struct Wanted {
    taps: Vec<Attachment>,
    has_tcx: bool,
}

/// What is on its hooks already.
#[derive(Default)]
struct There {
    holders: Vec<Holder>,
    /// Why more could not be seen.
    unknown: Vec<String>,
}

impl There {
    fn look(interface: &Interface) -> Self {
        let mut there = Self::default();
        for seen in [tcx_holders(interface), holders(interface)] {
            match seen {
                Ok(holders) => there.holders.extend(holders),
                Err(TapError::Privilege { .. }) => {
                    there.unknown.push("TCX is not known without CAP_NET_ADMIN".to_owned());
                }
                Err(error) => there.unknown.push(format!("{:#}", anyhow::Error::from(error))),
            }
        }
        there
    }
}

fn one(interface: &Interface, because: &str, wanted: &Wanted, there: There) -> Vec<Finding> {
    if let LinkLayer::Other(hardware) = interface.starts_with() {
        return vec![Finding::host(format!(
            "frames start with hardware type {hardware}, which taps can't parse: name others with \
             -i"
        ))];
    }
    let mut findings = Vec::new();
    if !interface.up {
        findings.push(Finding::note(format!(
            "is down, and its taps see nothing until `ip link set dev {} up`",
            interface.name
        )));
    }
    let There { holders, unknown } = there;
    findings.extend(unknown.into_iter().map(Finding::note));
    findings.extend(holders.iter().map(|holder| held(holder, wanted)));
    let free = |tap: &&Attachment| !holders.iter().any(|holder| holder.excludes(**tap));
    let free: Vec<_> = wanted.taps.iter().filter(free).map(|tap| tap.name()).collect();
    if !free.is_empty() {
        findings.insert(0, Finding::ok(format!("{because}; free for {}", free.join(" and "))));
    }
    findings
}

/// What a program or filter that is there already means for our taps.
fn held(holder: &Holder, wanted: &Wanted) -> Finding {
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

#[cfg(test)]
mod tests {
    use ringtap_tap::{Owner, XdpMode as TapMode};

    use super::*;

    fn interface(hardware: u16, up: bool) -> Interface {
        Interface {
            index: 7,
            name: "eth7".to_owned(),
            kind: None,
            hardware,
            mtu: 1500,
            up,
            operational: None,
            xdp: None,
        }
    }

    fn holder(direction: Direction, how: Held) -> Holder {
        let hook = if matches!(how, Held::Xdp(_)) { Hook::Xdp } else { Hook::Tc };
        let program = Some(Owner { id: 12, name: Some("other".to_owned()) });
        Holder { hook, direction, program, how }
    }

    fn filter(orphan: bool) -> Held {
        let name = Some("ringtap_egress:x:".to_owned());
        Held::Filter { kind: "bpf".to_owned(), name, orphan }
    }

    fn wanted(taps: &[Attachment]) -> Wanted {
        Wanted { taps: taps.to_vec(), has_tcx: true }
    }

    fn said(interface: &Interface, wanted: &Wanted, holders: Vec<Holder>) -> Vec<String> {
        let there = There { holders, unknown: Vec::new() };
        let found = one(interface, "asked for", wanted, there);
        found.iter().map(ToString::to_string).collect()
    }

    const XDP: Attachment = Attachment::XdpIngress(TapMode::Auto);
    const INGRESS: Attachment = Attachment::TcIngress(TcMode::Auto);
    const EGRESS: Attachment = Attachment::TcEgress(TcMode::Auto);

    #[test]
    fn an_interface_that_is_up_and_free_is_well() {
        let found = said(&interface(1, true), &wanted(&[XDP, EGRESS]), Vec::new());
        assert_eq!(found, ["ok   asked for; free for XDP ingress and TC egress"]);
    }

    #[test]
    fn what_taps_can_not_parse_and_what_is_down_is_told() {
        let found = said(&interface(804, true), &wanted(&[XDP]), Vec::new());
        let other = "FAIL frames start with hardware type 804, which taps can't parse: name others \
                     with -i";
        assert_eq!(found, [other]);
        let found = said(&interface(1, false), &wanted(&[XDP]), Vec::new());
        let down = "note is down, and its taps see nothing until `ip link set dev eth7 up`";
        assert_eq!(found, ["ok   asked for; free for XDP ingress", down]);
    }

    #[test]
    fn a_program_where_xdp_would_go_is_a_problem() {
        let holders = || vec![holder(Direction::Ingress, Held::Xdp(XdpMode::Native))];
        let found = said(&interface(1, true), &wanted(&[XDP, EGRESS]), holders());
        let held = "FAIL the XDP hook is held by program 12 (\"other\"), native: end what put it \
                    there, or tap with `--ingress tc`";
        assert_eq!(found, ["ok   asked for; free for TC egress", held]);
        let found = said(&interface(1, true), &wanted(&[INGRESS]), holders());
        let before = "note XDP also runs program 12 (\"other\"), native, before the tap: what it \
                      takes away, the tap does not see";
        assert_eq!(found[1], before);
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
