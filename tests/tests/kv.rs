//! What plugins store, in the binary: it is there again whatever ended the process, and no call is
//! kept by halves.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use ringtap_lab::{
    Family, Lab, LabConfig, Side,
    traffic::{self, Path},
};
use ringtap_tests::{Ended, Metrics, PluginDirectory, Running, config_file, finish, lab, ringtap};
use tempfile::TempDir;

const STORES: [(&str, &str); 1] = [("plugin", "stores")];

/// A lab with the guest `stores` and a place for what it stores, which outlives runtimes.
struct Bench {
    lab: Lab,
    plugins: PluginDirectory,
    directory: TempDir,
    config: String,
}

impl Bench {
    /// The guest's own config, and what the operator says of it beside the grant.
    fn new(guest: &str, terms: &str) -> Option<Self> {
        let lab = lab(LabConfig::default())?;
        let plugins = PluginDirectory::new(&["counts"]);
        plugins.put("stores.toml", guest.as_bytes());
        plugins.install("stores", "stores");
        let directory = tempfile::tempdir().unwrap();
        let granted = "[plugins.stores]\ngrants = [\"log\", \"metrics\", \"kv\"]\n";
        let config = config_file(&directory, &format!("{granted}{terms}"));
        Some(Self { lab, plugins, directory, config })
    }

    fn start(&self) -> Running {
        Running::start(&self.lab, &self.arguments().each_ref().map(String::as_str))
    }

    fn arguments(&self) -> [String; 8] {
        let plugins = self.plugins.as_str().to_owned();
        let [config, state] = [self.config.clone(), self.state().display().to_string()];
        let flags = ["--config", "--plugins", "--state-directory", "--ingress"];
        let [a, b, c, d] = flags.map(str::to_owned);
        [a, config, b, plugins, c, state, d, "tc".to_owned()]
    }

    fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    fn file(&self) -> PathBuf {
        self.state().join("kv.redb")
    }

    fn send(&self, count: u64) -> u64 {
        traffic::udp(&self.lab, Path::new(Side::Near, Family::V4), count, 100).unwrap()
    }

    /// A command about what is stored.
    fn ask(&self, arguments: &[&str]) -> Ended {
        let mut command = ringtap(&self.lab, Side::Near);
        finish(command.args(arguments).args(["--state-directory"]).arg(self.state()))
    }
}

fn stored(metrics: &Metrics) -> u64 {
    metrics.sum("guest_stored_packets", &STORES)
}

/// All that was committed by now, and is in the file.
fn saved(running: &Running) -> u64 {
    let committed = stored(&running.metrics());
    running.metrics_when("all is saved", |metrics| {
        metrics.sum("ringtap_plugin_kv_unsaved_keys", &STORES) == 0
    });
    committed
}

#[test]
fn a_count_goes_on_where_it_was_whatever_ended_the_process() {
    let Some(bench) = Bench::new("", "") else { return };
    let running = bench.start();
    assert_eq!(stored(&running.metrics()), 0);
    let first = bench.send(500);
    running.settled(&["counts", "stores"]);
    assert_eq!(saved(&running), first);
    assert_eq!(running.kill().code, None);

    let running = bench.start();
    assert_eq!(stored(&running.metrics()), first);
    let second = bench.send(300);
    running.settled(&["counts", "stores"]);
    // Nothing is waited for here: an orderly end saves what is left.
    running.terminate().assert_clean();

    let running = bench.start();
    let metrics = running.metrics();
    assert_eq!(stored(&metrics), first + second);
    assert_eq!(metrics.sum("ringtap_plugin_kv_keys", &STORES), 2);
    // 64 for each entry, the keys `packets` and `copy`, and two numbers of 8 bytes.
    assert_eq!(metrics.sum("ringtap_plugin_kv_bytes", &STORES), 2 * 64 + 7 + 4 + 2 * 8);
    assert_eq!(metrics.sum("ringtap_kv_write_errors_total", &[]), 0);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(bench.state()), mode(bench.file())), (0o700, 0o600));
    running.terminate().assert_clean();
}

