use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ringtap_pipeline::name::PluginName;

use crate::{
    files::Content,
    fingerprint::Fingerprint,
    limits::Limits,
    reload::Version,
    report::report,
    trust::{self, Untrusted},
};

/// A file that was touched so lately may still be being written.
pub(crate) const QUIET: Duration = Duration::from_millis(150);

/// A file that was read so soon after its last change may have changed again in the same tick of
/// the file system's clock.
const RACY: Duration = Duration::from_secs(2);

/// Names in a directory that are looked at, at most.
const MAX_ENTRIES: usize = 10_000;

/// The plugins in one place, read again only where something changed.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    kind: Kind,
    seen: BTreeMap<PluginName, Seen>,
    scanned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Every component in it is a plugin, and one that goes is unloaded.
    Directory,
    /// One component. It is not unloaded when it goes: it may be being built anew.
    File,
}

/// What a look brought.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Where each plugin is and what its files are.
    pub(crate) plugins: BTreeMap<PluginName, (PathBuf, Version)>,
    /// What is wrong beside the plugins, in words for the operator.
    pub(crate) problems: Vec<String>,
    /// Something is being written: look again soon.
    pub(crate) unsettled: bool,
}

#[derive(Clone, Debug)]
struct Seen {
    path: PathBuf,
    version: Version,
    /// `None` when the files must be read again.
    fingerprint: Option<Fingerprint>,
}

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(
        "the plugin directory {path:?} can't be read, what runs stays as it is: make it, or name \
         another"
    )]
    Read { path: PathBuf, source: io::Error },
    #[error("the plugin directory is not used, what runs stays as it is")]
    Untrusted(#[from] Untrusted),
    #[error(
        "the plugin directory {0:?} holds more than {MAX_ENTRIES} names, what runs stays as it is"
    )]
    TooMany(PathBuf),
}

impl Place {
    pub(crate) fn directory(path: PathBuf) -> Self {
        Self { path, kind: Kind::Directory, seen: BTreeMap::new(), scanned: false }
    }

    pub(crate) fn file(path: PathBuf) -> Self {
        Self { path, kind: Kind::File, seen: BTreeMap::new(), scanned: false }
    }

    /// The directory whose changes to watch.
    pub(crate) fn watched(&self) -> &Path {
        match self.kind {
            Kind::Directory => &self.path,
            Kind::File => match self.path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            },
        }
    }

    /// Look what is there. A place that can't be read changes nothing.
    pub(crate) fn scan(&mut self, limits: impl Fn(&PluginName) -> Limits) -> Scan {
        let mut scan = Scan::default();
        match self.files() {
            Err(error) => scan.problems.push(report(&error)),
            Ok(files) => {
                let mut seen = BTreeMap::new();
                for path in files {
                    match plugin_name(&path) {
                        Err(problem) => scan.problems.push(problem),
                        Ok(name) => {
                            let (now, unsettled) = self.look(&name, path, &limits(&name));
                            scan.unsettled |= unsettled;
                            seen.extend(now.map(|now| (name, now)));
                        }
                    }
                }
                self.seen = seen;
                self.scanned = true;
            }
        }
        let found = self.seen.iter();
        scan.plugins =
            found.map(|(n, s)| (n.clone(), (s.path.clone(), s.version.clone()))).collect();
        scan
    }

    fn files(&self) -> Result<Vec<PathBuf>, Unreadable> {
        if self.kind == Kind::File {
            return Ok(vec![self.path.clone()]);
        }
        let failed = |source| Unreadable::Read { path: self.path.clone(), source };
        let directory = File::open(&self.path).map_err(failed)?;
        trust::check_directory(&self.path, &directory).map_err(failed)??;
        let mut files = Vec::new();
        for (number, entry) in self.path.read_dir().map_err(failed)?.enumerate() {
            if number >= MAX_ENTRIES {
                return Err(Unreadable::TooMany(self.path.clone()));
            }
            let entry = entry.map_err(failed)?;
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_component(&entry.file_name()) && !is_directory {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }

    /// What the plugin's files are now, and whether they may still be being written; if so, what
    /// they were holds on.
    fn look(&self, name: &PluginName, path: PathBuf, limits: &Limits) -> (Option<Seen>, bool) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let fingerprint = Fingerprint::of(&path);
        let known = self.seen.get(name);
        if known.is_some_and(|known| known.fingerprint == Some(fingerprint)) {
            return (known.cloned(), false);
        }
        if self.scanned && fingerprint.touched_within(QUIET, now) {
            return (known.cloned(), true);
        }
        let version = match Content::read(&path, limits) {
            Ok(content) => content.version(),
            Err(error) => Version::Unusable(report(&error)),
        };
        let fingerprint = Some(fingerprint).filter(|mark| !mark.touched_within(RACY, now));
        (Some(Seen { path, version, fingerprint }), false)
    }
}

