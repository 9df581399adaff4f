//! `cargo xtask`: what a contributor does often.

mod guests;

use std::path::Path;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Build, check and test ringtap")]
enum Task {
    /// Build the bundled plugins into plugins/dist.
    Plugins {
        /// Compare with what is committed instead of writing it.
        #[arg(long)]
        check: bool,
    },
    /// Build the guests of the tests into tests/guests/dist.
    Guests,
}

fn main() -> anyhow::Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    match Task::parse() {
        Task::Plugins { check: false } => report(&guests::build_plugins(root)?),
        Task::Plugins { check: true } => guests::check_plugins(root)?,
        Task::Guests => report(&guests::build_guests(root)?),
    }
    Ok(())
}

fn report(built: &[guests::Built]) {
    for guests::Built { path, size } in built {
        println!("{} ({size} bytes)", path.display());
    }
}
