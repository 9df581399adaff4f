mod interest;
mod view;

use anyhow::Context;
use ringtap_plugin::{Engine, Inspection, plugin_name};

use crate::{
    app::plugins::{self, Mode},
    cli::Inspect,
    config::Loaded,
    exit::{Exit, Failure, OrExit},
    stdout,
};
use view::View;

/// Say what is in a file, and end with [`Exit::Input`] if it would not be loaded.
pub(crate) fn inspect(args: &Inspect, loaded: &Loaded) -> Result<Exit, Failure> {
    let engine = Engine::new().context("start the WebAssembly engine")?;
    // One without a good name is refused for that, whatever its limits.
    let name = plugin_name(&args.file).ok();
    let config = &loaded.config;
    let policy = plugins::policy(config, Mode::Live, None);
    let terms = name.as_ref().map_or(&policy.default, |name| policy.terms(name));
    let compiler = plugins::compiler(config);
    let inspection = ringtap_plugin::inspect(&args.file, &engine, &compiler, terms);
    let inspection = inspection.or_exit(Exit::Input)?;
    let configured = name.map_or_else(|| config.limits.clone(), |name| config.limits_of(&name));
    let view = View::new(&inspection, &configured);
    let text = match args.json {
        true => serde_json::to_string(&view).context("write as JSON")? + "\n",
        false => view.to_string(),
    };
    stdout::write(&text)?;
    Ok(exit(&inspection))
}

fn exit(inspection: &Inspection) -> Exit {
    if inspection.refusals.is_empty() { Exit::Success } else { Exit::Input }
}
