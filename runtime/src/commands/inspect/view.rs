use std::{fmt, time::Duration};

use bytesize::ByteSize;
use ringtap_plugin::{Import, Inspection, Misfit, Role, Share, Verdict};
use serde::Serialize;

use super::interest::Wish;
use crate::{config::Limits, stdout::one_line};

/// What is told of an inspected file: its fields as JSON, or shown, lines for people.
#[derive(Debug, Serialize)]
pub(super) struct View {
    path: String,
    sha256: String,
    size: usize,
    /// Whether a plugin in that file would be loaded, if its `init` takes its config.
    accepted: bool,
    refusals: Vec<String>,
    /// `null` where it was refused before it could describe itself.
    description: Option<Description>,
    roles: Vec<&'static str>,
    imports: Vec<Asked>,
    interests: Vec<Wish>,
    limits: Allowed,
}

#[derive(Debug, Serialize)]
struct Description {
    name: String,
    version: String,
    /// `null` for never.
    tick_ms: Option<u32>,
}

/// An import, and what becomes of it.
#[derive(Debug, Serialize)]
struct Asked {
    name: String,
    /// `granted`, `types` (nothing to grant), `inert` (of WASI: it is there and does nothing),
    /// `not granted` or `refused`.
    verdict: &'static str,
    /// By which capability an import of WASI does something.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Limits that it would run under.
#[derive(Debug, Serialize)]
struct Allowed {
    memory_bytes: u64,
    call_deadline_ms: u128,
    init_deadline_ms: u128,
    queue_records: usize,
    when_full: &'static str,
    /// In percent of a core.
    cpu: u8,
    max_series: usize,
    /// `null` for never.
    series_expiry_seconds: Option<u64>,
    log_rate: u32,
    log_burst: u32,
    event_rate: u32,
    event_burst: u32,
    max_table_elements: usize,
    max_instances: usize,
    max_handles: usize,
    host_call_bytes: u64,
}

impl View {
    pub(super) fn new(inspection: &Inspection, limits: &Limits) -> Self {
        let described = inspection.description.as_ref();
        Self {
            path: inspection.path.display().to_string(),
            sha256: inspection.digest.to_string(),
            size: inspection.size,
            accepted: inspection.refusals.is_empty(),
            refusals: inspection.refusals.clone(),
            description: described.map(|said| Description {
                name: said.name.clone(),
                version: said.version.clone(),
                tick_ms: said.tick_ms,
            }),
            roles: inspection.roles.iter().copied().map(Role::name).collect(),
            imports: inspection.imports.iter().map(Asked::new).collect(),
            interests: inspection.interests.iter().map(Wish::new).collect(),
            limits: Allowed {
                memory_bytes: limits.memory,
                call_deadline_ms: limits.call_deadline.as_millis(),
                init_deadline_ms: limits.init_deadline.as_millis(),
                queue_records: limits.queue_records,
                when_full: limits.when_full.name(),
                cpu: limits.cpu.0.map_or(100, Share::percent),
                max_series: limits.max_series,
                series_expiry_seconds: limits.series_expiry.0.map(|time| time.as_secs()),
                log_rate: limits.log_rate,
                log_burst: limits.log_burst,
                event_rate: limits.event_rate,
                event_burst: limits.event_burst,
                max_table_elements: limits.max_table_elements,
                max_instances: limits.max_instances,
                max_handles: limits.max_handles,
                host_call_bytes: limits.host_call_bytes,
            },
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("path:     {}", self.path),
            format!("sha256:   {}", self.sha256),
            format!("size:     {} bytes", self.size),
        ];
        if let Some(Description { name, version, tick_ms }) = &self.description {
            let tick = tick_ms.map_or("never".to_owned(), |ms| format!("every {ms} ms"));
            lines.push(format!("name:     {name}"));
            lines.push(format!("version:  {version}"));
            lines.push(format!("tick:     {tick}"));
        }
        if !self.roles.is_empty() {
            lines.push(format!("roles:    {}", self.roles.join(", ")));
        }
        lines.extend(self.imports.iter().map(|import| format!("import:   {import}")));
        lines.extend(self.interests.iter().flat_map(Wish::lines));
        lines.extend(self.limits.lines().map(|line| format!("limits:   {line}")));
        lines.extend(self.refusals.iter().map(|why| format!("refused:  {why}")));
        lines.extend(self.accepted.then(|| "accepted: would be loaded".to_owned()));
        lines
    }
}

impl Asked {
    fn new(import: &Import) -> Self {
        let (verdict, by, reason) = match &import.verdict {
            Verdict::Granted(_) => ("granted", None, None),
            Verdict::Types => ("types", None, None),
            Verdict::Wasi(None) => ("inert", None, None),
            Verdict::Wasi(Some(capability)) => ("granted", Some(capability.name()), None),
            Verdict::Refused(misfit @ Misfit::Ungranted { .. }) => {
                ("not granted", None, Some(misfit.to_string()))
            }
            Verdict::Refused(misfit) => ("refused", None, Some(misfit.to_string())),
        };
        Self { name: import.name.clone(), verdict, by, reason }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(f, "{}", one_line(line)))
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match (self.verdict, self.by) {
            ("types", _) => write!(f, "{name} (types only, nothing to grant)"),
            ("inert", _) => write!(f, "{name} (inert, nothing to grant)"),
            (verdict, Some(by)) => write!(f, "{name} ({verdict} as `{by}`)"),
            (verdict, None) => write!(f, "{name} ({verdict})"),
        }
    }
}

