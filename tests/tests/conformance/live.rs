//! Plugins of all languages at once on live traffic: each sees the same packets.

use std::{collections::BTreeMap, fs};

use ringtap_lab::{
    Family, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{Metrics, PluginDirectory, Running, config_file, lab};
use tempfile::TempDir;

use crate::languages::{self, Language};

const DATAGRAMS: u64 = 300;

/// All plugins of all languages, each as LANGUAGE-PLUGIN, and their configuration.
fn installed(languages: &[Language]) -> (PluginDirectory, String) {
    let (plugins, mut config) = (PluginDirectory::new(&[]), String::new());
    let host = Side::Near.address(Family::V4, 0);
    for language in languages {
        for plugin in languages::PLUGINS {
            let Some(component) = language.component(plugin) else { continue };
            let own = match plugin {
                // Script languages take more than others.
                "meter" => "payload = 512\nmemory = \"256 MiB\"".to_owned(),
                "sieve" => "memory = \"256 MiB\"".to_owned(),
                _ => format!("input = \"{language}-meter\"\nmemory = \"256 MiB\""),
            };
            config += &format!("[plugins.{language}-{plugin}]\n{own}\n");
            if plugin == "sieve" {
                plugins.put(
                    &format!("{language}-sieve.toml"),
                    format!("host = \"{host}\"").as_bytes(),
                );
            }
            plugins.put(&format!("{language}-{plugin}.wasm"), &fs::read(component).unwrap());
        }
    }
    (plugins, config + languages::PATIENT)
}

/// The plugin's own series: name, labels but its own name, value.
fn series(exposition: &str, plugin: &str) -> BTreeMap<String, String> {
    let own = format!("plugin=\"{plugin}\"");
    let lines =
        exposition.lines().filter(|line| line.contains(&own) && !line.starts_with("ringtap_"));
    let split = |line: &str| {
        line.rsplit_once(' ').map(|(series, value)| (series.to_owned(), value.to_owned()))
    };
    let pairs = lines.filter_map(split);
    pairs.map(|(series, value)| (series.replace(&own, "plugin"), value)).collect()
}

#[test]
fn live_packets_are_the_same_to_every_language() {
    let Some(lab) = lab(LabConfig::default()) else { return };
    let languages = languages::all();
    let (plugins, config) = installed(&languages);
    let directory = TempDir::new().unwrap();
    let config = config_file(&directory, &config);
    let running = Running::start(&lab, &["--config", &config, "--plugins", plugins.as_str()]);
    let names = |plugin: &str| -> Vec<String> {
        let with = |language: &&Language| language.component(plugin).is_some();
        languages.iter().filter(with).map(|language| format!("{language}-{plugin}")).collect()
    };
    let (meters, sieves) = (names("meter"), names("sieve"));
    let takers: Vec<&str> = meters.iter().chain(&sieves).map(String::as_str).collect();
    running.metrics_when("all to run", |metrics: &Metrics| {
        takers.iter().all(|plugin| metrics.state(plugin) == "running")
    });
    let before = running.metrics();
    let count = |metrics: &Metrics, plugin: &str| {
        metrics.sum("meter_packet_bytes_count", &[("plugin", plugin)])
    };
    let path = Path::new(Side::Near, Family::V4);
    let datagrams = traffic::udp(&lab, path, DATAGRAMS, 200).unwrap();
    traffic::tcp(&lab, path, 3, 5000).unwrap();
    // Each question has an answer.
    let dns = 2 * traffic::dns(&lab, path, 5).unwrap();
    let scribes = names("scribe");
    // They get what meters emit when those have had the packets; all ledgers are looked at below.
    running.metrics_when("the copies", |metrics| {
        scribes.iter().all(|scribe| {
            let [meant, shed, failed, delivered] = metrics.records(scribe);
            delivered >= dns && meant == shed + failed + delivered
        })
    });
    let metrics = running.settled(&takers);
    let exposition = running.exposition();
    let [reference, ..] = &meters[..] else { panic!("no meter") };
    let seen = count(&metrics, reference) - count(&before, reference);
    assert!(seen >= datagrams + dns, "{seen} of {datagrams} and {dns}");
    let expected = series(&exposition, reference);
    assert!(expected.len() > 8, "{expected:?}");
    for meter in &meters {
        // One that came later has seen fewer packets that are none of ours.
        assert_eq!(count(&metrics, meter) - count(&before, meter), seen, "{meter}");
    }
    for sieve in &sieves {
        assert_eq!(series(&exposition, sieve), series(&exposition, "rust-sieve"), "{sieve}");
        assert!(metrics.sum("sieve_kept_total", &[("plugin", sieve)]) > 0, "{sieve}");
    }
    for scribe in scribes {
        let kinds = [("plugin", scribe.as_str()), ("kind", "dns")];
        let copied = running.metrics_when("the copies", |metrics| {
            metrics.sum("scribe_events_total", &kinds) >= dns
        });
        assert_eq!(copied.sum("scribe_events_total", &kinds), dns, "{scribe}");
    }
    let ended = running.terminate();
    assert_eq!(ended.code, Some(0), "{:#?}", ended.log);
}
