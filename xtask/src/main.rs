//! `cargo xtask`: what a contributor does often.

mod at_once;
mod bench;
mod build;
mod captures;
mod codegen;
mod component;
mod docs;
mod ebpf;
mod guests;
mod languages;
mod setup;
mod test;
mod tools;
mod tshark;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser};

#[derive(Parser)]
#[command(about = "Build, check and test ringtap")]
enum Task {
    /// Run every test there is, after installing and building what they need.
    Test,
    /// Install what the tests need and is missing, saying what it does.
    Setup,
    /// Make what SDKs and docs know of a record from wit/layout.wit.
    Codegen(Made),
    /// Check what is written in other languages than Rust, and the templates: format, lints, tests.
    Languages,
    /// Check the book, links, and what is shown from files, in docs and the README.
    Docs,
    /// Build the taps into runtime/tap/ebpf.
    Ebpf(Made),
    /// Build the bundled plugins into plugins/dist.
    Plugins {
        #[command(flatten)]
        made: Made,
        /// Also those that are not committed, into plugins in the target directory.
        #[arg(long, conflicts_with = "check")]
        all: bool,
    },
    /// Build the guests of the tests, in Rust, into tests/guests/dist.
    Guests,
    /// Make a plugin's component of the core module that cargo built.
    Component {
        /// Such as target/wasm32-unknown-unknown/release/NAME.wasm.
        module: PathBuf,
        /// Where the component goes, such as DIRECTORY/NAME.wasm. Replaced at once if it is there.
        out: PathBuf,
        /// A core module that stands in for `wasi_snapshot_preview1` instead of the usual adapter.
        #[arg(long, value_name = "ADAPTER")]
        adapt: Option<PathBuf>,
    },
    /// Make the captures in tests/captures anew.
    Captures(Made),
    /// Measure the taps, the plugins and the runtime on one core; `bench -- --help` tells more.
    Bench {
        /// What to measure, how often, and where to write it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Compare the parser with tshark, field by field, over captures.
    CompareTshark {
        /// Captures, and directories of them.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

/// What is made from sources and committed.
#[derive(Args)]
struct Made {
    /// Compare with what is committed instead of writing it.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without the backtrace that `RUST_BACKTRACE` adds to an error that `main` returns: where a
            // check failed stands in the chain, and in a log that is cut it has to be in what is left.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute() -> anyhow::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    tools::use_them(root);
    let captures = root.join("tests/captures");
    match Task::parse() {
        Task::Test => test::run(root),
        Task::Setup => setup::install(root),
        Task::Codegen(Made { check: false }) => codegen::write(root),
        Task::Codegen(Made { check: true }) => codegen::check(root),
        Task::Languages => languages::check(root),
        Task::Docs => docs::check(root),
        Task::Ebpf(Made { check: false }) => ebpf::build(root),
        Task::Ebpf(Made { check: true }) => ebpf::check(root),
        Task::Plugins { made: Made { check: true }, .. } => guests::check_plugins(root),
        Task::Plugins { all, .. } => {
            report(guests::build_plugins(root)?);
            if all {
                report(guests::build_other_plugins(root)?);
            }
            Ok(())
        }
        Task::Guests => guests::build_guests(root).map(report),
        Task::Component { module, out, adapt } => {
            let size = component::write(&module, &out, adapt.as_deref())?;
            report(vec![guests::Built { path: out, size }]);
            Ok(())
        }
        Task::Captures(Made { check: false }) => captures::write(&captures),
        Task::Captures(Made { check: true }) => captures::check(&captures),
        Task::Bench { arguments } => bench::measure(root, &arguments),
        Task::CompareTshark { paths } => {
            let report = tshark::compare(&tshark::captures(&paths)?)?;
            print!("{report}");
            anyhow::ensure!(report.agrees(), "the parser and tshark disagree on clean packets");
            Ok(())
        }
    }
}

fn report(built: Vec<guests::Built>) {
    for guests::Built { path, size } in built {
        println!("{} ({size} bytes)", path.display());
    }
}
