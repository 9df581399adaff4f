use std::{
    collections::BTreeMap,
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd},
};

use rustix::io::Errno;

use crate::{
    error::NetError,
    interface::{Interface, LinkNotice, list},
    netlink::RouteSocket,
    route::default_route,
};

// linux/rtnetlink.h
const RTMGRP_LINK: u32 = 1;
const RTMGRP_IPV4_ROUTE: u32 = 0x40;
const RTMGRP_IPV6_ROUTE: u32 = 0x400;

/// Datagrams that one call reads, at most, so that a flood can't keep it.
const MAX_DATAGRAMS: usize = 1024;

/// Tells what happens to the interfaces of the network namespace it was made in.
///
/// Its descriptor is readable when there is something to tell.
#[derive(Debug)]
pub struct LinkWatch {
    notices: RouteSocket,
    /// Lists what is there. Made in the same namespace, so that the watch can go to another thread.
    requests: RouteSocket,
    known: BTreeMap<u32, String>,
}

/// What happened to an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkChange {
    Appeared(Interface),
    /// Something about it changed, its name and its state included; perhaps nothing that matters.
    Changed(Interface),
    /// Deleted, or moved to another namespace.
    Gone {
        index: u32,
        name: String,
    },
    /// A default route was added or replaced. Where one is taken away, nobody tells: the kernel is
    /// silent when it goes because its interface went down.
    DefaultRoute,
    /// Notices were lost. What they would have told about interfaces follows, as far as it still
    /// holds.
    Overrun,
}

impl LinkWatch {
    /// Watch interfaces from now on, and say what is there to begin with, by index.
    pub fn new() -> Result<(Self, Vec<Interface>), NetError> {
        Self::of_groups(RTMGRP_LINK)
    }

    /// As [`LinkWatch::new`], and default routes too. On a router, every route that changes wakes
    /// whoever waits.
    pub fn with_default_routes() -> Result<(Self, Vec<Interface>), NetError> {
        Self::of_groups(RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)
    }

    fn of_groups(groups: u32) -> Result<(Self, Vec<Interface>), NetError> {
        // Subscribing comes first, so that nothing falls between the list and the first notice.
        let open = || {
            let (notices, mut requests) = (RouteSocket::open(groups)?, RouteSocket::open(0)?);
            let interfaces = list(&mut requests)?;
            let known = interfaces.iter().map(|it| (it.index, it.name.clone())).collect();
            Ok((Self { notices, requests, known }, interfaces))
        };
        open().map_err(|source| NetError::netlink("watch", "interfaces", source))
    }

    /// What happened since the last call, in order. Doesn't block. May leave a part of a flood of
    /// changes for the next call; the descriptor stays readable then.
    pub fn changes(&mut self) -> Result<Vec<LinkChange>, NetError> {
        self.drain().map_err(|source| NetError::netlink("watch", "interfaces", source))
    }

    fn drain(&mut self) -> io::Result<Vec<LinkChange>> {
        let mut changes = Vec::new();
        let mut lost = false;
        for _ in 0..MAX_DATAGRAMS {
            match self.notices.notifications() {
                Ok(None) => break,
                Ok(Some(messages)) => {
                    for message in messages {
                        let notice = LinkNotice::parse(message);
                        changes.extend(notice.and_then(|it| change(&mut self.known, it)));
                        if default_route(message).is_some() {
                            changes.push(LinkChange::DefaultRoute);
                        }
                    }
                }
                Err(error) if Errno::from_io_error(&error) == Some(Errno::NOBUFS) => lost = true,
                Err(error) => return Err(error),
            }
        }
        if lost {
            changes.push(LinkChange::Overrun);
            self.catch_up(&mut changes)?;
        }
        Ok(changes)
    }

    fn catch_up(&mut self, changes: &mut Vec<LinkChange>) -> io::Result<()> {
        let before = std::mem::take(&mut self.known);
        let interfaces = list(&mut self.requests)?;
        for (index, name) in &before {
            if !interfaces.iter().any(|interface| interface.index == *index) {
                changes.push(LinkChange::Gone { index: *index, name: name.clone() });
            }
        }
        for interface in interfaces {
            self.known.insert(interface.index, interface.name.clone());
            changes.push(match before.contains_key(&interface.index) {
                true => LinkChange::Changed(interface),
                false => LinkChange::Appeared(interface),
            });
        }
        Ok(())
    }
}

impl AsRawFd for LinkWatch {
    fn as_raw_fd(&self) -> RawFd {
        self.notices.as_fd().as_raw_fd()
    }
}

