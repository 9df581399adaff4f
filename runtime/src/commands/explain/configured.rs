use anyhow::Context;
use ringtap_plugin::{Engine, Inspected, Surveyed, survey};

use super::{compiled::Subject, view::Refused};
use crate::{
    app::plugins::{self, Mode},
    cli::Explain,
    config::Config,
    exit::{Exit, Failure, OrExit},
};

/// The interests of the plugins that are configured, and the plugins that don't get to have any.
pub(super) fn interests(
    args: &Explain,
    config: &Config,
) -> Result<(Vec<Subject>, Vec<Refused>), Failure> {
    let engine = Engine::new().context("start the WebAssembly engine")?;
    let sources = plugins::sources(config, &args.plugin_files, Mode::Capture, None);
    let survey = survey(sources, &engine, &plugins::compiler(config));
    if !survey.problems.is_empty() {
        return Err(anyhow::anyhow!("{}", survey.problems.join("; "))).or_exit(Exit::Input);
    }
    if survey.plugins.is_empty() {
        let nothing = "no FILTER is given, and there is no plugin: see --plugins and --bundled";
        return Err(anyhow::anyhow!(nothing)).or_exit(Exit::Usage);
    }
    let (mut subjects, mut refused) = (Vec::new(), Vec::new());
    for Surveyed { name, outcome, interests, .. } in survey.plugins {
        match outcome {
            Err(reason) => refused.push(Refused { plugin: name.to_string(), reason }),
            Ok(_) => {
                subjects.extend(interests.into_iter().filter_map(|Inspected { asked, granted }| {
                    Some(Subject::of_plugin(name.to_string(), &asked, granted.ok()?))
                }))
            }
        }
    }
    Ok((subjects, refused))
}
