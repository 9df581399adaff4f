use std::{os::unix::process::ExitStatusExt, path::PathBuf, process::ExitStatus, time::Duration};

use rustix::process::Signal;

use super::CompileLimits;
use crate::capability::printable;

/// Why a component could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    #[error("starting the compiler {program:?}")]
    Spawn { program: PathBuf, source: std::io::Error },
    #[error("starting a thread to compile on")]
    Thread(#[source] std::io::Error),
    #[error("the compiler's thread panicked: this is a bug in ringtap")]
    Panicked,
    #[error("waiting for the compiler")]
    Wait(#[source] std::io::Error),
    /// The compiler's own words.
    #[error("does not compile: {0}")]
    Refused(String),
    #[error("takes more than {seconds} s of CPU time to compile")]
    TooMuchCpu { seconds: u64 },
    #[error("takes longer than {wall:?} to compile")]
    TooLong { wall: Duration },
    #[error(
        "the compiler was ended by {signal}, likely for needing more than {mebibytes} MiB: {message}"
    )]
    Crashed { signal: String, mebibytes: u64, message: String },
    #[error("compiles to more than {mebibytes} MiB of code")]
    TooLarge { mebibytes: u64 },
    #[error("was not compiled: it is no longer wanted")]
    Cancelled,
}

/// What the child's end and output mean.
pub(super) fn judge(
    status: ExitStatus,
    code: Vec<u8>,
    message: &[u8],
    limits: &CompileLimits,
) -> Result<Vec<u8>, CompileError> {
    let message = printable(String::from_utf8_lossy(message).trim());
    if code.len() as u64 > limits.code_bytes {
        return Err(CompileError::TooLarge { mebibytes: limits.code_bytes >> 20 });
    }
    match status.signal() {
        None if status.success() => Ok(code),
        None => Err(CompileError::Refused(message)),
        Some(signal) if signal == Signal::XCPU.as_raw() => {
            Err(CompileError::TooMuchCpu { seconds: limits.cpu_seconds })
        }
        Some(signal) => {
            let signal = format!("signal {signal}");
            Err(CompileError::Crashed { signal, mebibytes: limits.memory_bytes >> 20, message })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(raw: i32, code: &[u8], message: &str) -> Result<Vec<u8>, CompileError> {
        let limits = CompileLimits { code_bytes: 3, ..CompileLimits::default() };
        judge(ExitStatus::from_raw(raw), code.to_vec(), message.as_bytes(), &limits)
    }

    #[test]
    fn the_end_of_the_child_says_what_went_wrong() {
        assert_eq!(judged(0, b"abc", "").unwrap(), b"abc");
        assert!(matches!(judged(0, b"abcd", ""), Err(CompileError::TooLarge { .. })));
        let refused = judged(1 << 8, b"", " bad\nbytes \n").unwrap_err();
        assert_eq!(refused.to_string(), "does not compile: bad\\nbytes");
        let cpu = Signal::XCPU.as_raw();
        assert!(matches!(judged(cpu, b"", ""), Err(CompileError::TooMuchCpu { seconds: 120 })));
        let crashed = judged(Signal::ABORT.as_raw(), b"a", "memory allocation failed").unwrap_err();
        assert!(crashed.to_string().contains("signal 6"), "{crashed}");
    }
}
