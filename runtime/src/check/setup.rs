//! The configuration, and what it says about places outside: the port and the event file.

use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::Finding;
use crate::{
    app::endpoint,
    config::{Config, Egress, EventsTo, Ingress, Listen, Loaded},
};

pub(super) fn check(loaded: &Loaded) -> Vec<Finding> {
    let config = &loaded.config;
    let mut findings = vec![file(loaded)];
    findings.extend(config.warnings().into_iter().map(|it| Finding::note(format!("listen: {it}"))));
    findings.extend(taps(config));
    findings.extend(listen(config.listen));
    findings.extend(events(&config.events.to));
    findings
}

fn file(loaded: &Loaded) -> Finding {
    match &loaded.file {
        Some(path) => Finding::ok(format!("config: {}", path.display())),
        None => Finding::ok("config: no file, so flags, environment and defaults"),
    }
}

fn taps(config: &Config) -> Option<Finding> {
    let none = config.taps.ingress == Ingress::None && config.taps.egress == Egress::None;
    none.then(|| Finding::setup("taps: no tap is asked for: see --ingress and --egress"))
}

/// Take the port for a moment.
fn listen(listen: Listen) -> Option<Finding> {
    let address = listen.address()?;
    Some(match endpoint::bind(listen) {
        Ok(_) => Finding::ok(format!("listen: {address} is free")),
        Err(error) => Finding::host(format!("listen: {:#}", anyhow::Error::from(error))),
    })
}

fn events(to: &EventsTo) -> Option<Finding> {
    let EventsTo::File(path) = to else { return None };
    let shown = path.display();
    let Err(obstacle) = can_write(path) else {
        return Some(Finding::ok(format!("events: {shown} can be written")));
    };
    Some(Finding::host(format!(
        "events: {shown} can't be written: {obstacle}; change that, or name another file with \
         --events"
    )))
}

/// Whether the file can be appended to, or made.
fn can_write(path: &Path) -> Result<(), String> {
    let may = |path: &Path, access| accessat(CWD, path, access, AtFlags::EACCESS);
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Err("it is a directory".to_owned()),
        Ok(_) => may(path, Access::WRITE_OK).map_err(|error| error.to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            let made = may(parent, Access::WRITE_OK | Access::EXEC_OK);
            made.map_err(|error| format!("no file can be made in {}: {error}", parent.display()))
        }
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, net::TcpListener};

    use super::*;

    fn events_to(path: &Path) -> String {
        let finding = events(&EventsTo::File(path.to_owned())).unwrap().to_string();
        finding.replace(&path.parent().unwrap().display().to_string(), "")
    }

    #[test]
    fn says_which_file_it_is_about() {
        let config = Config::default();
        let loaded = Loaded { config, file: Some("/etc/c.toml".into()) };
        assert_eq!(file(&loaded).to_string(), "ok   config: /etc/c.toml");
        assert_eq!(taps(&loaded.config), None);
    }

    #[test]
    fn a_runtime_without_taps_is_a_mistake() {
        let mut config = Config::default();
        config.taps.ingress = Ingress::None;
        assert_eq!(taps(&config), None);
        config.taps.egress = Egress::None;
        let said = taps(&config).unwrap().to_string();
        assert_eq!(said, "FAIL taps: no tap is asked for: see --ingress and --egress");
    }

    #[test]
    fn a_port_is_tried_and_given_back() {
        assert_eq!(listen(Listen::Nowhere), None);
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let said = listen(Listen::At(address)).unwrap().to_string();
        assert!(said.starts_with(&format!("FAIL listen: {address} is in use")), "{said}");
        drop(taken);
        for _ in 0..2 {
            let said = listen(Listen::At(address)).unwrap().to_string();
            assert_eq!(said, format!("ok   listen: {address} is free"));
        }
    }

    #[test]
    fn an_event_file_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e.jsonl");
        assert_eq!(events_to(&path), "ok   events: /e.jsonl can be written");
        assert!(!path.exists());
        fs::write(&path, "").unwrap();
        assert_eq!(events_to(&path), "ok   events: /e.jsonl can be written");
    }

    #[test]
    fn an_event_file_that_can_not_be_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let below = events_to(&file.join("e.jsonl"));
        assert!(below.starts_with("FAIL events: ") && below.contains("Not a directory"), "{below}");
        let nowhere = events_to(&folder.path().join("no/e.jsonl"));
        assert!(nowhere.contains("no file can be made in "), "{nowhere}");
        fs::create_dir(folder.path().join("d")).unwrap();
        let directory = events_to(&folder.path().join("d"));
        assert!(directory.contains("/d can't be written: it is a directory; "), "{directory}");
    }
}
