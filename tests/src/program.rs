use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

use ringtap_lab::{Lab, Side};

// include/uapi/linux/bpf.h
const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_OBJ_GET_INFO_BY_FD: libc::c_int = 15;
const BPF_PROG_QUERY: libc::c_int = 16;
const BPF_LINK_CREATE: libc::c_int = 28;
const BPF_PROG_TYPE_SCHED_CLS: u32 = 3;
const BPF_PROG_TYPE_XDP: u32 = 6;
const BPF_XDP: u32 = 37;
const BPF_TCX_INGRESS: u32 = 46;
const BPF_TCX_EGRESS: u32 = 47;
const BPF_F_BEFORE: u32 = 1 << 3;
// include/uapi/linux/if_link.h
const XDP_FLAGS_SKB_MODE: u32 = 1 << 1;

/// A BPF program of somebody else's on a side's interface. Gone when it is dropped.
#[derive(Debug)]
pub struct ForeignProgram {
    _link: OwnedFd,
    /// As in `bpftool prog show id ID`.
    pub id: u32,
}

/// How many programs the TCX hooks of a side's interface have, on ingress and on egress. Takes
/// CAP_BPF and CAP_NET_ADMIN, and Linux 6.6.
pub fn tcx_programs(lab: &Lab, side: Side) -> [u64; 2] {
    let index = lab.index(side).unwrap();
    let count = |hook: u32| {
        let mut attributes = [0; 16];
        attributes[0] = u64::from(index) | u64::from(hook) << 32;
        lab.inside(side, || bpf(BPF_PROG_QUERY, &mut attributes)).unwrap().unwrap();
        attributes[3] & u64::from(u32::MAX)
    };
    [BPF_TCX_INGRESS, BPF_TCX_EGRESS].map(count)
}

/// What a program is and where it goes.
struct Plan {
    kind: u32,
    instructions: Vec<u64>,
    attach_to: u32,
    flags: u32,
}

impl ForeignProgram {
    pub const NAME: &str = "somebody_else";

    /// A generic XDP program that passes every packet. Takes CAP_BPF and CAP_NET_ADMIN.
    pub fn xdp(lab: &Lab, side: Side) -> Self {
        let instructions = vec![instruction(0xb7, 0, XDP_PASS), EXIT];
        let (kind, attach_to) = (BPF_PROG_TYPE_XDP, BPF_XDP);
        Self::attach(lab, side, &Plan { kind, instructions, attach_to, flags: XDP_FLAGS_SKB_MODE })
    }

    /// A TCX program, first on egress, that gives every packet an 802.1Q tag, in the metadata of the
    /// socket buffer. Takes CAP_BPF and CAP_NET_ADMIN, and Linux 6.6.
    pub fn tagging(lab: &Lab, side: Side, vlan_id: u16) -> Self {
        const SKB_VLAN_PUSH: i32 = 18;
        const TCX_NEXT: i32 = -1;
        let instructions = vec![
            instruction(0xb7, 2, i32::from(0x8100_u16.to_be())),
            instruction(0xb7, 3, i32::from(vlan_id)),
            instruction(0x85, 0, SKB_VLAN_PUSH),
            instruction(0xb7, 0, TCX_NEXT),
            EXIT,
        ];
        let (kind, attach_to) = (BPF_PROG_TYPE_SCHED_CLS, BPF_TCX_EGRESS);
        Self::attach(lab, side, &Plan { kind, instructions, attach_to, flags: BPF_F_BEFORE })
    }

    /// A TCX program, first on egress, that ends the chain for every packet, which goes on or not.
    /// Takes CAP_BPF and CAP_NET_ADMIN, and Linux 6.6.
    pub fn ending(lab: &Lab, side: Side, packets_go_on: bool) -> Self {
        // TCX_PASS and TCX_DROP of include/uapi/linux/bpf.h
        let verdict = if packets_go_on { 0 } else { 2 };
        let instructions = vec![instruction(0xb7, 0, verdict), EXIT];
        let (kind, attach_to) = (BPF_PROG_TYPE_SCHED_CLS, BPF_TCX_EGRESS);
        Self::attach(lab, side, &Plan { kind, instructions, attach_to, flags: BPF_F_BEFORE })
    }

    fn attach(lab: &Lab, side: Side, plan: &Plan) -> Self {
        let index = lab.index(side).unwrap();
        let program = load(plan).unwrap();
        // A link goes to an interface of the network namespace that asks for it.
        let link = lab.inside(side, || link(&program, index, plan)).unwrap().unwrap();
        Self { _link: link, id: id(&program).unwrap() }
    }
}

const XDP_PASS: i32 = 2;
const EXIT: u64 = 0x95;

/// `struct bpf_insn`, with one register at most.
fn instruction(code: u8, register: u8, immediate: i32) -> u64 {
    u64::from(code) | u64::from(register) << 8 | u64::from(immediate.cast_unsigned()) << 32
}

fn load(plan: &Plan) -> io::Result<OwnedFd> {
    let mut attributes = [0; 16];
    attributes[0] = u64::from(plan.kind) | (plan.instructions.len() as u64) << 32;
    attributes[1] = plan.instructions.as_ptr() as u64;
    attributes[2] = c"GPL".as_ptr() as u64;
    // prog_name is at byte 48.
    let name = ForeignProgram::NAME.as_bytes().chunks(8);
    for (word, bytes) in attributes[6..8].iter_mut().zip(name) {
        let mut padded = [0; 8];
        padded[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_ne_bytes(padded);
    }
    new_descriptor(BPF_PROG_LOAD, &mut attributes)
}

fn link(program: &OwnedFd, index: u32, plan: &Plan) -> io::Result<OwnedFd> {
    let mut attributes = [0; 16];
    attributes[0] = u64::from(program.as_raw_fd().cast_unsigned()) | u64::from(index) << 32;
    attributes[1] = u64::from(plan.attach_to) | u64::from(plan.flags) << 32;
    new_descriptor(BPF_LINK_CREATE, &mut attributes)
}

fn id(program: &OwnedFd) -> io::Result<u32> {
    // struct bpf_prog_info begins with type and id.
    let mut info = [0_u32; 64];
    let mut attributes = [0; 16];
    let size = size_of_val(&info) as u64;
    attributes[0] = u64::from(program.as_raw_fd().cast_unsigned()) | size << 32;
    attributes[1] = info.as_mut_ptr() as u64;
    bpf(BPF_OBJ_GET_INFO_BY_FD, &mut attributes)?;
    Ok(info[1])
}

fn new_descriptor(command: libc::c_int, attributes: &mut [u64; 16]) -> io::Result<OwnedFd> {
    let descriptor = bpf(command, attributes)?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn bpf(command: libc::c_int, attributes: &mut [u64; 16]) -> io::Result<libc::c_int> {
    let size = size_of_val(attributes);
    // SAFETY: the attributes are as large as said, and what they point to outlives the call.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, attributes.as_mut_ptr(), size) };
    match result {
        0.. => Ok(result as libc::c_int),
        _ => Err(io::Error::last_os_error()),
    }
}
