use std::{io, time::Duration};

use ringtap_net::NetError;

/// Why a lab could not be made, or traffic not be sent.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    #[error("can't set up the lab")]
    Net(#[from] NetError),
    #[error("can't start a thread for the lab")]
    Thread { source: io::Error },
    #[error("the lab's link did not come up within {} s", .0.as_secs())]
    LinkDown(Duration),
    #[error("the interface {0} is not in the lab (any more)")]
    NoInterface(&'static str),
    #[error("this kernel has no IPv6: use IPv4 in the lab")]
    NoIpv6,
    #[error("can't {operation} in the lab")]
    Io { operation: &'static str, source: io::Error },
    #[error("{sent} {what} were sent in the lab, but only {arrived} arrived")]
    Lost { what: &'static str, sent: u64, arrived: u64 },
}

impl LabError {
    /// Whether privileges are what is missing: CAP_SYS_ADMIN and CAP_NET_ADMIN make a lab.
    pub fn is_not_permitted(&self) -> bool {
        matches!(self, Self::Net(NetError::NotPermitted { .. }))
    }

    pub(crate) fn io(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { operation, source }
    }
}
