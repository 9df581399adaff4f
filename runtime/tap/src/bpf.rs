//! The few calls of bpf(2) that aya has not, or has with a fallback that we must not take.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
};

// enum bpf_cmd, enum bpf_map_type and enum bpf_attach_type in include/uapi/linux/bpf.h
const BPF_MAP_CREATE: libc::c_int = 0;
const BPF_MAP_UPDATE_ELEM: libc::c_int = 2;
const BPF_PROG_TEST_RUN: libc::c_int = 10;
const BPF_PROG_GET_FD_BY_ID: libc::c_int = 13;
const BPF_OBJ_GET_INFO_BY_FD: libc::c_int = 15;
const BPF_PROG_QUERY: libc::c_int = 16;
const BPF_LINK_CREATE: libc::c_int = 28;
const BPF_MAP_TYPE_ARRAY: u32 = 2;
const BPF_MAP_TYPE_ARRAY_OF_MAPS: u32 = 12;
const BPF_XDP: u32 = 37;
const BPF_F_TEST_XDP_LIVE_FRAMES: u32 = 1 << 1;
const BPF_TCX_INGRESS: u32 = 46;
const BPF_TCX_EGRESS: u32 = 47;

/// Put a TCX program in front of all others.
const BPF_F_BEFORE: u32 = 1 << 3;

/// BPF_MPROG_MAX of include/linux/bpf_mprog.h.
const MAX_TCX_PROGRAMS: usize = 64;

/// What of a network interface a link takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkTarget {
    /// `flags` are XDP_FLAGS_* of include/uapi/linux/if_link.h.
    Xdp {
        flags: u32,
    },
    TcxIngress,
    TcxEgress,
}

/// Attach a program by a link that ends when its descriptor is closed, however the process ends.
pub(crate) fn link_create(
    program: BorrowedFd<'_>,
    ifindex: u32,
    target: LinkTarget,
) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attr {
        prog_fd: u32,
        target_ifindex: u32,
        attach_type: u32,
        flags: u32,
        relative_fd: u32,
        padding: u32,
        expected_revision: u64,
    }
    let (attach_type, flags) = match target {
        LinkTarget::Xdp { flags } => (BPF_XDP, flags),
        LinkTarget::TcxIngress => (BPF_TCX_INGRESS, BPF_F_BEFORE),
        LinkTarget::TcxEgress => (BPF_TCX_EGRESS, BPF_F_BEFORE),
    };
    let mut attr = Attr {
        prog_fd: raw(program),
        target_ifindex: ifindex,
        attach_type,
        flags,
        relative_fd: 0,
        padding: 0,
        expected_revision: 0,
    };
    // SAFETY: the kernel reads `Attr` as its union's link_create.
    unsafe { call_for_fd(BPF_LINK_CREATE, &mut attr) }
}

/// A hook of TCX, where programs stand in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TcxHook {
    Ingress,
    Egress,
}

/// The ids of the programs on a TCX hook of an interface, in the order in which they run.
pub(crate) fn tcx_programs(ifindex: u32, hook: TcxHook) -> io::Result<Vec<u32>> {
    #[repr(C)]
    struct Attr {
        target_ifindex: u32,
        attach_type: u32,
        query_flags: u32,
        attach_flags: u32,
        prog_ids: u64,
        count: u32,
        padding: u32,
        prog_attach_flags: u64,
        link_ids: u64,
        link_attach_flags: u64,
        revision: u64,
    }
    let mut ids = [0_u32; MAX_TCX_PROGRAMS];
    let attach_type = match hook {
        TcxHook::Ingress => BPF_TCX_INGRESS,
        TcxHook::Egress => BPF_TCX_EGRESS,
    };
    let mut attr = Attr {
        target_ifindex: ifindex,
        attach_type,
        query_flags: 0,
        attach_flags: 0,
        prog_ids: ids.as_mut_ptr() as u64,
        count: ids.len() as u32,
        padding: 0,
        prog_attach_flags: 0,
        link_ids: 0,
        link_attach_flags: 0,
        revision: 0,
    };
    // SAFETY: the kernel reads and writes `Attr` as its union's query, and at most `count` ids.
    unsafe { call(BPF_PROG_QUERY, &mut attr) }?;
    let count = attr.count as usize;
    Ok(ids.into_iter().take(count).collect())
}

