use crate::{cli::Check, config::Loaded, exit::Failure};

pub(crate) fn check(_args: &Check, _loaded: &Loaded) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `check`").into())
}
