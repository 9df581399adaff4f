use crate::{cli::Demo, config::Loaded, exit::Failure};

pub(crate) fn demo(_args: &Demo, _loaded: &Loaded) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `demo`").into())
}
