//! The interfaces to tap, and who is on their hooks already.

use ringtap_net::{Interface, LinkLayer};
use ringtap_tap::{Attachment, Held, Holder, TapError, has_tcx, holders, tcx_holders};

use super::{
    Finding,
    hooks::{Wanted, behind, held},
};
use crate::{
    app::interfaces::{Selection, attachments, instead_of},
    config::Loaded,
};

pub(super) fn check(loaded: &Loaded) -> Vec<Finding> {
    let selection = Selection::of(&loaded.config);
    let chosen = match selection.choose() {
        Ok(chosen) => chosen,
        Err(error) => return vec![Finding::host(format!("interfaces: {error:#}"))],
    };
    let missing = chosen.missing.iter().map(|it| Finding::host(format!("interfaces: {it}")));
    let mut findings: Vec<_> = missing.collect();
    let waiting = chosen.waiting.iter();
    findings
        .extend(waiting.map(|it| Finding::note(format!("interfaces: {it}; run waits for one"))));
    // Where this can't be told, holders can't either.
    let has_tcx = has_tcx().unwrap_or(false);
    for interface in &chosen.interfaces {
        let config = &loaded.config.taps;
        let taps = attachments(config, interface);
        let falls_back = taps.iter().any(|tap| instead_of(config, *tap).is_some());
        let wanted = Wanted { taps, has_tcx, falls_back };
        let there = There::look(interface);
        let found = one(interface, selection.because(), &wanted, there);
        let whose = format!("interface {}", interface.name);
        findings.extend(found.into_iter().map(|finding| finding.about(&whose)));
    }
    findings
}

/// What is on an interface's hooks already.
#[derive(Default)]
struct There {
    /// In the order in which they run.
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
        there.holders.sort_by_key(|holder| match holder.how {
            Held::Xdp(_) => 0,
            Held::Tcx => 1,
            Held::Filter { .. } => 2,
        });
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
    findings.extend((0..holders.len()).filter_map(|place| behind(&holders, place)));
    let free = |tap: &&Attachment| !holders.iter().any(|holder| holder.excludes(**tap));
    let free: Vec<_> = wanted.taps.iter().filter(free).map(|tap| tap.name()).collect();
    if !free.is_empty() {
        findings.insert(0, Finding::ok(format!("{because}; free for {}", free.join(" and "))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use ringtap_net::XdpMode;
    use ringtap_record::Direction;
    use ringtap_tap::Held;

    use super::*;
    use crate::check::hooks::tests::{EGRESS, INGRESS, XDP, holder, wanted};

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

    fn said(interface: &Interface, wanted: &Wanted, holders: Vec<Holder>) -> Vec<String> {
        let there = There { holders, unknown: Vec::new() };
        let found = one(interface, "asked for", wanted, there);
        found.iter().map(ToString::to_string).collect()
    }

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
        let held = "FAIL the XDP hook is held by program 12 (\"other\"), native XDP: end what put \
                    it there, or tap with `--ingress auto`, which takes TC then";
        assert_eq!(found, ["ok   asked for; free for TC egress", held]);
        let falls_back = Wanted { falls_back: true, ..wanted(&[XDP, EGRESS]) };
        let found = said(&interface(1, true), &falls_back, holders());
        let instead = "note the XDP hook is held by program 12 (\"other\"), native XDP: TC ingress is \
                       tapped instead, after it: what it takes away, the tap does not see";
        assert_eq!(found, ["ok   asked for; free for TC egress", instead]);
        let found = said(&interface(1, true), &wanted(&[INGRESS]), holders());
        let before = "note XDP also runs program 12 (\"other\"), native XDP, before the tap: what it \
                      takes away, the tap does not see";
        assert_eq!(found[1], before);
    }
}
