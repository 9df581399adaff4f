use std::process::ExitCode;

use crate::exit::Exit;

/// What the runtime starts itself with to compile a plugin in a process of its own. Not for users.
pub(crate) const ARGUMENT: &str = "compile-plugin";

/// Whether this process is such a child: it is to limit itself before it does anything else.
pub(crate) fn is_asked_for() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT)
}

pub(crate) fn compile_plugin() -> ExitCode {
    Exit::Failure.into()
}
