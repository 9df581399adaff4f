//! The child process in which the tests of this crate compile.

fn main() -> std::process::ExitCode {
    ringtap_plugin::compile_child()
}
