//! Programs of a few instructions, to tell what of a tap's cost is not the tap's.

use std::{
    io,
    os::fd::{FromRawFd, OwnedFd},
};

// enum bpf_cmd, enum bpf_prog_type, opcodes and helpers in include/uapi/linux/bpf.h
const BPF_PROG_LOAD: libc::c_int = 5;
const MOVE_TO_R0: u8 = 0xb7;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const BPF_KTIME_GET_NS: i32 = 5;
const BPF_XDP_GET_BUFF_LEN: i32 = 188;

/// Where a program runs, and what it answers to let the packet go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Xdp,
    Tc,
}

/// What a program does before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Empty,
    /// `bpf_ktime_get_ns`, as every record's timestamp.
    Time,
    /// `bpf_xdp_get_buff_len`, as every record's length at XDP.
    XdpLength,
}

/// `struct bpf_insn`, without registers: they are all r0.
#[repr(C)]
struct Instruction {
    code: u8,
    registers: u8,
    offset: i16,
    immediate: i32,
}

/// Load a program. Needs `CAP_BPF` and `CAP_NET_ADMIN`.
pub(crate) fn load(kind: Kind, body: Body) -> io::Result<OwnedFd> {
    let instruction = |code, immediate| Instruction { code, registers: 0, offset: 0, immediate };
    let call = match body {
        Body::Empty => None,
        Body::Time => Some(BPF_KTIME_GET_NS),
        Body::XdpLength => Some(BPF_XDP_GET_BUFF_LEN),
    };
    let mut program: Vec<_> = call.map(|helper| instruction(CALL, helper)).into_iter().collect();
    program.push(instruction(MOVE_TO_R0, kind.go_on()));
    program.push(instruction(EXIT, 0));
    load_instructions(kind, &program)
}

impl Kind {
    const fn program_type(self) -> u32 {
        match self {
            Self::Tc => 3,
            Self::Xdp => 6,
        }
    }

    /// `XDP_PASS` and `TCX_NEXT`.
    const fn go_on(self) -> i32 {
        match self {
            Self::Xdp => 2,
            Self::Tc => -1,
        }
    }
}

fn load_instructions(kind: Kind, program: &[Instruction]) -> io::Result<OwnedFd> {
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
    let fd = unsafe {
        libc::syscall(libc::SYS_bpf, BPF_PROG_LOAD, &raw mut attr, size_of::<Attr>() as u32)
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just gave it to us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}
