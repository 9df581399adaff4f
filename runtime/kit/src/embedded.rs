//! What the binary carries, so that a project can be made anywhere.

/// A file of ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    /// In its tree, with `/` between folders.
    pub(crate) path: &'static str,
    pub(crate) bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
