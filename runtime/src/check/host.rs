//! Whether this host lets us have taps: capabilities, and a real attempt to load the programs.

use bytesize::ByteSize;
use ringtap_tap::{TapError, has_tcx, online_cpus, probe};
use rustix::thread::{CapabilitySet, capabilities};

use super::Finding;
use crate::config::{Attach, Config, Egress, Ingress, Loaded};

const HOW_TO_GET_THEM: &str =
    "run as root, or `setcap cap_bpf,cap_net_admin,cap_perfmon+ep` the binary";

/// What taps need. CAP_SYS_ADMIN holds the rights of those that were split off from it (Linux 5.8).
const NEEDED: [(&str, CapabilitySet); 3] = [
    ("CAP_BPF", CapabilitySet::BPF.union(CapabilitySet::SYS_ADMIN)),
    ("CAP_NET_ADMIN", CapabilitySet::NET_ADMIN),
    ("CAP_PERFMON", CapabilitySet::PERFMON.union(CapabilitySet::SYS_ADMIN)),
];

pub(super) fn check(loaded: &Loaded) -> Vec<Finding> {
    let config = &loaded.config;
    let effective = match capabilities(None) {
        Ok(sets) => sets.effective,
        Err(error) => {
            return vec![Finding::host(format!("capabilities: can't be asked for: {error}"))];
        }
    };
    let missing = missing(effective);
    let mut findings = vec![of_capabilities(&missing)];
    if missing.is_empty() {
        findings.push(of_probe(probe(config.taps.for_loading())));
        findings.extend(of_tcx(config, has_tcx()));
    } else {
        findings.push(Finding::note("taps: not tried, for lack of capabilities"));
    }
    findings.push(rings(config, online_cpus()));
    findings
}

fn missing(effective: CapabilitySet) -> Vec<&'static str> {
    let lacking = NEEDED.iter().filter(|(_, any_of)| !effective.intersects(*any_of));
    lacking.map(|(name, _)| *name).collect()
}

fn of_capabilities(missing: &[&str]) -> Finding {
    match missing {
        [] => Finding::ok("capabilities: CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON are there"),
        _ => Finding::host(format!(
            "capabilities: missing {}: {HOW_TO_GET_THEM}",
            missing.join(", ")
        )),
    }
}

/// Of an attempt that was made with every capability.
fn of_probe(tried: Result<(), TapError>) -> Finding {
    match tried {
        Ok(()) => Finding::ok("taps: the kernel takes the maps and all programs"),
        Err(TapError::Privilege { what }) => Finding::host(format!(
            "taps: {what}: not permitted, though the capabilities are there: a user namespace (as \
             of a rootless container), a seccomp filter or kernel lockdown stands against it; run \
             outside of that"
        )),
        Err(error) => Finding::host(format!("taps: {:#}", anyhow::Error::from(error))),
    }
}

/// How TC taps would be attached, where any is wanted that could be.
fn of_tcx(config: &Config, has: Result<bool, TapError>) -> Option<Finding> {
    let taps = &config.taps;
    let only_xdp =
        !matches!(taps.ingress, Ingress::Auto | Ingress::Tc) && taps.egress != Egress::Tc;
    if only_xdp || taps.attach == Attach::Netlink {
        return None;
    }
    Some(match (has, taps.attach) {
        (Ok(true), _) => Finding::ok("tcx: TC taps are links, which end with their process"),
        (Ok(false), Attach::Link) => Finding::host(
            "tcx: the kernel has no TCX links, which came with Linux 6.6: use `--attach auto`",
        ),
        (Ok(false), _) => Finding::note(
            "tcx: the kernel has no TCX links, which came with Linux 6.6: TC taps are clsact \
             filters, which outlive a killed process until the next start or `ringtap detach`",
        ),
        (Err(error), _) => Finding::host(format!("tcx: {:#}", anyhow::Error::from(error))),
    })
}

fn rings(config: &Config, cpus: Result<Vec<u32>, TapError>) -> Finding {
    match cpus {
        Ok(cpus) => {
            let each = u64::from(config.taps.ring_size);
            let all = each.saturating_mul(cpus.len() as u64);
            Finding::note(format!(
                "rings: {} CPUs with {} each take {} of kernel memory; see taps.ring_size",
                cpus.len(),
                ByteSize(each),
                ByteSize(all)
            ))
        }
        Err(error) => Finding::host(format!("rings: {:#}", anyhow::Error::from(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capabilities_that_are_missing_are_named() {
        let (bpf, perfmon) = (CapabilitySet::BPF, CapabilitySet::PERFMON);
        let (net, admin) = (CapabilitySet::NET_ADMIN, CapabilitySet::SYS_ADMIN);
        assert_eq!(missing(bpf | perfmon | net), [""; 0]);
        assert_eq!(missing(admin | net), [""; 0]);
        assert_eq!(missing(admin), ["CAP_NET_ADMIN"]);
        assert_eq!(missing(net), ["CAP_BPF", "CAP_PERFMON"]);
        let said = of_capabilities(&["CAP_BPF", "CAP_PERFMON"]).to_string();
        assert_eq!(
            said,
            "FAIL capabilities: missing CAP_BPF, CAP_PERFMON: run as root, or `setcap \
             cap_bpf,cap_net_admin,cap_perfmon+ep` the binary"
        );
    }

    #[test]
    fn a_refusal_despite_capabilities_is_not_blamed_on_them() {
        let refused = TapError::Privilege { what: "creating the taps' BPF maps".to_owned() };
        let said = of_probe(Err(refused)).to_string();
        assert!(said.contains("though the capabilities are there: a user namespace"), "{said}");
    }

    #[test]
    fn without_tcx_it_depends_on_what_was_asked_for() {
        let mut config = Config::default();
        let said = |config: &Config, has| of_tcx(config, Ok(has)).map(|it| it.to_string());
        assert!(said(&config, true).unwrap().starts_with("ok   tcx: "));
        assert!(said(&config, false).unwrap().starts_with("note tcx: "));
        config.taps.attach = Attach::Link;
        assert!(said(&config, false).unwrap().ends_with("use `--attach auto`"));
        (config.taps.ingress, config.taps.egress) = (Ingress::Xdp, Egress::None);
        assert_eq!(said(&config, false), None);
        config.taps.egress = Egress::Tc;
        config.taps.attach = Attach::Netlink;
        assert_eq!(said(&config, false), None);
    }

    #[test]
    fn rings_take_memory_by_the_cpu() {
        let said = rings(&Config::default(), Ok(vec![0, 1, 3])).to_string();
        let wanted = "note rings: 3 CPUs with 4.0 MiB each take 12.0 MiB of kernel memory; see \
                      taps.ring_size";
        assert_eq!(said, wanted);
    }
}
