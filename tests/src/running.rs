use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use ringtap_lab::{Lab, Side};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    artifacts::{binary, code_cache},
    ended::Ended,
    http::get,
    metrics::Metrics,
    wait::until_some_or,
};

/// Where `ringtap run` serves `/metrics`.
pub const METRICS_PORT: u16 = 9464;

/// The command `ringtap`, inside a side of a lab, untouched by the configuration of the machine.
pub fn ringtap(lab: &Lab, side: Side) -> Command {
    let mut command = lab.command(side, binary()).unwrap();
    ringtap_environment(&mut command);
    command
}

pub(crate) fn ringtap_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"RINGTAP_") {
            command.env_remove(name);
        }
    }
    command.env("RINGTAP_CONFIG", "none");
    // The machine's own instances are none of the tests' business, nor the other way round.
    command.env("RINGTAP_CONTROL", "none");
    command.env("RINGTAP_CACHE", code_cache());
    command.env("RINGTAP_STATE_DIRECTORY", "none");
}

/// A `ringtap` that runs. Killed when it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    /// Read its outputs to their ends.
    readers: Vec<JoinHandle<()>>,
    stdout: Arc<Mutex<String>>,
    lab: Lab,
    side: Side,
}

impl Running {
    /// `ringtap run` on the near side, once it has its taps and serves `/metrics`.
    pub fn start(lab: &Lab, arguments: &[&str]) -> Self {
        Self::start_on(lab, Side::Near, arguments)
    }

    /// As [`Running::start`], on a side of one's choice.
    pub fn start_on(lab: &Lab, side: Side, arguments: &[&str]) -> Self {
        let mut command = ringtap(lab, side);
        command.args(["run", "-i", side.interface()]).args(arguments);
        let running = Self::spawn(lab, side, command);
        running.log_line("serving http://");
        running
    }

    /// Any command, at once. Its standard output is kept unless the command says otherwise.
    pub fn spawn(lab: &Lab, side: Side, mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (log, stdout) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<String>>::default());
        let (lines, text) = (Arc::clone(&log), Arc::clone(&stdout));
        let (err, mut out) = (child.stderr.take().unwrap(), child.stdout.take().unwrap());
        let read_log = move || {
            for line in BufReader::new(err).lines() {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.unwrap());
            }
        };
        let read_stdout = move || {
            let mut chunk = [0; 8192];
            while let Ok(length @ 1..) = out.read(&mut chunk) {
                let chunk = String::from_utf8_lossy(&chunk[..length]);
                text.lock().unwrap_or_else(PoisonError::into_inner).push_str(&chunk);
            }
        };
        let readers = vec![thread::spawn(read_log), thread::spawn(read_stdout)];
        Self { child, log, readers, stdout, lab: lab.clone(), side }
    }

    /// What it wrote to stderr so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it wrote to stdout so far.
    pub fn stdout(&self) -> String {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wait for a line of the log that contains `text`; returns the first.
    pub fn log_line(&self, text: &str) -> String {
        self.alive(&format!("{text:?} in the log"), || {
            self.log().into_iter().find(|line| line.contains(text))
        })
    }

    /// Wait for a line of the log that contains all of `texts`; returns the last. What it says may be
    /// counted before it is written, and is read here later still.
    pub fn says(&self, texts: &[&str]) -> String {
        let has_all = |line: &String| texts.iter().all(|text| line.contains(text));
        self.alive(&format!("{texts:?} in a line"), || self.log().into_iter().rfind(has_all))
    }

    /// What `/metrics` shows now.
    pub fn metrics(&self) -> Metrics {
        Metrics::parse(&self.exposition())
    }

    /// `/metrics` as it is served.
    pub fn exposition(&self) -> String {
        let (status, body) = get(&self.lab, self.side, METRICS_PORT, "/metrics").unwrap();
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Wait until `/metrics` is as wanted.
    pub fn metrics_when(&self, what: &str, wanted: impl Fn(&Metrics) -> bool) -> Metrics {
        self.alive(what, || Some(self.metrics()).filter(&wanted))
    }

    /// Wait until each of these plugins, which were there from the start, has had every record that
    /// the taps have published, and every ledger closes, those of plugins that others feed among
    /// them; what is sent has to have arrived.
    pub fn settled(&self, plugins: &[&str]) -> Metrics {
        let had_all = |metrics: &Metrics| {
            let published = metrics.sum("ringtap_packets_published_total", &[]);
            plugins.iter().all(|plugin| {
                let [meant, shed, failed, delivered] = metrics.records(plugin);
                meant == published && meant == shed + failed + delivered
            })
        };
        self.metrics_when("every record is with the plugins", had_all);
        // Feeding on takes its time, and what a plugin counts is shown with its ledger or before,
        // but not in one moment.
        self.metrics_when("every ledger closes", |metrics| metrics.open_ledgers().is_empty());
        let metrics = self.metrics();
        metrics.assert_ledgers_close();
        metrics
    }

    /// The process' id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// End it by SIGTERM.
    pub fn terminate(self) -> Ended {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// End it by SIGKILL.
    pub fn kill(self) -> Ended {
        self.signal(Signal::KILL);
        self.ended()
    }

    /// Wait for its end.
    pub fn ended(mut self) -> Ended {
        let status = self.wait();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        Ended { code: status.code(), log: self.log(), stdout: self.stdout() }
    }

    fn wait(&mut self) -> ExitStatus {
        let log = Arc::clone(&self.log);
        let say = || format!("the end of ringtap, which says {:#?}", log.lock().unwrap());
        until_some_or(say, || self.child.try_wait().unwrap())
    }

    /// Wait for something to be there, for as long as the process lives.
    fn alive<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let say = || format!("{what}; the log is {:#?}", self.log());
        until_some_or(say, || {
            let found = look();
            assert!(found.is_some() || !self.is_gone(), "it ended: {}", say());
            found
        })
    }

    fn is_gone(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()));
        // After the name, in parentheses, comes the state: a zombie has ended.
        stat.is_ok_and(|stat| stat.rsplit(')').next().unwrap_or_default().starts_with(" Z"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail when it has ended, which is just as well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
