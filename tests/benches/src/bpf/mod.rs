//! Programs of a few instructions: to tell what of a tap's cost is not the tap's, and to make packets.

mod array;
mod instruction;
mod program;

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
};

pub(crate) use array::Array;
pub(crate) use instruction::{Assembler, Helper, Register};
pub(crate) use program::{Kind, attach_xdp, load_instructions};

/// What a program does before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Empty,
    /// `bpf_ktime_get_ns`, as every record's timestamp.
    Time,
    /// `bpf_xdp_get_buff_len`, as every record's length at XDP.
    XdpLength,
}

/// Load a program. Needs `CAP_BPF` and `CAP_NET_ADMIN`.
pub(crate) fn load(kind: Kind, body: Body) -> io::Result<OwnedFd> {
    let mut program = Assembler::default();
    match body {
        Body::Empty => {}
        Body::Time => program.call(Helper::KtimeGetNs),
        Body::XdpLength => program.call(Helper::XdpGetBuffLen),
    }
    program.exit(kind.go_on());
    load_instructions(kind, &program.finish()?)
}

fn raw(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd().cast_unsigned()
}

/// # Safety
/// `attr` must be what the kernel takes for `command`, and that must give a descriptor.
unsafe fn call_for_fd<A>(command: libc::c_int, attr: &mut A) -> io::Result<OwnedFd> {
    // SAFETY: by the caller's promise.
    let fd = unsafe { call(command, attr) }?;
    // SAFETY: the kernel just gave it to us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// # Safety
/// `attr` must be what the kernel takes for `command`.
unsafe fn call<A>(command: libc::c_int, attr: &mut A) -> io::Result<i32> {
    // SAFETY: by the caller's promise; the size is the attribute's.
    let result = unsafe {
        libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attr), size_of::<A>() as u32)
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result as i32) }
}
