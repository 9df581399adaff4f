//! `cargo xtask`: what a contributor does often.

mod build;
mod captures;
mod ebpf;
mod tshark;

use std::path::{Path, PathBuf};

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
    /// Make the captures in tests/captures anew.
    Captures {
        /// Compare with what is committed instead of writing it.
        #[arg(long)]
        check: bool,
    },
    /// Compare the parser with tshark, field by field, over captures.
    CompareTshark {
        /// Captures, and directories of them.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

fn main() -> anyhow::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    let captures = root.join("tests/captures");
    match Task::parse() {
        Task::Ebpf { check: false } => ebpf::build(root),
        Task::Ebpf { check: true } => ebpf::check(root),
        Task::Captures { check: false } => captures::write(&captures),
        Task::Captures { check: true } => captures::check(&captures),
        Task::CompareTshark { paths } => {
            let report = tshark::compare(&tshark::captures(&paths)?)?;
            print!("{report}");
            anyhow::ensure!(report.agrees(), "the parser and tshark disagree on clean packets");
            Ok(())
        }
    }
}
