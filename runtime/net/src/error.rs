use std::io;

use rustix::io::Errno;

/// What the kernel refused. The source carries the error number.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    #[error(
        "no right to {operation} {object}: it takes {capability}; run as root, or give the process \
         that capability"
    )]
    NotPermitted {
        operation: &'static str,
        object: String,
        capability: &'static str,
        source: io::Error,
    },
    #[error("can't {operation} {object}: it is not there (any more)")]
    Missing { operation: &'static str, object: String, source: io::Error },
    #[error("can't {operation} {object}")]
    Refused { operation: &'static str, object: String, source: io::Error },
    #[error("can't {operation} {object}: the kernel has no support for it")]
    Unsupported { operation: &'static str, object: String, source: io::Error },
}

impl NetError {
    /// The error number behind it, as in errno(3).
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::NotPermitted { source, .. }
            | Self::Missing { source, .. }
            | Self::Refused { source, .. }
            | Self::Unsupported { source, .. } => source.raw_os_error(),
        }
    }

    /// An error of a netlink request, which takes CAP_NET_ADMIN if it takes anything.
    pub(crate) fn netlink(
        operation: &'static str,
        object: impl Into<String>,
        source: io::Error,
    ) -> Self {
        Self::new(operation, object.into(), "CAP_NET_ADMIN", source)
    }

    /// An error of a change of namespace.
    pub(crate) fn namespace(operation: &'static str, source: io::Error) -> Self {
        Self::new(operation, "a network namespace".into(), "CAP_SYS_ADMIN", source)
    }

    fn new(
        operation: &'static str,
        object: String,
        capability: &'static str,
        source: io::Error,
    ) -> Self {
        match Errno::from_io_error(&source) {
            Some(Errno::PERM | Errno::ACCESS) => {
                Self::NotPermitted { operation, object, capability, source }
            }
            Some(Errno::NODEV) => Self::Missing { operation, object, source },
            Some(Errno::OPNOTSUPP | Errno::AFNOSUPPORT | Errno::NOSYS) => {
                Self::Unsupported { operation, object, source }
            }
            _ => Self::Refused { operation, object, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(errno: Errno) -> String {
        NetError::netlink("bring up", "interface 7", errno.into()).to_string()
    }

    #[test]
    fn says_what_is_missing() {
        assert!(text(Errno::PERM).contains("takes CAP_NET_ADMIN"));
        assert_eq!(text(Errno::NODEV), "can't bring up interface 7: it is not there (any more)");
        let denied = NetError::namespace("make", Errno::PERM.into());
        assert!(denied.to_string().contains("CAP_SYS_ADMIN"));
        assert_eq!(denied.errno(), Some(Errno::PERM.raw_os_error()));
    }
}
