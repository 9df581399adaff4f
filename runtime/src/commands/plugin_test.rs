//! `ringtap plugin test`: hold a plugin against what is expected of it.

use std::{fmt::Write, thread};

use anyhow::Context;
use ringtap_plugin::THREAD_STACK;

use crate::{
    app::plugins,
    cli::PluginTest,
    config::Loaded,
    exit::{Exit, Failure, OrExit},
    stdout,
    testing::{self, Case, Component, Project, Report, Terms},
};

/// End with [`Exit::Failure`] if a case failed.
pub(crate) fn test(args: &PluginTest, loaded: &Loaded) -> Result<Exit, Failure> {
    let project = Project::find(&args.path, args.cases.as_deref()).or_exit(Exit::Input)?;
    let cases = Case::all(&project.cases, &args.case).or_exit(Exit::Usage)?;
    let compiler = plugins::compiler(&loaded.config);
    let component = Component::load(&project.component, &compiler);
    let component = component.or_exit(Exit::Input)?;
    let old = args.old.as_ref().map(|old| Component::load(old, &compiler)).transpose();
    let old = old.context("the version to take over from").or_exit(Exit::Input)?;
    // A guest's stack is the caller's.
    let run = || all(args, &component, old.as_ref(), &cases);
    let failed = thread::scope(|scope| {
        let thread = thread::Builder::new().name("test".into()).stack_size(THREAD_STACK);
        let thread = thread.spawn_scoped(scope, run).context("start the thread of the tests")?;
        thread.join().unwrap_or_else(|_| {
            Err(anyhow::anyhow!("the tests panicked: this is a bug in ringtap").into())
        })
    })?;
    let count = cases.len();
    let plural = if count == 1 { "" } else { "s" };
    stdout::write(&format!("{count} case{plural}: {} passed, {failed} failed\n", count - failed))?;
    Ok(if failed == 0 { Exit::Success } else { Exit::Failure })
}

/// How many cases failed.
fn all(
    args: &PluginTest,
    component: &Component,
    old: Option<&Component>,
    cases: &[Case],
) -> Result<usize, Failure> {
    let terms = Terms {
        only: args.only.clone().unwrap_or_default(),
        chaos: !args.no_chaos,
        seed: args.seed,
        bless: args.bless,
    };
    let mut failed = 0;
    for case in cases {
        let subject = |component: &Component| {
            let subject = component.subject(case, args.seed);
            subject.with_context(|| format!("case `{}`", case.name)).or_exit(Exit::Input)
        };
        let (old, subject) = (old.map(&subject).transpose()?, subject(component)?);
        // To the host it is the same plugin.
        let old = old.map(|old| old.named(&subject.name));
        let report = testing::test(&subject, old.as_ref(), case, &terms);
        let report =
            report.with_context(|| format!("case `{}`", case.name)).or_exit(Exit::Usage)?;
        stdout::write(&told(args, case, &report))?;
        failed += usize::from(!report.failures.is_empty());
    }
    Ok(failed)
}

fn told(args: &PluginTest, case: &Case, report: &Report) -> String {
    let mut text = String::new();
    let (name, passed, failed) = (&case.name, report.passed, report.failures.len());
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    write(
        &mut text,
        format_args!("case {name}: {verdict}, {passed} variations passed, {failed} failed"),
    );
    if let Some((path, changed)) = &report.blessed {
        let what = if *changed { "wrote" } else { "is as it was:" };
        write(&mut text, format_args!("  {what} {}", path.display()));
    }
    for why in &report.left_out {
        write(&mut text, format_args!("  left out {why}"));
    }
    const TOLD: usize = 8;
    for (variation, failure) in report.failures.iter().take(TOLD) {
        write(&mut text, format_args!("  {variation}: {}", chain(failure).trim_end()));
        let seed = args.seed;
        let cases = args.cases.iter().map(|cases| format!(" --cases {}", cases.display()));
        let cases: String =
            cases.chain(args.old.iter().map(|old| format!(" --old {}", old.display()))).collect();
        let path = args.path.display();
        write(
            &mut text,
            format_args!(
                "    again: ringtap plugin test {path}{cases} --case {name} --only {variation} --seed {seed}"
            ),
        );
    }
    if failed > TOLD {
        write(&mut text, format_args!("  ... and {} more", failed - TOLD));
    }
    text
}

fn write(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("writing to a String can't fail");
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
