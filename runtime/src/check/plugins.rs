//! The plugins, each tried up to its `init`.

use ringtap_pipeline::name::PluginName;
use ringtap_plugin::{Capability, Description, Engine, Surveyed, survey};

use super::Finding;
use crate::{
    app::{
        interfaces::Selection,
        plugins::{self, Mode},
        tapped::Tapped,
    },
    config::{Loaded, Owns},
};

pub(super) fn check(loaded: &Loaded) -> Vec<Finding> {
    let engine = match Engine::new() {
        Ok(engine) => engine,
        Err(error) => return vec![Finding::host(format!("plugins: {:#}", anyhow::anyhow!(error)))],
    };
    // Where it can't be told which interfaces would be tapped, that is a finding of theirs.
    let chosen = Selection::of(&loaded.config).choose().ok();
    let tapped = chosen.map(|chosen| Tapped::new(&chosen.names()));
    let is_tapped = tapped.map(|tapped| tapped.for_plugins());
    let sources = plugins::sources(&loaded.config, &[], Mode::Live, is_tapped);
    let survey = survey(sources, &engine, &plugins::compiler(&loaded.config));
    let problems = survey.problems.iter();
    let mut findings: Vec<_> =
        problems.map(|problem| Finding::setup(format!("plugins: {problem}"))).collect();
    if findings.is_empty() && survey.plugins.is_empty() {
        findings.push(Finding::note(
            "plugins: there is none: packets are counted, and nothing else comes of them",
        ));
    }
    findings.extend(survey.plugins.iter().map(plugin));
    let own = &loaded.config.own;
    findings.extend(payload_for_nobody(own, &survey.plugins));
    findings.extend(grants_for_nothing(own, &survey.plugins));
    findings.extend(limits_of_nobody(own.keys(), &survey.plugins));
    findings
}

fn plugin(plugin: &Surveyed) -> Finding {
    let name = &plugin.name;
    let origin = match &plugin.path {
        Some(path) => path.display().to_string(),
        None => "bundled".to_owned(),
    };
    match &plugin.outcome {
        Ok(said) => {
            Finding::ok(format!("plugin {name} ({origin}): {} {}", said.name, said.version))
        }
        Err(refusal) => Finding::setup(format!("plugin {name} ({origin}): {refusal}")),
    }
}

/// A typing error there would leave a plugin with other limits than its operator believes.
fn limits_of_nobody<'a>(
    limited: impl Iterator<Item = &'a PluginName>,
    there: &[Surveyed],
) -> Vec<Finding> {
    let nobodys = limited.filter(|name| !there.iter().any(|plugin| plugin.name == **name));
    let note = |name| format!("plugins: [plugins.{name}] is of no use: there is no such plugin");
    nobodys.map(|name| Finding::note(note(name))).collect()
}

/// Granting what nobody asks for is no danger, but the operator may expect something of it.
fn payload_for_nobody(own: &Owns, there: &[Surveyed]) -> Vec<Finding> {
    let granted =
        |name| own.get(name).and_then(|own| own.narrowing.payload).unwrap_or_default() > 0;
    let asks = |said: &Description| said.interests.iter().any(|one| one.payload > 0);
    let nobodys = there.iter().filter(|plugin| {
        granted(&plugin.name) && plugin.outcome.as_ref().is_ok_and(|said| !asks(said))
    });
    let note = |Surveyed { name, .. }: &Surveyed| {
        format!("plugins: `payload` of [plugins.{name}] has no effect: it asks for no payload")
    };
    nobodys.map(|plugin| Finding::note(note(plugin))).collect()
}

/// A capability that is granted and not imported is no danger either.
fn grants_for_nothing(own: &Owns, there: &[Surveyed]) -> Vec<Finding> {
    let note = |Surveyed { name, outcome, imports, .. }: &Surveyed| {
        outcome.as_ref().ok()?;
        let grants = own.get(name)?.grants.as_ref()?;
        let imports =
            |one: Capability| imports.iter().any(|import| import.capability() == Some(one));
        let unused = grants.iter().filter(|one| !imports(*one)).map(Capability::name);
        let unused = unused.collect::<Vec<_>>().join(", ");
        let note =
            || format!("plugins: `grants` of [plugins.{name}] has more than it imports: {unused}");
        (!unused.is_empty()).then(|| Finding::note(note()))
    };
    there.iter().filter_map(note).collect()
}

