//! TC taps where the kernel has no TCX links: clsact filters, which outlive a process that is
//! killed.
//!
//! Each carries our name and a token. Its maker holds an abstract socket of that token, in the same
//! network namespace, for as long as it lives; so a filter whose token can be bound is an orphan.

use std::{
    io,
    os::{
        fd::BorrowedFd,
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
};

use ringtap_net::{
    Interface, TcFilter, add_bpf_filter, add_clsact, delete_clsact, delete_filter, interfaces,
    tc_filters,
};

use crate::{attach::Attachment, error::TapError};

const PREFIX: &str = "ringtap_";

/// Says, in a filter's name, that its clsact was not there before us.
const OWN_CLSACT: &str = "clsact";

/// A filter that goes when this is dropped, by a thread in the network namespace it is in.
#[derive(Debug)]
pub(crate) struct Filter {
    filter: TcFilter,
    own_clsact: bool,
    /// Proof of life; see above.
    _alive: UnixDatagram,
}

/// A filter that a dead process left, and that is gone now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaped {
    pub interface: String,
    /// As in `tc filter show`.
    pub name: String,
}

/// Attach `program` as a filter, with a clsact queueing discipline where there is none.
pub(crate) fn add(
    program: BorrowedFd<'_>,
    interface: &Interface,
    attachment: Attachment,
) -> Result<Filter, TapError> {
    let token = token().map_err(|source| TapError::Token { source })?;
    let alive = claim(&token).map_err(|source| TapError::Token { source })?;
    let inherited = tc_filters(interface.index)?.iter().any(has_own_clsact);
    let own_clsact = add_clsact(interface.index)? || inherited;
    let direction = attachment.direction();
    let mark = if own_clsact { OWN_CLSACT } else { "" };
    let name = format!("{PREFIX}{}:{token}:{mark}", direction.name());
    let filter = add_bpf_filter(interface.index, direction, program, &name)?;
    Ok(Filter { filter, own_clsact, _alive: alive })
}

impl Drop for Filter {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.filter, self.own_clsact) {
            tracing::warn!("{error}; `ringtap detach` removes what is left");
        }
    }
}

/// Remove the filters that dead processes left on the wanted interfaces of this network namespace. Those of
/// a runtime that lives stay.
pub fn reap(wanted: impl Fn(&str) -> bool) -> Result<Vec<Reaped>, TapError> {
    let mut reaped = Vec::new();
    for interface in interfaces()?.into_iter().filter(|it| wanted(&it.name)) {
        for filter in tc_filters(interface.index)? {
            let Some(name) = filter.name.clone().filter(|name| is_orphan(name)) else { continue };
            remove(&filter, has_own_clsact(&filter))?;
            reaped.push(Reaped { interface: interface.name.clone(), name });
        }
    }
    Ok(reaped)
}

fn remove(filter: &TcFilter, own_clsact: bool) -> Result<(), TapError> {
    delete_filter(filter)?;
    if own_clsact {
        delete_clsact(filter.interface)?;
    }
    Ok(())
}

fn has_own_clsact(filter: &TcFilter) -> bool {
    let name = filter.name.as_deref().unwrap_or_default();
    name.starts_with(PREFIX) && name.ends_with(OWN_CLSACT)
}

/// Whether a filter of that name is ours, and its maker dead.
pub(crate) fn is_orphan(name: &str) -> bool {
    let token = name.strip_prefix(PREFIX).and_then(|rest| rest.split(':').nth(1));
    token.is_some_and(|token| claim(token).is_ok())
}

fn claim(token: &str) -> io::Result<UnixDatagram> {
    let address = SocketAddr::from_abstract_name(format!("ringtap/{token}"))?;
    UnixDatagram::bind_addr(&address)
}

fn token() -> io::Result<String> {
    let mut bytes = [0; 8];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())?;
    Ok(format!("{:016x}", u64::from_ne_bytes(bytes)))
}
