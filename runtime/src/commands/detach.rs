use crate::{cli::Detach, exit::Failure};

pub(crate) fn detach(_args: &Detach) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `detach`").into())
}
