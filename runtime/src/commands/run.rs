use crate::{cli::Run, config::Loaded, exit::Failure};

pub(crate) fn run(_args: &Run, _loaded: &Loaded) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `run`").into())
}
