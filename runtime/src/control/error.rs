use std::{io, path::PathBuf};

/// Why a control directory or a socket in it can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error(
        "there is no place for the control socket: /run/ringtap is not ours and XDG_RUNTIME_DIR is \
         not set; name a directory with --control DIR, or go without by --control none"
    )]
    NoPlace,
    #[error("can't make the control directory {}; name another with --control DIR", path.display())]
    Make { path: PathBuf, source: io::Error },
    #[error("can't open the control directory {}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error(
        "the control directory {} is no directory, or a symbolic link, which is not followed; \
         remove it, or name another with --control DIR", path.display()
    )]
    NotADirectory { path: PathBuf },
    #[error(
        "the control directory {} belongs to uid {owner}, who could put anything there; name another \
         with --control DIR", path.display()
    )]
    ForeignOwner { path: PathBuf, owner: u32 },
    #[error(
        "others than its owner may write the control directory {path} (mode {mode:04o}): `chmod \
         go-w {path}`, or name another with --control DIR", path = path.display()
    )]
    OthersWrite { path: PathBuf, mode: u32 },
    #[error(
        "can't make the control socket {}; name another directory with --control DIR",
        path.display()
    )]
    Bind { path: PathBuf, source: io::Error },
    #[error("another process answers at {}; name another directory with --control DIR", path.display())]
    Taken { path: PathBuf },
}

/// Why an instance gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("it is another user's: ask as that user or with sudo")]
    Denied,
    #[error("this is no control socket")]
    NotASocket,
    #[error("it does not answer")]
    Silent,
    #[error("its answer is too long")]
    TooLong,
    #[error("it ended without an answer")]
    Ended,
    #[error(
        "it speaks version {found} of the protocol, and this is version {known}: use its own ringtap"
    )]
    Version { found: u32, known: u32 },
    #[error("its answer is not understood; is it of another version of ringtap?")]
    NotAnAnswer(#[source] serde_json::Error),
    #[error("it refuses: {message}")]
    Refused { message: String, retry: bool },
    #[error("talking to it failed")]
    Talk(#[source] io::Error),
}

impl From<io::Error> for AskError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Silent,
            _ => Self::Talk(error),
        }
    }
}