/// Killed under traffic again and again: what was seen saved is there, and never half of a call, of
/// which the guest would complain.
#[test]
fn being_killed_under_traffic_loses_the_last_moments_only() {
    let Some(bench) = Bench::new("", "") else { return };
    let enough = Arc::<AtomicBool>::default();
    let (lab, told) = (bench.lab.clone(), Arc::clone(&enough));
    let sender = std::thread::spawn(move || {
        let mut sent = 0;
        while !told.load(Relaxed) {
            sent += traffic::udp(&lab, Path::new(Side::Near, Family::V4), 50, 100).unwrap();
        }
        sent
    });
    let mut before = 0;
    for round in 0..5 {
        let running = bench.start();
        let found = stored(&running.metrics());
        assert!(found >= before, "round {round}: {before} were saved, and {found} are there");
        running.metrics_when("some more", |metrics| stored(metrics) > found);
        before = saved(&running);
        assert_eq!(running.kill().code, None);
    }
    enough.store(true, Relaxed);
    let sent = sender.join().unwrap();
    let running = bench.start();
    let found = stored(&running.metrics());
    assert!((before..=sent).contains(&found), "{before} saved, {found} there, {sent} sent");
    running.terminate().assert_clean();
}

#[test]
fn a_call_that_traps_stores_nothing() {
    let Some(bench) = Bench::new("trap 400", "") else { return };
    let running = bench.start();
    let trapped = running.metrics_when("it has trapped", |metrics| {
        if metrics.state("stores") == "running" {
            bench.send(50);
        }
        metrics.state("stores") != "running"
    });
    let delivered = trapped.records("stores")[3];
    assert!(delivered <= 400, "{delivered}");
    assert_eq!(stored(&trapped), delivered);
    running.terminate().assert_clean();
    bench.plugins.remove("stores.toml");
    let running = bench.start();
    assert_eq!(stored(&running.metrics()), delivered);
    running.terminate().assert_clean();
}

#[test]
fn what_is_stored_has_its_bounds() {
    let Some(bench) = Bench::new("fill", "max_kv = \"64KiB\"") else { return };
    let running = bench.start();
    let sent = bench.send(100);
    let metrics = running.settled(&["counts", "stores"]);
    // Entries of 4096 bytes, 64 and a key of 6 or 7, beside the two numbers.
    assert_eq!(metrics.sum("ringtap_plugin_kv_keys", &STORES), 2 + 15);
    let bytes = metrics.sum("ringtap_plugin_kv_bytes", &STORES);
    assert_eq!(bytes, 155 + 15 * (4096 + 64 + 6) + 5);
    assert_eq!(metrics.sum("guest_refused_total", &STORES), sent - 15);
    assert_eq!(stored(&metrics), sent);
    running.log_line("and its limit max_kv is 65536");
    running.terminate().assert_clean();
}

