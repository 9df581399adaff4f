use crate::{cli::CompilePlugin, exit::Failure};

pub(crate) fn compile_plugin(_args: &CompilePlugin) -> Result<(), Failure> {
    Err(anyhow::anyhow!("this build has no `compile_plugin`").into())
}
