use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use ringtap_interest::{Filter, Interest, Narrowing, SampleBy, Sampling};
use ringtap_plugin::{
    BadInterest, IsTapped, LoadError, PluginState, Policy, ReloadOutcome, SupervisorConfig, Terms,
};

use crate::{
    supervisor::{self, Runtime, put},
    support::{SWITCH_WORLD, component, load, name, switch, switch_wanting, wanting},
};

/// A runtime with the plugin `a`, whose interests are narrowed so, and a tap on eth0.
fn runtime(narrowing: Narrowing) -> Runtime {
    let is_tapped: IsTapped = Arc::new(|name| name == "eth0");
    let of = [(name("a"), Terms { narrowing, ..supervisor::terms() })].into();
    let policy = Policy { of, is_tapped: Some(is_tapped), ..supervisor::policy() };
    Runtime::with(&[("a", "")], |path| SupervisorConfig { policy, ..supervisor::config(path) })
}

#[test]
fn a_plugin_that_states_no_interest_wants_every_packet() {
    let plugin = load(&switch()).unwrap();
    assert_eq!(plugin.description().interests, []);
    assert_eq!(plugin.interests(), [Interest::everything()]);
}

#[test]
fn a_plugin_states_its_interests() {
    let plugin = load(&wanting("tcp dst port 443", 64)).unwrap();
    let [web] = plugin.interests() else { panic!("{:?}", plugin.interests()) };
    assert_eq!((web.name.as_str(), web.filter.text()), ("web", "tcp dst port 443"));
    assert_eq!((web.sampling, web.payload), (Sampling::ALL, 64));
    assert_eq!(plugin.description().interests, plugin.interests());
}