#[test]
fn a_store_that_cannot_be_had_refuses_those_that_need_it_alone() {
    let Some(bench) = Bench::new("", "") else { return };
    let running = bench.start();
    let second = |bench: &Bench, listen: &str| {
        let mut command = ringtap(&bench.lab, Side::Near);
        command.args(["run", "-i", "near0", "--listen", listen]).args(bench.arguments());
        Running::spawn(&bench.lab, Side::Near, command)
    };
    // Another instance that runs has it.
    let other = second(&bench, "127.0.0.1:9465");
    let line = other.log_line("is held by another ringtap: end that one");
    assert!(line.contains("plugin=stores") && line.contains("kv.redb"), "{line}");
    other.log_line("serving http://");
    let asked = bench.ask(&["plugin", "forget", "stores"]);
    assert_eq!(asked.code, Some(3), "{asked:?}");
    assert!(asked.says(&["an instance runs", "is held by another ringtap"]), "{asked:?}");
    assert_eq!(running.metrics().state("stores"), "running");
    running.terminate().assert_clean();
    // It is tried again, and not told again.
    assert!(other.log_line("plugin loaded plugin=stores").contains("outcome=\"loaded\""));
    let ended = other.terminate();
    let refusals = ended.log.iter().filter(|line| line.contains("is held by another ringtap"));
    assert_eq!(refusals.count(), 1, "{:#?}", ended.log);
    assert!(ended.says(&["counts: ", " delivered"]));

    // Others could have written it.
    fs::set_permissions(bench.file(), fs::Permissions::from_mode(0o660)).unwrap();
    let running = bench.start();
    running.log_line("(mode 0660): `chmod 600` it");
    assert_eq!(running.metrics().state("counts"), "running");
    running.terminate().assert_clean();

    // It is damaged.
    fs::set_permissions(bench.file(), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(bench.file(), "not a store").unwrap();
    let running = bench.start();
    running.log_line("is damaged: move it away");
    let metrics = running.metrics();
    assert_eq!(
        (metrics.state("stores").as_str(), metrics.state("counts").as_str()),
        ("quarantined", "running")
    );
    running.terminate().assert_clean();
    assert_eq!(fs::read_to_string(bench.file()).unwrap(), "not a store");

    // There is no place for it.
    let mut command = ringtap(&bench.lab, Side::Near);
    command.args(["run", "-i", "near0", "--plugins", bench.plugins.as_str()]);
    command.args(["--config", &bench.config]);
    let running = Running::spawn(&bench.lab, Side::Near, command);
    running.log_line("there is no directory for that: set `state_directory`");
    running.log_line("serving http://");
    running.terminate().assert_clean();
}

#[test]
fn what_is_stored_can_be_listed_and_dropped() {
    let Some(bench) = Bench::new("", "") else { return };
    let list = ["plugin", "kv"];
    let asked = bench.ask(&list);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(0), "nothing is stored\n"));
    assert!(!bench.state().exists());
    let running = bench.start();
    let sent = bench.send(100);
    running.settled(&["counts", "stores"]);
    running.terminate().assert_clean();
    let asked = bench.ask(&list);
    assert_eq!(asked.stdout, "       2 keys          155 bytes  stores\n");
    let asked = bench.ask(&["plugin", "forget", "nobody"]);
    assert_eq!(asked.code, Some(2));
    assert!(asked.says(&["plugin nobody has stored nothing: see `ringtap plugin kv`"]));
    // It stays when its plugin is gone.
    bench.plugins.remove("stores.wasm");
    bench.start().terminate().assert_clean();
    bench.plugins.install("stores", "stores");
    let running = bench.start();
    assert_eq!(stored(&running.metrics()), sent);
    running.terminate().assert_clean();
    let asked = bench.ask(&["plugin", "forget", "stores"]);
    assert_eq!((asked.code, asked.stdout.as_str()), (Some(0), "stores: what it stored is gone\n"));
    assert_eq!(bench.ask(&list).stdout, "nothing is stored\n");
    let running = bench.start();
    assert_eq!(stored(&running.metrics()), 0);
    running.terminate().assert_clean();
}

/// The plugin goes on, and what it stores is written as soon as there is room.
#[test]
fn a_full_disk_holds_nobody_up() {
    let Some(bench) = Bench::new("fill", "max_kv = \"16MiB\"") else { return };
    fs::create_dir(bench.state()).unwrap();
    // A disk of its own, which goes with the process.
    let script = "mount -t tmpfs -o size=64m,mode=700 tmpfs \"$0\" && exec \"$@\"";
    let mut command = bench.lab.command(Side::Near, "unshare").unwrap();
    let plain = ringtap(&bench.lab, Side::Near);
    command.args(["--mount", "sh", "-c", script]).arg(bench.state()).arg(plain.get_program());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["run", "-i", "near0"]).args(bench.arguments());
    let running = Running::spawn(&bench.lab, Side::Near, command);
    running.log_line("serving http://");
    let disk = PathBuf::from(format!("/proc/{}/root", running.id()))
        .join(bench.state().strip_prefix("/").unwrap());
    let first = bench.send(10);
    running.settled(&["counts", "stores"]);
    assert_eq!(saved(&running), first);

    let filler = disk.join("filler");
    let full = fs::write(&filler, vec![1; 128 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    let second = bench.send(1000);
    let errors = |metrics: &Metrics| metrics.sum("ringtap_kv_write_errors_total", &[]);
    running.metrics_when("two failures", |metrics| errors(metrics) >= 2);
    let metrics = running.settled(&["counts", "stores"]);
    assert_eq!((metrics.state("stores").as_str(), stored(&metrics)), ("running", first + second));
    assert!(metrics.sum("ringtap_plugin_kv_unsaved_keys", &STORES) > 0);
    let told =
        |log: &[String]| log.iter().filter(|line| line.contains("is not kept for now")).count();
    assert_eq!(told(&running.log()), 1);

    fs::remove_file(&filler).unwrap();
    running.log_line("plugins' data is written again");
    assert_eq!(saved(&running), first + second);
    let copy = fs::read(disk.join("kv.redb")).unwrap();
    running.kill();
    fs::set_permissions(bench.state(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(bench.file(), copy).unwrap();
    fs::set_permissions(bench.file(), fs::Permissions::from_mode(0o600)).unwrap();
    let running = bench.start();
    assert_eq!(stored(&running.metrics()), first + second);
    running.terminate().assert_clean();
}
