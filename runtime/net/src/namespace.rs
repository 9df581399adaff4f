use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};

use crate::{change::set_up, error::NetError};

/// The loopback interface has this index in every network namespace (`LOOPBACK_IFINDEX`).
const LOOPBACK: u32 = 1;

/// Move the calling thread, and no other, into a new network namespace, its loopback up.
///
/// The namespace ends with the last thread, descriptor and socket in it. Takes CAP_SYS_ADMIN, and
/// CAP_NET_ADMIN in the user namespace that owns the new one.
pub fn enter_new_namespace() -> Result<(), NetError> {
    // SAFETY: NEWNET leaves the table of descriptors shared; only FILES would not.
    unsafe { unshare_unsafe(UnshareFlags::NEWNET) }
        .map_err(|errno| NetError::namespace("make", errno.into()))?;
    set_up(LOOPBACK)
}

/// A network namespace, kept alive by an open descriptor.
#[derive(Debug)]
pub struct Namespace(OwnedFd);

impl Namespace {
    /// The calling thread's.
    pub fn current() -> Result<Self, NetError> {
        File::open("/proc/thread-self/ns/net")
            .map(Self::from)
            .map_err(|source| NetError::namespace("open", source))
    }

    /// Move the calling thread, and no other, into it. Takes CAP_SYS_ADMIN.
    pub fn enter(&self) -> Result<(), NetError> {
        move_into_link_name_space(self.0.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(|errno| NetError::namespace("enter", errno.into()))
    }

    /// Another descriptor of the same namespace.
    pub fn try_clone(&self) -> Result<Self, NetError> {
        self.0.try_clone().map(Self).map_err(|source| NetError::namespace("hold", source))
    }

    /// Whether both are the same namespace.
    pub fn is(&self, other: &Self) -> io::Result<bool> {
        let (one, two) = (rustix::fs::fstat(&self.0)?, rustix::fs::fstat(&other.0)?);
        Ok((one.st_dev, one.st_ino) == (two.st_dev, two.st_ino))
    }
}

impl AsFd for Namespace {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// An open `/proc/.../ns/net`, or another descriptor of a namespace; [`Namespace::enter`] fails for
/// anything else.
impl From<File> for Namespace {
    fn from(file: File) -> Self {
        Self(file.into())
    }
}

impl From<Namespace> for OwnedFd {
    fn from(namespace: Namespace) -> Self {
        namespace.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::in_new_namespace;

    #[test]
    fn goes_there_and_back() {
        let outside = Namespace::current().unwrap();
        in_new_namespace(|| {
            let one = Namespace::current().unwrap();
            assert!(!one.is(&outside).unwrap());
            enter_new_namespace().unwrap();
            assert!(!Namespace::current().unwrap().is(&one).unwrap());
            one.try_clone().unwrap().enter().unwrap();
            assert!(Namespace::current().unwrap().is(&one).unwrap());
        });
        assert!(Namespace::current().unwrap().is(&outside).unwrap());
    }
}
