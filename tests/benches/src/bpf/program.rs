use std::{
    io,
    os::fd::{BorrowedFd, OwnedFd},
};

use super::{call_for_fd, instruction::Instruction, raw};

// enum bpf_cmd and enum bpf_attach_type in include/uapi/linux/bpf.h
const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_LINK_CREATE: libc::c_int = 28;
const BPF_XDP: u32 = 37;

/// Where a program runs, and what it answers to let the packet go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Xdp,
    Tc,
}

impl Kind {
    const fn program_type(self) -> u32 {
        match self {
            Self::Tc => 3,
            Self::Xdp => 6,
        }
    }

    /// `XDP_PASS` and `TCX_NEXT`.
    pub(crate) const fn go_on(self) -> i32 {
        match self {
            Self::Xdp => 2,
            Self::Tc => -1,
        }
    }
}

/// Load a program. Needs `CAP_BPF` and `CAP_NET_ADMIN`.
pub(crate) fn load_instructions(kind: Kind, program: &[Instruction]) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attr {
        prog_type: u32,
        insn_cnt: u32,
        insns: u64,
        license: u64,
        log_level: u32,
        log_size: u32,
        log_buf: u64,
        kern_version: u32,
        prog_flags: u32,
    }
    let mut attr = Attr {
        prog_type: kind.program_type(),
        insn_cnt: program.len() as u32,
        insns: program.as_ptr() as u64,
        license: c"GPL".as_ptr() as u64,
        log_level: 0,
        log_size: 0,
        log_buf: 0,
        kern_version: 0,
        prog_flags: 0,
    };
    // SAFETY: the kernel reads `Attr` as the beginning of its union's program load; what the
    // pointers lead to outlives the call.
    unsafe { call_for_fd(BPF_PROG_LOAD, &mut attr) }
}

/// Attach an XDP program, in the driver, to an interface of the calling thread's network namespace
/// until what is returned is dropped.
pub(crate) fn attach_xdp(program: BorrowedFd<'_>, ifindex: u32) -> io::Result<OwnedFd> {
    /// XDP_FLAGS_DRV_MODE of include/uapi/linux/if_link.h
    const IN_THE_DRIVER: u32 = 1 << 2;
    #[repr(C)]
    struct Attr {
        prog_fd: u32,
        target_ifindex: u32,
        attach_type: u32,
        flags: u32,
    }
    let mut attr = Attr {
        prog_fd: raw(program),
        target_ifindex: ifindex,
        attach_type: BPF_XDP,
        flags: IN_THE_DRIVER,
    };
    // SAFETY: the kernel reads `Attr` as the beginning of its union's link_create.
    unsafe { call_for_fd(BPF_LINK_CREATE, &mut attr) }
}