#[cfg(test)]
mod tests {
    use ringtap_interest::{Interest, Narrowing};
    use ringtap_plugin::{Import, Verdict};

    use super::*;
    use crate::config::Own;

    fn surveyed(name: &str, path: Option<&str>, outcome: Result<&str, &str>) -> Surveyed {
        let describe = |name: &str| Description {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            tick_ms: None,
            interests: Vec::new(),
            state: None,
        };
        let outcome = outcome.map(describe).map_err(str::to_owned);
        let (name, path) = (PluginName::new(name).unwrap(), path.map(Into::into));
        Surveyed { name, path, outcome, imports: Vec::new(), interests: Vec::new() }
    }

    #[test]
    fn a_plugin_is_told_with_where_it_is_from() {
        let said = |surveyed| plugin(&surveyed).to_string();
        assert_eq!(said(surveyed("a", None, Ok("A"))), "ok   plugin a (bundled): A 1.0");
        assert_eq!(
            said(surveyed("b", Some("/p/b.wasm"), Err("is empty"))),
            "FAIL plugin b (/p/b.wasm): is empty"
        );
    }

    #[test]
    fn limits_of_a_plugin_that_is_not_there_are_noted() {
        let names = ["a", "b"].map(|name| PluginName::new(name).unwrap());
        let found = limits_of_nobody(names.iter(), &[surveyed("a", None, Ok("A"))]);
        let wanted = "plugins: [plugins.b] is of no use: there is no such plugin";
        assert_eq!(found, [Finding::note(wanted)]);
    }

    #[test]
    fn capabilities_that_are_granted_and_not_imported_are_noted() {
        let mut plugin = surveyed("a", None, Ok("A"));
        for verdict in [Verdict::Granted(Capability::Log), Verdict::Wasi(Some(Capability::Clock))] {
            plugin.imports.push(Import { name: String::new(), verdict });
        }
        let granted = |more: &[Capability]| {
            let grants = [Capability::Log, Capability::Clock].iter().chain(more).copied();
            let own = Own { grants: Some(grants.collect()), ..Own::default() };
            Owns::from([(plugin.name.clone(), own)])
        };
        let there = [plugin.clone()];
        let wanted = "plugins: `grants` of [plugins.a] has more than it imports: events, kv";
        let found = grants_for_nothing(&granted(&[Capability::Kv, Capability::Events]), &there);
        assert_eq!(found, [Finding::note(wanted)]);
        assert_eq!(grants_for_nothing(&granted(&[]), &there), []);
        assert_eq!(grants_for_nothing(&Owns::new(), &there), []);
        let refused = [Surveyed { outcome: Err("no".to_owned()), ..plugin.clone() }];
        assert_eq!(grants_for_nothing(&granted(&[Capability::Kv]), &refused), []);
    }

    #[test]
    fn payload_that_nobody_asks_for_is_noted() {
        let asks = |payload| {
            let mut plugin = surveyed("a", None, Ok("A"));
            let interest = Interest { payload, ..Interest::everything() };
            plugin.outcome.as_mut().unwrap().interests.push(interest);
            [plugin]
        };
        let narrowing = |payload| {
            let narrowing = Narrowing { payload: Some(payload), ..Narrowing::default() };
            let own = Own { narrowing, ..Own::default() };
            Owns::from([(PluginName::new("a").unwrap(), own)])
        };
        let wanted = "plugins: `payload` of [plugins.a] has no effect: it asks for no payload";
        assert_eq!(payload_for_nobody(&narrowing(64), &asks(0)), [Finding::note(wanted)]);
        assert_eq!(payload_for_nobody(&narrowing(64), &asks(1)), []);
        assert_eq!(payload_for_nobody(&narrowing(0), &asks(0)), []);
        assert_eq!(payload_for_nobody(&narrowing(64), &[surveyed("a", None, Err("no"))]), []);
    }
}
