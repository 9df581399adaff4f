use crate::{cli::Replay, config::Loaded, exit::Failure};

pub(crate) fn replay(_args: &Replay, _loaded: &Loaded) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `replay`").into())
}
