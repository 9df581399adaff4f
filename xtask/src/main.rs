//! `cargo xtask`: what a contributor does often.

mod build;
mod ebpf;

use std::path::Path;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Build, check and test ringtap")]
enum Task {
    /// Build the taps into runtime/tap/ebpf.
    Ebpf {
        /// Compare with what is committed instead of writing it.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    match Task::parse() {
        Task::Ebpf { check: false } => ebpf::build(root),
        Task::Ebpf { check: true } => ebpf::check(root),
    }
}