/// Whether a name in the directory is meant to be a plugin: not hidden, not what an editor or a
/// copy in progress leaves (`x.wasm~`, `#x.wasm#`, `x.wasm.tmp`, `.x.wasm.swp`), just `NAME.wasm`.
fn is_component(file: &OsStr) -> bool {
    let name = file.as_encoded_bytes();
    name.ends_with(b".wasm") && !name.starts_with(b".") && !name.starts_with(b"#")
}

/// The plugin that a file is, by its stem; an error says why it can't be one.
pub fn plugin_name(path: &Path) -> Result<PluginName, String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    PluginName::new(&stem).map_err(|error| format!("{path:?} is not loaded: {error}"))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
        time::Instant,
    };

    use super::*;
    use crate::digest::Digest;

    const PATIENCE: Duration = Duration::from_secs(10);

    struct Bench {
        directory: tempfile::TempDir,
        place: Place,
    }

    impl Bench {
        fn new() -> Self {
            // Files must not be for a group to write, whatever the user's habit.
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
            let directory = tempfile::tempdir().unwrap();
            let place = Place::directory(directory.path().to_owned());
            Self { directory, place }
        }

        fn path(&self, file: &str) -> PathBuf {
            self.directory.path().join(file)
        }

        fn write(&self, file: &str, content: &str) {
            fs::write(self.path(file), content).unwrap();
        }

        /// Scan until nothing is being written any more.
        fn scan(&mut self) -> Scan {
            let deadline = Instant::now() + PATIENCE;
            loop {
                let scan = self.place.scan(|_| Limits::default());
                if !scan.unsettled {
                    return scan;
                }
                assert!(Instant::now() < deadline, "never settles");
                std::thread::sleep(Duration::from_millis(5));
            }
        }

        fn version(&mut self, name: &str) -> Option<Version> {
            let name = PluginName::new(name).unwrap();
            self.scan().plugins.remove(&name).map(|(_, version)| version)
        }

        fn complaint(&mut self, name: &str) -> String {
            match self.version(name) {
                Some(Version::Unusable(reason)) => reason,
                other => panic!("{other:?}"),
            }
        }
    }

    fn content(wasm: &str, config: &str) -> Option<Version> {
        let config = Digest::of(config.as_bytes());
        Some(Version::Content { wasm: Digest::of(wasm.as_bytes()), config })
    }

    #[test]
    fn components_are_found_and_everything_else_is_not() {
        let mut bench = Bench::new();
        let others =
            ["a.wasm~", "#a.wasm#", ".a.wasm", ".a.wasm.swp", "a.wasm.tmp", "a.WASM", "a.toml"];
        for file in others.into_iter().chain(["b.wasm", "c.wasm"]) {
            bench.write(file, "content");
        }
        fs::create_dir(bench.path("d.wasm")).unwrap();
        let scan = bench.scan();
        let names: Vec<_> = scan.plugins.keys().map(PluginName::as_str).collect();
        assert_eq!(names, ["b", "c"]);
        assert_eq!(scan.problems, [""; 0]);
    }

    #[test]
    fn both_files_make_the_version() {
        let mut bench = Bench::new();
        bench.write("a.wasm", "1");
        assert_eq!(bench.version("a"), content("1", ""));
        bench.write("a.toml", "x");
        assert_eq!(bench.version("a"), content("1", "x"));
        bench.write("a.wasm", "2");
        assert_eq!(bench.version("a"), content("2", "x"));
        fs::remove_file(bench.path("a.toml")).unwrap();
        assert_eq!(bench.version("a"), content("2", ""));
        fs::remove_file(bench.path("a.wasm")).unwrap();
        assert_eq!(bench.version("a"), None);
    }

    #[test]
    fn a_file_that_was_just_written_is_what_it_was_until_it_rests() {
        let mut bench = Bench::new();
        bench.write("a.wasm", "1");
        assert_eq!(bench.version("a"), content("1", ""));
        bench.write("a.wasm", "2");
        let scan = bench.place.scan(|_| Limits::default());
        let seen = scan.plugins.into_values().next().map(|(_, version)| version);
        assert_eq!((seen, scan.unsettled), (content("1", ""), true));
        assert_eq!(bench.version("a"), content("2", ""));
    }

    #[test]
    fn an_atomic_rename_is_seen() {
        let mut bench = Bench::new();
        bench.write("a.wasm", "1");
        assert_eq!(bench.version("a"), content("1", ""));
        bench.write("a.wasm.new", "2");
        fs::rename(bench.path("a.wasm.new"), bench.path("a.wasm")).unwrap();
        assert_eq!(bench.version("a"), content("2", ""));
    }

    #[test]
    fn links_that_are_swapped_at_once_are_followed() {
        let mut bench = Bench::new();
        for (version, wasm) in [("..1", "1"), ("..2", "2")] {
            fs::create_dir(bench.path(version)).unwrap();
            bench.write(&format!("{version}/a.wasm"), wasm);
            bench.write(&format!("{version}/a.toml"), wasm);
        }
        symlink("..1", bench.path("..data")).unwrap();
        symlink("..data/a.wasm", bench.path("a.wasm")).unwrap();
        symlink("..data/a.toml", bench.path("a.toml")).unwrap();
        assert_eq!(bench.version("a"), content("1", "1"));
        symlink("..2", bench.path("..data_tmp")).unwrap();
        fs::rename(bench.path("..data_tmp"), bench.path("..data")).unwrap();
        assert_eq!(bench.version("a"), content("2", "2"));
    }

    #[test]
    fn what_others_may_write_is_refused() {
        let mut bench = Bench::new();
        let mode = |mode| fs::Permissions::from_mode(mode);
        bench.write("a.wasm", "1");
        for writable in [0o620, 0o602] {
            fs::set_permissions(bench.path("a.wasm"), mode(writable)).unwrap();
            let complaint = bench.complaint("a");
            assert!(
                complaint.ends_with(&format!("(mode {writable:04o}): chmod go-w it")),
                "{complaint}"
            );
        }
        fs::set_permissions(bench.path("a.wasm"), mode(0o644)).unwrap();
        assert_eq!(bench.version("a"), content("1", ""));
        bench.write("a.toml", "");
        fs::set_permissions(bench.path("a.toml"), mode(0o666)).unwrap();
        assert!(bench.complaint("a").contains("a.toml"));
    }

    #[test]
    fn a_directory_that_others_may_write_changes_nothing() {
        let mut bench = Bench::new();
        let mode = |mode| fs::Permissions::from_mode(mode);
        bench.write("a.wasm", "1");
        assert_eq!(bench.version("a"), content("1", ""));
        fs::set_permissions(bench.directory.path(), mode(0o777)).unwrap();
        bench.write("a.wasm", "2");
        let scan = bench.scan();
        assert!(scan.problems[0].contains("(mode 0777): chmod go-w it"), "{:?}", scan.problems);
        assert_eq!(bench.version("a"), content("1", ""));
        fs::set_permissions(bench.directory.path(), mode(0o755)).unwrap();
        assert_eq!(bench.version("a"), content("2", ""));
    }

    #[test]
    fn a_link_into_a_directory_that_others_may_write_is_refused() {
        let mut bench = Bench::new();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("a.wasm"), "1").unwrap();
        fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o777)).unwrap();
        symlink(elsewhere.path().join("a.wasm"), bench.path("a.wasm")).unwrap();
        assert!(bench.complaint("a").contains("chmod go-w"));
        fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(bench.version("a"), content("1", ""));
    }

    #[test]
    fn files_that_are_none_do_not_hang_or_bloat() {
        let mut bench = Bench::new();
        let fifo = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, bench.path("a.wasm"), fifo, mode, 0).unwrap();
        assert!(bench.complaint("a").ends_with("is no regular file"));
        symlink("/dev/zero", bench.path("b.wasm")).unwrap();
        assert!(bench.complaint("b").ends_with("is no regular file"));
        symlink("nowhere", bench.path("c.wasm")).unwrap();
        assert!(bench.complaint("c").contains("can't be read"));
        let huge = File::create(bench.path("d.wasm")).unwrap();
        huge.set_len((64 << 20) + 1).unwrap();
        assert!(bench.complaint("d").ends_with("is larger than the limit of 67108864 bytes"));
        bench.write("e.wasm", "1");
        fs::write(bench.path("e.toml"), b"\xff").unwrap();
        assert!(bench.complaint("e").ends_with("e.toml\" is not UTF-8"));
    }

    #[test]
    fn a_name_that_is_none_is_told() {
        let mut bench = Bench::new();
        bench.write("a b.wasm", "1");
        bench.write("c.wasm", "1");
        let scan = bench.scan();
        assert!(scan.problems[0].contains("\"a b\" is no plugin name"), "{:?}", scan.problems);
        assert_eq!(scan.plugins.len(), 1);
    }

    #[test]
    fn a_directory_that_goes_and_comes_again_is_survived() {
        let mut bench = Bench::new();
        let path = bench.path("plugins");
        fs::create_dir(&path).unwrap();
        bench.write("plugins/a.wasm", "1");
        bench.place = Place::directory(path.clone());
        assert_eq!(bench.version("a"), content("1", ""));
        fs::rename(&path, bench.path("moved")).unwrap();
        let scan = bench.scan();
        assert!(scan.problems[0].contains("can't be read"), "{:?}", scan.problems);
        assert_eq!(bench.version("a"), content("1", ""));
        fs::create_dir(&path).unwrap();
        bench.write("plugins/a.wasm", "2");
        assert_eq!(bench.version("a"), content("2", ""));
    }
}
