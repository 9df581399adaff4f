use crate::{cli::Inspect, config::Loaded, exit::Failure};

pub(crate) fn inspect(_args: &Inspect, _loaded: &Loaded) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `inspect`").into())
}
