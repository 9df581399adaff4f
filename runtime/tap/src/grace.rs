use crate::{bpf, error::TapError};

/// Wait for a grace period: programs run under RCU, and one that has looked at a map or was just detached
/// may still be at work.
pub(crate) fn wait_for_programs() -> Result<(), TapError> {
    const MEMBARRIER_CMD_GLOBAL: libc::c_int = 1;
    // SAFETY: takes numbers only, and changes nothing but the order of things.
    let result = unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) };
    if result == 0 {
        return Ok(());
    }
    // Kernels with `nohz_full` CPUs have no such call.
    bpf::replace_in_map_of_maps().map_err(TapError::Grace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_what_stands_in_for_a_barrier() {
        match bpf::replace_in_map_of_maps() {
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                eprintln!("SKIPPED: maps are not permitted here");
            }
            replaced => replaced.unwrap(),
        }
    }
}
