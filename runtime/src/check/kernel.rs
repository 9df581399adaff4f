//! The kernel's version, and the limit on locked memory that old kernels hold BPF maps to.

use std::{fmt, fs};

use bytesize::ByteSize;
use rustix::process::{Resource, getrlimit};

use super::Finding;
use crate::config::Loaded;

/// What uname(2) tells as the release.
const RELEASE: &str = "/proc/sys/kernel/osrelease";

/// XDP programs that take frames in fragments.
const TAPS: Version = Version(5, 18);

/// The first where BPF maps count as their cgroup's memory and not as locked.
const NO_MEMLOCK: Version = Version(5, 11);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

impl Version {
    /// Of a release such as `6.1.0-13-amd64`.
    fn of(release: &str) -> Option<Self> {
        let mut numbers = release.split(|c: char| !c.is_ascii_digit());
        let mut number = || numbers.next()?.parse().ok();
        Some(Self(number()?, number()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

pub(super) fn check(_: &Loaded) -> Vec<Finding> {
    let release = match fs::read_to_string(RELEASE) {
        Ok(text) => text.trim_end().to_owned(),
        Err(error) => {
            return vec![Finding::note(format!("kernel: {RELEASE} can't be read: {error}"))];
        }
    };
    let memlock = getrlimit(Resource::Memlock).current;
    [version(&release)].into_iter().chain(locked_memory(&release, memlock)).collect()
}

/// What decides is whether the kernel takes the taps, since distributions backport.
fn version(release: &str) -> Finding {
    match Version::of(release) {
        Some(version) if version < TAPS => Finding::note(format!(
            "kernel: Linux {release} is older than {TAPS}, which taps are made for; the line \
             `taps:` tells whether it takes them all the same"
        )),
        _ => Finding::ok(format!("kernel: Linux {release}")),
    }
}

/// `None` for `limit` is unlimited.
fn locked_memory(release: &str, limit: Option<u64>) -> Option<Finding> {
    let limit = limit.filter(|_| Version::of(release).is_some_and(|it| it < NO_MEMLOCK))?;
    Some(Finding::note(format!(
        "memlock: locked memory is limited to {}, which kernels before {NO_MEMLOCK} hold BPF maps \
         to: raise it with `ulimit -l unlimited`, or LimitMEMLOCK=infinity in a systemd unit",
        ByteSize(limit)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_as_far_as_they_are_numbers() {
        assert_eq!(Version::of("6.18.44-fc-v669"), Some(Version(6, 18)));
        assert_eq!(Version::of("5.4"), Some(Version(5, 4)));
        for none in ["", "linux", "6", "99999999999.1", "-1.2"] {
            assert_eq!(Version::of(none), None, "{none:?}");
        }
        assert!(Version(5, 9) < Version(5, 18) && Version(5, 18) < Version(6, 1));
    }

    #[test]
    fn an_old_kernel_is_noted() {
        assert_eq!(version("5.18.0").to_string(), "ok   kernel: Linux 5.18.0");
        assert_eq!(version("odd").to_string(), "ok   kernel: Linux odd");
        let old = version("5.14.0-el9").to_string();
        assert!(old.starts_with("note kernel: Linux 5.14.0-el9 is older than 5.18, "), "{old}");
    }

    #[test]
    fn locked_memory_matters_to_old_kernels_only() {
        let said = locked_memory("5.10.0", Some(65536)).unwrap().to_string();
        assert!(said.contains("limited to 64.0 KiB, which kernels before 5.11"), "{said}");
        assert_eq!(locked_memory("5.10.0", None), None);
        assert_eq!(locked_memory("5.11.0", Some(65536)), None);
    }
}