#[test]
fn interests_that_are_none_refuse_the_plugin() {
    match load(&wanting("tcp port 99999", 0)).unwrap_err() {
        LoadError::Interest(BadInterest::Filter { name, source }) => {
            assert_eq!((name.as_str(), source.span().start), ("web", 9));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_role_that_takes_packets_there_is_nothing_to_want() {
    let export = "(export \"ringtap:plugin/aggregate@0.1.0#on-packets\")";
    let module = switch_wanting("tcp", 0).replace(export, "");
    let world = SWITCH_WORLD.replace("export ringtap:plugin/aggregate@0.1.0;", "");
    let error = load(&component(&module, &world, str::to_owned)).unwrap_err();
    assert!(matches!(error, LoadError::Interest(BadInterest::NoPackets)), "{error:?}");
}

#[test]
fn what_a_plugin_gets_to_see_is_told() {
    let sampling = Sampling::new(100, SampleBy::Flow).unwrap();
    let runtime = runtime(Narrowing { sampling: Some(sampling), ..Narrowing::default() });
    let sampled = Interest { sampling, ..Interest::everything() };
    assert_eq!(runtime.status("a").unwrap().interests, [sampled]);
}

#[test]
fn a_version_that_wants_what_it_may_not_have_leaves_the_old_one_running() {
    let filter = Some(Filter::parse("ip").unwrap());
    let runtime = runtime(Narrowing { filter, ..Narrowing::default() });
    let directory = runtime.path("");
    let before = runtime.status("a").unwrap();
    for (wasm, why) in [
        (wanting("tcp", 64), "interest `web`: it asks for 64 payload bytes"),
        (wanting("ip6", 0), "interest `web`: its filter and the one that is configured"),
        (wanting("iface eth7", 0), "interest `web` names the interface \"eth7\""),
        (wanting("tcp and udp", 0), "states interest `web` with an invalid filter: no packet"),
    ] {
        put(&directory, "a", &wasm, "");
        runtime.until_outcome(
            "a",
            |last| matches!(last, ReloadOutcome::KeptOld { reason } if reason.starts_with(why)),
        );
        let now = runtime.status("a").unwrap();
        assert_eq!((now.state, now.digest), (PluginState::Running, before.digest));
        assert_eq!(now.interests, before.interests);
    }
    put(&directory, "a", &wanting("iface eth0", 0), "");
    runtime.until_outcome("a", |last| *last == ReloadOutcome::Replaced);
    let interests = runtime.status("a").unwrap().interests;
    assert_eq!(interests[0].filter.text(), "(iface eth0) and (ip)");
}

#[test]
fn a_plugin_that_wants_what_it_may_not_have_is_refused() {
    let filter = Some(Filter::parse("iface eth7").unwrap());
    let runtime = runtime(Narrowing { filter, ..Narrowing::default() });
    let status = runtime.status("a").unwrap();
    assert_eq!((status.state, status.interests.len()), (PluginState::Quarantined, 0));
    let why = "what is configured for the plugin names the interface \"eth7\"";
    assert!(status.reason.unwrap().starts_with(why));
}

#[test]
fn a_plugin_whose_interface_comes_to_be_tapped_is_taken_then() {
    let is_there = Arc::<AtomicBool>::default();
    let asked = Arc::clone(&is_there);
    let is_tapped: IsTapped = Arc::new(move |_| asked.load(Relaxed));
    let policy = Policy { is_tapped: Some(is_tapped), ..supervisor::policy() };
    let runtime = Runtime::with(&[("old", "")], |path| {
        put(path, "new", &wanting("iface eth7", 0), "");
        SupervisorConfig { policy, ..supervisor::config(path) }
    });
    let directory = runtime.path("");
    put(&directory, "old", &wanting("iface eth7 and tcp", 0), "");
    runtime.until_outcome("old", |last| last.reason().is_some());
    let state = |plugin| runtime.status(plugin).unwrap().state;
    assert_eq!((state("new"), state("old")), (PluginState::Quarantined, PluginState::Running));

    // Another interface is none that they ask for. What it changed for others tells that it was
    // looked at, and the same refusal is not counted again.
    put(&directory, "other", &switch(), "");
    runtime.supervisor.interfaces_changed();
    runtime.until_outcome("other", |last| *last == ReloadOutcome::Loaded);
    assert_eq!((runtime.reloads("new", "refused"), runtime.reloads("old", "kept_old")), (1, 1));

    is_there.store(true, Relaxed);
    // Nobody was told yet, so a look at files changes nothing.
    put(&directory, "third", &switch(), "");
    runtime.until_outcome("third", |last| *last == ReloadOutcome::Loaded);
    assert_eq!(state("new"), PluginState::Quarantined);
    runtime.supervisor.interfaces_changed();
    runtime.until_outcome("new", |last| *last == ReloadOutcome::Loaded);
    runtime.until_outcome("old", |last| *last == ReloadOutcome::Replaced);
    assert_eq!(runtime.status("new").unwrap().reason, None);
}

#[test]
fn a_plugin_for_which_there_was_no_room_is_taken_when_another_goes() {
    // So many that no two of them fit into one table.
    let rules = |offset: u32| {
        let rule = |n: u32| format!("(src port {} and ttl {n})", 2 * n + offset);
        (0..200).map(rule).collect::<Vec<_>>().join(" or ")
    };
    let runtime = Runtime::with(&[], |path| {
        put(path, "a", &wanting(&rules(1), 0), "");
        supervisor::config(path)
    });
    put(&runtime.path(""), "b", &wanting(&rules(2), 0), "");
    runtime.until_outcome("b", |last| last.reason().is_some());
    let state = |plugin| runtime.status(plugin).unwrap().state;
    assert_eq!((state("a"), state("b")), (PluginState::Running, PluginState::Quarantined));
    let reason = runtime.status("b").unwrap().reason.unwrap();
    assert!(reason.contains("it needs 200 rules and 56 of 256 are left"), "{reason}");

    put(&runtime.path(""), "other", &wanting("tcp", 0), "");
    runtime.until_outcome("other", |last| *last == ReloadOutcome::Loaded);
    assert_eq!((state("b"), runtime.reloads("b", "refused")), (PluginState::Quarantined, 1));

    fs::remove_file(runtime.path("a.wasm")).unwrap();
    runtime.until_outcome("b", |last| *last == ReloadOutcome::Loaded);
    assert!(runtime.status("a").is_none());
    // A smaller version makes room too.
    put(&runtime.path(""), "c", &wanting(&rules(1), 0), "");
    runtime.until_outcome("c", |last| last.reason().is_some());
    put(&runtime.path(""), "b", &wanting("udp", 0), "");
    runtime.until_outcome("c", |last| *last == ReloadOutcome::Loaded);
    assert_eq!(runtime.subscriptions.report().rules, 202);
}
