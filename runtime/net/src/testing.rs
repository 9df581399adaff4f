use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    thread,
};

use rustix::io::Errno;

use crate::{NetError, enter_new_namespace};

pub(crate) const BPF_PROG_TYPE_SCHED_CLS: u32 = 3;
pub(crate) const BPF_PROG_TYPE_XDP: u32 = 6;

/// Run `test` on a thread in a network namespace of its own. Says so when that isn't permitted.
pub(crate) fn in_new_namespace(test: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| match enter_new_namespace() {
            Ok(()) => test(),
            Err(error @ NetError::NotPermitted { .. }) => skip(format_args!("{error}")),
            Err(error) => panic!("{error}: {:?}", error.errno().map(Errno::from_raw_os_error)),
        });
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// A loaded BPF program.
pub(crate) struct Program {
    fd: OwnedFd,
    pub(crate) id: u32,
}

impl Program {
    pub(crate) fn fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }
}

/// Load `r0 = 2; exit`, which passes every packet as XDP.
pub(crate) fn load_empty_program(program_type: u32) -> Program {
    const BPF_PROG_LOAD: i64 = 5;
    const BPF_OBJ_GET_INFO_BY_FD: i64 = 15;
    let instructions: [u64; 2] = [0x0000_0002_0000_00b7, 0x95];
    let license = c"GPL";
    let mut load = [0u64; 16];
    load[0] = u64::from(program_type) | (instructions.len() as u64) << 32;
    load[1] = instructions.as_ptr() as u64;
    load[2] = license.as_ptr() as u64;
    let fd = bpf(BPF_PROG_LOAD, &mut load);
    // SAFETY: the kernel just made it for us.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };

    let mut info = [0u32; 64];
    let length = u64::from(u32::try_from(size_of_val(&info)).unwrap());
    let mut query = [0u64; 16];
    query[0] = u64::from(fd.as_raw_fd().cast_unsigned()) | length << 32;
    query[1] = info.as_mut_ptr() as u64;
    bpf(BPF_OBJ_GET_INFO_BY_FD, &mut query);
    Program { fd, id: info[1] }
}

fn bpf(command: i64, attributes: &mut [u64; 16]) -> i32 {
    // SAFETY: `attributes` is as large as we say, and what it points to outlives the call.
    let result = unsafe {
        libc::syscall(libc::SYS_bpf, command, attributes.as_mut_ptr(), size_of_val(attributes))
    };
    assert!(result >= 0, "bpf({command}): {}", io::Error::last_os_error());
    i32::try_from(result).unwrap()
}

/// Past the test harness, which keeps what passing tests print to itself.
fn skip(why: std::fmt::Arguments<'_>) {
    use std::io::Write;
    writeln!(io::stderr(), "SKIPPED: {why}").ok();
}
