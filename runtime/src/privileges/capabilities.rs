use std::io;

use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// What it takes to load programs, attach them and write tables.
pub(super) const OF_TAPS: CapabilitySet =
    CapabilitySet::BPF.union(CapabilitySet::NET_ADMIN).union(CapabilitySet::PERFMON);

const NAMES: [(CapabilitySet, &str); 6] = [
    (CapabilitySet::BPF, "CAP_BPF"),
    (CapabilitySet::NET_ADMIN, "CAP_NET_ADMIN"),
    (CapabilitySet::PERFMON, "CAP_PERFMON"),
    (CapabilitySet::SYS_ADMIN, "CAP_SYS_ADMIN"),
    (CapabilitySet::DAC_OVERRIDE, "CAP_DAC_OVERRIDE"),
    (CapabilitySet::DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH"),
];

/// What the calling thread may have.
pub(super) fn held() -> io::Result<CapabilitySet> {
    Ok(capabilities(None)?.permitted)
}

/// Of what is held, what taps take. CAP_SYS_ADMIN stands in for those that were split off from it
/// (Linux 5.8), and is kept only where it has to.
pub(super) fn of_taps(held: CapabilitySet) -> CapabilitySet {
    let split_off = CapabilitySet::BPF | CapabilitySet::PERFMON;
    let instead = match held.contains(split_off) {
        true => CapabilitySet::empty(),
        false => CapabilitySet::SYS_ADMIN,
    };
    held & (OF_TAPS | instead)
}

/// Leave the calling thread with `kept`, of which it holds all.
pub(super) fn reduce_to(kept: CapabilitySet) -> io::Result<()> {
    let inheritable = CapabilitySet::empty();
    Ok(set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable })?)
}

/// In words, such as `CAP_BPF and CAP_NET_ADMIN`.
pub(super) fn names(set: CapabilitySet) -> String {
    let names: Vec<_> =
        NAMES.iter().filter(|(one, _)| set.contains(*one)).map(|(_, name)| *name).collect();
    match names.split_last() {
        None => "no capabilities".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// Whether this process was given more than its user has, as by the file capabilities of `setcap`.
/// Then its user must not decide what code it runs.
pub(crate) fn come_with_the_file() -> bool {
    // SAFETY: it only looks something up that the kernel gave the process at its start.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_get_three_capabilities_or_the_one_that_stands_in_for_two() {
        let all = CapabilitySet::all();
        assert_eq!(of_taps(all), OF_TAPS);
        let (net, admin) = (CapabilitySet::NET_ADMIN, CapabilitySet::SYS_ADMIN);
        assert_eq!(of_taps(net | admin | CapabilitySet::CHOWN), net | admin);
        assert_eq!(of_taps(net | CapabilitySet::BPF), net | CapabilitySet::BPF);
        assert_eq!(of_taps(CapabilitySet::empty()), CapabilitySet::empty());
    }

    #[test]
    fn capabilities_are_told_as_setcap_knows_them() {
        assert_eq!(names(OF_TAPS), "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON");
        assert_eq!(names(CapabilitySet::BPF), "CAP_BPF");
        assert_eq!(names(CapabilitySet::empty()), "no capabilities");
    }
}
