mod captures;
mod tshark;

use std::path::{Path, PathBuf};

use clap::Parser;

/// Build, check and test tooling.
#[derive(Parser)]
enum Task {
    /// Make the captures in tests/captures anew.
    Captures {
        /// Write nothing; fail unless they are what would be written.
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
    match Task::parse() {
        Task::Captures { check } => {
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/captures");
            if check { captures::check(&directory) } else { captures::write(&directory) }
        }
        Task::CompareTshark { paths } => {
            let report = tshark::compare(&tshark::captures(&paths)?)?;
            print!("{report}");
            anyhow::ensure!(report.agrees(), "the parser and tshark disagree on clean packets");
            Ok(())
        }
    }
}
