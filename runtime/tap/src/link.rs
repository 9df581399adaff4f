use std::{
    io,
    os::fd::{BorrowedFd, OwnedFd},
};

use ringtap_net::{Interface, XdpProgram, interfaces};

use crate::{
    attach::{Attachment, TcMode, XdpMode},
    bpf::{LinkTarget, link_create},
    error::TapError,
    filter::{self, Filter},
    owner::Owner,
};

// XDP_FLAGS_* in include/uapi/linux/if_link.h
const XDP_FLAGS_SKB_MODE: u32 = 1 << 1;
const XDP_FLAGS_DRV_MODE: u32 = 1 << 2;

/// What holds a program on its hook. Dropped, the program is off.
#[derive(Debug)]
pub(crate) enum Link {
    /// The kernel detaches when the descriptor closes, however the process ends.
    Descriptor(#[expect(dead_code, reason = "held, and closed on drop")] OwnedFd),
    Filter(#[expect(dead_code, reason = "held, and removed on drop")] Filter),
}

/// A link and how it came about, for people.
pub(crate) struct Attached {
    pub(crate) link: Link,
    pub(crate) how: &'static str,
}

/// Attach `program` to `interface`.
pub(crate) fn attach(
    program: BorrowedFd<'_>,
    interface: &Interface,
    attachment: Attachment,
) -> Result<Attached, TapError> {
    match attachment {
        Attachment::XdpIngress(mode) => xdp(program, interface, attachment, mode),
        Attachment::TcIngress(mode) | Attachment::TcEgress(mode) => {
            tc(program, interface, attachment, mode)
        }
    }
}

fn xdp(
    program: BorrowedFd<'_>,
    interface: &Interface,
    attachment: Attachment,
    mode: XdpMode,
) -> Result<Attached, TapError> {
    let create = |flags| {
        link_create(program, interface.index, LinkTarget::Xdp { flags }).map(Link::Descriptor)
    };
    let native = match mode {
        XdpMode::Generic => None,
        XdpMode::Auto | XdpMode::Native => Some(create(XDP_FLAGS_DRV_MODE)),
    };
    match native {
        Some(Ok(link)) => Ok(Attached { link, how: "native XDP" }),
        Some(Err(error)) if mode == XdpMode::Native || !may_fall_back(&error) => {
            Err(failure(interface, attachment, error))
        }
        None | Some(Err(_)) => create(XDP_FLAGS_SKB_MODE)
            .map(|link| Attached {
                link,
                how: if native.is_some() {
                    "generic XDP, since the driver does not take native"
                } else {
                    "generic XDP"
                },
            })
            .map_err(|error| failure(interface, attachment, error)),
    }
}

/// Whether it was the driver that refused, in whichever of the ways drivers have.
fn may_fall_back(error: &io::Error) -> bool {
    !matches!(
        error.raw_os_error(),
        Some(libc::EBUSY | libc::EEXIST | libc::EPERM | libc::EACCES | libc::ENODEV)
    )
}

fn tc(
    program: BorrowedFd<'_>,
    interface: &Interface,
    attachment: Attachment,
    mode: TcMode,
) -> Result<Attached, TapError> {
    let target = match attachment {
        Attachment::TcEgress(_) => LinkTarget::TcxEgress,
        Attachment::TcIngress(_) | Attachment::XdpIngress(_) => LinkTarget::TcxIngress,
    };
    let filter = || {
        let filter = filter::add(program, interface, attachment)?;
        Ok(Attached { link: Link::Filter(filter), how: "clsact filter" })
    };
    if mode == TcMode::Filter {
        return filter();
    }
    match link_create(program, interface.index, target) {
        Ok(link) => Ok(Attached { link: Link::Descriptor(link), how: "TCX link" }),
        // A kernel without TCX does not know the attach type.
        Err(error) if mode == TcMode::Auto && error.raw_os_error() == Some(libc::EINVAL) => {
            filter()
        }
        Err(error) => Err(failure(interface, attachment, error)),
    }
}

/// As it is now, which may be later than when `interface` was looked at.
fn xdp_holder(interface: &Interface) -> Option<XdpProgram> {
    let now = interfaces().ok()?.into_iter().find(|now| now.index == interface.index);
    now.map_or(interface.xdp, |now| now.xdp)
}

fn failure(interface: &Interface, attachment: Attachment, source: io::Error) -> TapError {
    let hook = attachment.name();
    let name = interface.name.clone();
    if matches!(source.raw_os_error(), Some(libc::EBUSY | libc::EEXIST))
        && let Some(holder) = xdp_holder(interface)
    {
        return TapError::Held { interface: name, hook, owner: Owner::of(holder.id) };
    }
    let hint = match source.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => {
            return TapError::Privilege { what: format!("{name}: attaching to {hook}") };
        }
        Some(libc::EBUSY | libc::EEXIST) => "another program holds it; `bpftool net` lists it",
        Some(libc::ENODEV) => "the interface is gone, or was moved to another network namespace",
        Some(libc::EOPNOTSUPP) => {
            "the driver has no native XDP; `--ingress xdp` falls back to generic, `--ingress tc` does without"
        }
        Some(libc::ERANGE) => {
            "the driver can't take XDP at this MTU; lower it, or use `--ingress tc`"
        }
        Some(libc::EINVAL) => {
            "the kernel or the driver does not take it; TCX links need Linux 6.6 (else `--attach netlink`), and some drivers refuse XDP with their present settings"
        }
        _ => "the kernel refused",
    };
    TapError::Attach { interface: name, hook, hint, source }
}
