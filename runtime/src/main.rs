//! The binary: command line, configuration, logging, and the wiring of all crates.

mod app;
mod check;
mod cli;
mod commands;
mod config;
mod control;
mod exit;
mod log;
mod measuring;
mod privileges;
mod stdout;
mod testing;
mod wanted;

use std::{io::Write, process::ExitCode};

use cli::{Cli, Command, Plugin};
use config::{Loaded, LogFormat};
use exit::{Exit, Failure};

fn main() -> ExitCode {
    if commands::compile_plugin::is_asked_for() {
        return commands::compile_plugin::compile_plugin();
    }
    let cli = Cli::from_arguments();
    let loaded = match cli.config() {
        Ok(loaded) => loaded,
        Err(error) => return end(&Failure { exit: Exit::Usage, error: error.into() }),
    };
    match execute(&cli, &loaded) {
        Ok(exit) => exit.into(),
        Err(failure) if loaded.config.log.format == LogFormat::Json => {
            tracing::error!("{failure}");
            failure.exit.into()
        }
        Err(failure) => end(&failure),
    }
}

/// Say it in plain words. A closed stderr leaves nobody to tell, and the code still tells.
fn end(failure: &Failure) -> ExitCode {
    writeln!(std::io::stderr(), "ringtap: {failure}").ok();
    failure.exit.into()
}

fn execute(cli: &Cli, loaded: &Loaded) -> Result<Exit, Failure> {
    log::init(&loaded.config.log)?;
    // `check` tells them among everything else.
    if !matches!(cli.command, Command::Check(_)) {
        for warning in loaded.config.warnings() {
            tracing::warn!("{warning}");
        }
    }
    match &cli.command {
        Command::Run(args) => commands::run::run(args, loaded),
        Command::Replay(args) => commands::replay::replay(args, loaded),
        Command::Demo(args) => commands::demo::demo(args, loaded),
        Command::Check(_) => return commands::check::check(loaded),
        Command::Status(args) => return commands::status::status(args, loaded),
        Command::Explain(args) => commands::explain::explain(args, loaded),
        Command::Detach(args) => commands::detach::detach(args),
        Command::Plugin(Plugin::New(args)) => commands::project::new(args),
        Command::Plugin(Plugin::Build(args)) => commands::project::build(args),
        Command::Plugin(Plugin::Dev(args)) => commands::dev::dev(args),
        Command::Plugin(Plugin::Inspect(args)) => return commands::inspect::inspect(args, loaded),
        Command::Plugin(Plugin::Test(args)) => return commands::plugin_test::test(args, loaded),
        Command::Plugin(Plugin::Bench(args)) => commands::plugin_bench::bench(args, loaded),
        Command::Plugin(Plugin::Kv(_)) => commands::stored::list(loaded),
        Command::Plugin(Plugin::Forget(args)) => commands::stored::forget(args, loaded),
        Command::Config => commands::config::print(),
    }?;
    Ok(Exit::Success)
}