impl AsFd for LinkWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.notices.as_fd()
    }
}

fn change(known: &mut BTreeMap<u32, String>, notice: LinkNotice) -> Option<LinkChange> {
    if notice.gone {
        let index = notice.interface.index;
        let name = known.remove(&index)?;
        return Some(LinkChange::Gone { index, name });
    }
    let interface = notice.into_interface()?;
    match known.insert(interface.index, interface.name.clone()) {
        None => Some(LinkChange::Appeared(interface)),
        Some(_) => Some(LinkChange::Changed(interface)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        net::sockopt,
    };

    use super::*;
    use crate::{
        change::{add_address, add_default_route, delete_link, set_mtu, set_up, tests::veth_pair},
        testing::in_new_namespace,
    };

    /// What the watch tells until `done`.
    fn until(watch: &mut LinkWatch, done: impl Fn(&[LinkChange]) -> bool) -> Vec<LinkChange> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut seen = Vec::new();
        while !done(&seen) {
            assert!(Instant::now() < deadline, "only saw {seen:?}");
            let patience = Timespec { tv_sec: 1, tv_nsec: 0 };
            poll(&mut [PollFd::new(watch, PollFlags::IN)], Some(&patience)).unwrap();
            seen.extend(watch.changes().unwrap());
        }
        seen
    }

    fn gone(changes: &[LinkChange], wanted: u32) -> bool {
        changes.iter().any(|it| matches!(it, LinkChange::Gone { index, .. } if *index == wanted))
    }

    #[test]
    fn tells_what_appears_changes_and_goes() {
        in_new_namespace(|| {
            let (mut watch, there) = LinkWatch::new().unwrap();
            assert_eq!(there.len(), 1);
            assert_eq!(watch.changes().unwrap(), []);

            let (near, far) = veth_pair();
            set_up(near).unwrap();
            delete_link(near).unwrap();
            let seen = until(&mut watch, |seen| gone(seen, near) && gone(seen, far));
            let of_near = |change: &&LinkChange| match change {
                LinkChange::Appeared(it) | LinkChange::Changed(it) => it.index == near,
                LinkChange::Gone { index, .. } => *index == near,
                LinkChange::DefaultRoute | LinkChange::Overrun => true,
            };
            let of_near: Vec<_> = seen.iter().filter(of_near).collect();
            assert!(matches!(of_near[0], LinkChange::Appeared(it) if it.name == "near0" && !it.up));
            assert!(
                of_near.iter().any(|change| matches!(change, LinkChange::Changed(it) if it.up))
            );
            let last = LinkChange::Gone { index: near, name: "near0".into() };
            assert_eq!(of_near.last(), Some(&&last));
        });
    }

    #[test]
    fn tells_of_default_routes_when_asked() {
        in_new_namespace(|| {
            let (near, far) = veth_pair();
            let (mut links, _) = LinkWatch::new().unwrap();
            let (mut routes, _) = LinkWatch::with_default_routes().unwrap();
            for index in [near, far] {
                set_up(index).unwrap();
            }
            add_address(near, "198.18.0.1".parse().unwrap(), 24).unwrap();
            let seen = until(&mut routes, |seen| seen.len() > 1);
            assert!(!seen.contains(&LinkChange::DefaultRoute), "{seen:?}");
            add_default_route(near).unwrap();
            until(&mut routes, |seen| seen.contains(&LinkChange::DefaultRoute));
            delete_link(near).unwrap();
            let seen = until(&mut links, |seen| gone(seen, near));
            assert!(!seen.contains(&LinkChange::DefaultRoute), "{seen:?}");
        });
    }

    #[test]
    fn catches_up_when_notices_were_lost() {
        in_new_namespace(|| {
            let (near, _) = veth_pair();
            let (mut watch, _) = LinkWatch::new().unwrap();
            sockopt::set_socket_recv_buffer_size(&watch, 4096).unwrap();
            for mtu in 1000..1020 {
                set_mtu(near, mtu).unwrap();
            }
            delete_link(near).unwrap();
            let (other, _) = veth_pair();
            let seen = until(&mut watch, |seen| gone(seen, near));
            let overrun = seen.iter().position(|change| *change == LinkChange::Overrun).unwrap();
            let after = &seen[overrun + 1..];
            assert!(gone(after, near));
            assert!(
                after.iter().any(|it| matches!(it, LinkChange::Appeared(it) if it.index == other))
            );
            assert!(after.iter().any(|it| matches!(it, LinkChange::Changed(it) if it.index == 1)));
        });
    }
}