/// The name of a loaded program, empty where it has none.
pub(crate) fn program_name(id: u32) -> io::Result<String> {
    #[repr(C)]
    struct ById {
        prog_id: u32,
        next_id: u32,
        open_flags: u32,
    }
    /// The beginning of `struct bpf_prog_info`.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        before: [u64; 8],
        name: [u8; 16],
    }
    #[repr(C)]
    struct ByDescriptor {
        bpf_fd: u32,
        info_len: u32,
        info: u64,
    }
    let mut attr = ById { prog_id: id, next_id: 0, open_flags: 0 };
    // SAFETY: the kernel reads `ById` as its union's *_GET_*_ID, and gives a descriptor.
    let program = unsafe { call_for_fd(BPF_PROG_GET_FD_BY_ID, &mut attr) }?;
    let mut info = Info::default();
    let mut attr = ByDescriptor {
        bpf_fd: raw(program.as_fd()),
        info_len: size_of::<Info>() as u32,
        info: (&raw mut info) as u64,
    };
    // SAFETY: the kernel reads `ByDescriptor` as its union's info, and writes at most `info_len`
    // bytes; zeros in what it reads of the info ask for nothing more.
    unsafe { call(BPF_OBJ_GET_INFO_BY_FD, &mut attr) }?;
    let name = info.name.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(name).into_owned())
}

/// Make an array of one map, and put that map into it, which is an array of one word itself. The kernel
/// waits for a grace period when it has replaced a map that programs may be using.
pub(crate) fn replace_in_map_of_maps() -> io::Result<()> {
    #[repr(C)]
    struct Update {
        map_fd: u32,
        padding: u32,
        key: u64,
        value: u64,
        flags: u64,
    }
    let inner = array()?;
    let outer = map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, Some(inner.as_fd()))?;
    let (key, value) = (0_u32, raw(inner.as_fd()));
    let mut attr = Update {
        map_fd: raw(outer.as_fd()),
        padding: 0,
        key: (&raw const key) as u64,
        value: (&raw const value) as u64,
        flags: 0,
    };
    // SAFETY: the kernel reads `Update` as its union's *_ELEM, and key and value of four bytes.
    unsafe { call(BPF_MAP_UPDATE_ELEM, &mut attr) }.map(drop)
}

/// Make an array of one word.
pub(crate) fn array() -> io::Result<OwnedFd> {
    map_create(BPF_MAP_TYPE_ARRAY, None)
}

/// Make an array of one value of four bytes.
fn map_create(map_type: u32, inner: Option<BorrowedFd<'_>>) -> io::Result<OwnedFd> {
    #[repr(C)]
    struct Attr {
        map_type: u32,
        key_size: u32,
        value_size: u32,
        max_entries: u32,
        map_flags: u32,
        inner_map_fd: u32,
        numa_node: u32,
        map_name: [u8; 16],
    }
    let mut attr = Attr {
        map_type,
        key_size: 4,
        value_size: 4,
        max_entries: 1,
        map_flags: 0,
        inner_map_fd: inner.map_or(0, raw),
        numa_node: 0,
        map_name: *b"ringtap_grace\0\0\0",
    };
    // SAFETY: the kernel reads `Attr` as its union's first member, which is map creation.
    unsafe { call_for_fd(BPF_MAP_CREATE, &mut attr) }
}

/// What a test run answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TestRun {
    pub return_value: u32,
    /// Of one run, in ns, as the kernel measured the average.
    pub duration_ns: u32,
}

/// How the kernel runs a program over made-up packets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RunMode {
    /// Over one packet, whose fate means nothing.
    Dry,
    /// Over frames that live, in batches of so many, 256 at most.
    Live { batch: u32 },
}

/// Run a program `repeat` times over `data`.
pub(crate) fn test_run(
    program: BorrowedFd<'_>,
    data: &[u8],
    repeat: u32,
    mode: RunMode,
) -> io::Result<TestRun> {
    let (flags, batch_size) = match mode {
        RunMode::Dry => (0, 0),
        RunMode::Live { batch } => (BPF_F_TEST_XDP_LIVE_FRAMES, batch),
    };
    #[repr(C)]
    struct Attr {
        prog_fd: u32,
        retval: u32,
        data_size_in: u32,
        data_size_out: u32,
        data_in: u64,
        data_out: u64,
        repeat: u32,
        duration: u32,
        ctx_size_in: u32,
        ctx_size_out: u32,
        ctx_in: u64,
        ctx_out: u64,
        flags: u32,
        cpu: u32,
        batch_size: u32,
        padding: u32,
    }
    let mut attr = Attr {
        prog_fd: raw(program),
        retval: 0,
        data_size_in: data.len() as u32,
        data_size_out: 0,
        data_in: data.as_ptr() as u64,
        data_out: 0,
        repeat,
        duration: 0,
        ctx_size_in: 0,
        ctx_size_out: 0,
        ctx_in: 0,
        ctx_out: 0,
        flags,
        cpu: 0,
        batch_size,
        padding: 0,
    };
    // SAFETY: the kernel reads and writes `Attr` as its union's test, which ends before `padding`;
    // `data` outlives the call and is only read.
    unsafe { call(BPF_PROG_TEST_RUN, &mut attr) }?;
    Ok(TestRun { return_value: attr.retval, duration_ns: attr.duration })
}

fn raw(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd() as u32
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
