use std::process::ExitCode;

fn main() -> ExitCode {
    ringtap_benches::main()
}