impl Allowed {
    fn lines(&self) -> [String; 4] {
        let series = match self.series_expiry_seconds.map(Duration::from_secs) {
            None => "that never expire".to_owned(),
            Some(time) => format!("that expire after {}", humantime::format_duration(time)),
        };
        [
            format!(
                "memory {}, {} % of a core, {} ms of CPU a call, {} ms to start or stop",
                ByteSize(self.memory_bytes),
                self.cpu,
                self.call_deadline_ms,
                self.init_deadline_ms,
            ),
            format!(
                "{} records queued, when full {}, {} series {series}",
                self.queue_records, self.when_full, self.max_series
            ),
            format!(
                "{} log lines a second ({} at once), {} events a second ({} at once)",
                self.log_rate, self.log_burst, self.event_rate, self.event_burst
            ),
            format!(
                "{} core instances, {} table elements, {} handles, {} a host call",
                self.max_instances,
                self.max_table_elements,
                self.max_handles,
                ByteSize(self.host_call_bytes)
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use ringtap_interest::{Interest, SampleBy, Sampling};
    use ringtap_plugin::{Capability, Digest, Grants, Inspected};

    use super::*;

    fn inspection() -> Inspection {
        let import = |name: &str, verdict| Import { name: name.to_owned(), verdict };
        let log = Verdict::Granted(Capability::Log);
        let misfit = Misfit::Import { import: "files".to_owned() };
        let ungranted = Misfit::Ungranted {
            imports: vec!["ringtap:plugin/kv@0.1.0".to_owned()],
            capabilities: vec![Capability::Kv],
            granted: Grants::default(),
        };
        let clock = Verdict::Wasi(Some(Capability::Clock));
        let asked = Interest {
            name: "web".to_owned(),
            filter: "tcp dst port 443".parse().unwrap(),
            sampling: Sampling::new(10, SampleBy::Flow).unwrap(),
            payload: 64,
        };
        let less = Interest { payload: 16, ..asked.clone() };
        let interests = vec![
            Inspected { asked, granted: Ok(less) },
            Inspected { asked: Interest::everything(), granted: Err("why".to_owned()) },
        ];
        Inspection {
            path: "/p/a.wasm".into(),
            digest: Digest::of(b""),
            size: 123,
            imports: vec![
                import("ringtap:plugin/types@0.1.0", Verdict::Types),
                import("ringtap:plugin/log@0.1.0", log),
                import("ringtap:plugin/kv@0.1.0", Verdict::Refused(ungranted)),
                import("wasi:cli/exit@0.2.0", Verdict::Wasi(None)),
                import("wasi:clocks/wall-clock@0.2.0", clock),
                import("files", Verdict::Refused(misfit)),
            ],
            roles: vec![Role::Lifecycle, Role::Aggregate],
            description: Some(ringtap_plugin::Description {
                name: "A".to_owned(),
                version: "1.2".to_owned(),
                tick_ms: Some(1000),
                interests: interests.iter().map(|one| one.asked.clone()).collect(),
                state: None,
            }),
            interests,
            refusals: vec!["no\nreason".to_owned()],
        }
    }

    const SHA256_OF_NOTHING: &str =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn people_get_a_line_for_each_thing() {
        let text = View::new(&inspection(), &Limits::default()).to_string();
        let wanted = format!(
            "path:     /p/a.wasm
sha256:   {SHA256_OF_NOTHING}
size:     123 bytes
name:     A
version:  1.2
tick:     every 1000 ms
roles:    lifecycle, aggregate
import:   ringtap:plugin/types@0.1.0 (types only, nothing to grant)
import:   ringtap:plugin/log@0.1.0 (granted)
import:   ringtap:plugin/kv@0.1.0 (not granted)
import:   wasi:cli/exit@0.2.0 (inert, nothing to grant)
import:   wasi:clocks/wall-clock@0.2.0 (granted as `clock`)
import:   files (refused)
interest: web: tcp dst port 443; a sample of 1/10 by flow; headers and 64 bytes of payload
granted:  web: tcp dst port 443; a sample of 1/10 by flow; headers and 16 bytes of payload
interest: everything: every packet; headers only
limits:   memory 128.0 MiB, 100 % of a core, 50 ms of CPU a call, 1000 ms to start or stop
limits:   65536 records queued, when full drop-newest, 10000 series that never expire
limits:   20 log lines a second (100 at once), 10000 events a second (65536 at once)
limits:   64 core instances, 100000 table elements, 1000 handles, 16.0 MiB a host call
refused:  no reason
"
        );
        assert_eq!(text, wanted);
    }

    #[test]
    fn programs_get_the_same_as_json() {
        let accepted = Inspection { refusals: Vec::new(), ..inspection() };
        let json = serde_json::to_value(View::new(&accepted, &Limits::default())).unwrap();
        let wanted = serde_json::json!({
            "path": "/p/a.wasm",
            "sha256": SHA256_OF_NOTHING,
            "size": 123,
            "accepted": true,
            "refusals": [],
            "description": { "name": "A", "version": "1.2", "tick_ms": 1000 },
            "roles": ["lifecycle", "aggregate"],
            "imports": [
                { "name": "ringtap:plugin/types@0.1.0", "verdict": "types" },
                { "name": "ringtap:plugin/log@0.1.0", "verdict": "granted" },
                {
                    "name": "ringtap:plugin/kv@0.1.0",
                    "verdict": "not granted",
                    "reason": "imports `ringtap:plugin/kv@0.1.0` without being granted `kv`: grant \
                               that with `grants = [\"log\", \"clock\", \"interfaces\", \
                               \"metrics\", \"events\", \"random\", \"kv\"]` in [plugins.NAME]",
                },
                { "name": "wasi:cli/exit@0.2.0", "verdict": "inert" },
                { "name": "wasi:clocks/wall-clock@0.2.0", "verdict": "granted", "by": "clock" },
                { "name": "files", "verdict": "refused", "reason": json["imports"][5]["reason"] },
            ],
            "interests": [
                {
                    "name": "web",
                    "asked": {
                        "filter": "tcp dst port 443",
                        "sample_one_in": 10,
                        "sample_by": "flow",
                        "payload": 64,
                    },
                    "granted": {
                        "filter": "tcp dst port 443",
                        "sample_one_in": 10,
                        "sample_by": "flow",
                        "payload": 16,
                    },
                },
                {
                    "name": "everything",
                    "asked": {
                        "filter": "",
                        "sample_one_in": 1,
                        "sample_by": "packet",
                        "payload": 0,
                    },
                    "granted": null,
                },
            ],
            "limits": {
                "memory_bytes": 134217728,
                "call_deadline_ms": 50,
                "init_deadline_ms": 1000,
                "queue_records": 65536,
                "when_full": "drop-newest",
                "cpu": 100,
                "max_series": 10000,
                "series_expiry_seconds": null,
                "log_rate": 20,
                "log_burst": 100,
                "event_rate": 10000,
                "event_burst": 65536,
                "max_table_elements": 100000,
                "max_instances": 64,
                "max_handles": 1000,
                "host_call_bytes": 16777216,
            },
        });
        assert_eq!(json, wanted);
        let reason = json["imports"][5]["reason"].as_str().unwrap();
        assert!(reason.starts_with("imports `files`, which no plugin may"), "{reason}");
    }
}
