use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::artifacts::guest;

/// A plugin directory that only its owner may write.
#[derive(Debug)]
pub struct PluginDirectory(TempDir);

impl PluginDirectory {
    /// With these guests in it, each under its own name.
    pub fn new(guests: &[&str]) -> Self {
        let directory = Self(tempfile::tempdir().unwrap());
        for name in guests {
            directory.install(name, name);
        }
        directory
    }

    /// Put a guest there as the plugin `name`, in one atomic step.
    pub fn install(&self, name: &str, from: &str) {
        self.put(&format!("{name}.wasm"), &fs::read(guest(from)).unwrap());
    }

    /// Make a file with this content appear, in one atomic step, whatever the umask.
    pub fn put(&self, file: &str, content: &[u8]) {
        put(self.path(), file, content);
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path().join(file)).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// As an argument.
    pub fn as_str(&self) -> &str {
        self.path().to_str().expect("temporary directories have plain names")
    }
}

/// A configuration file in a directory, as an argument for `--config`.
pub fn config_file(directory: &TempDir, text: &str) -> String {
    let path = put(directory.path(), "ringtap.toml", text.as_bytes());
    path.into_os_string().into_string().expect("temporary directories have plain names")
}

fn put(directory: &Path, file: &str, content: &[u8]) -> PathBuf {
    let (path, draft) = (directory.join(file), directory.join(format!("{file}.draft")));
    fs::write(&draft, content).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o644)).unwrap();
    fs::rename(draft, &path).unwrap();
    path
}
