use std::{
    convert::Infallible,
    fs::{File, Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    str::FromStr,
};

use rustix::fs::OFlags;

use super::document::{Problem, place};

/// Read when no other file is named, and only if it is there.
const DEFAULT_PATH: &str = "/etc/ringtap/ringtap.toml";

const MAX_BYTES: u64 = 1 << 20;

/// Bits of `st_mode` that let the group or everyone write.
const OTHERS_WRITE: u32 = 0o022;

/// Which file to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ConfigFile {
    /// [`DEFAULT_PATH`], if it is there.
    #[default]
    Default,
    /// None at all.
    Nowhere,
    /// This one, which has to be there.
    At(PathBuf),
}

impl FromStr for ConfigFile {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "none" { Self::Nowhere } else { Self::At(text.into()) })
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("can't read the config file {}; name another with --config FILE, or go without by --config none", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the config file {} is not a regular file", path.display())]
    NotAFile { path: PathBuf },
    #[error("the config file {} has {bytes} bytes; at most {MAX_BYTES} are read", path.display())]
    TooLarge { path: PathBuf, bytes: u64 },
    #[error(
        "the config file {path} belongs to uid {owner}, who could grant plugins what you would \
         not: `chown {} {path}`, or copy it", rustix::process::geteuid(), path = path.display()
    )]
    ForeignOwner { path: PathBuf, owner: u32 },
    #[error(
        "others than its owner may write the config file {path} (mode {mode:04o}), and so grant \
         plugins what you would not: `chmod go-w {path}`", path = path.display()
    )]
    OthersWrite { path: PathBuf, mode: u32 },
    #[error("{}", lines(.0))]
    Problems(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// The path and the text of the file, or nothing where there is none to read.
pub(super) fn read(file: &ConfigFile) -> Result<Option<(PathBuf, String)>, ConfigError> {
    match file {
        ConfigFile::Nowhere => Ok(None),
        ConfigFile::At(path) => read_path(path).map(|text| Some((path.clone(), text))),
        ConfigFile::Default => match read_path(Path::new(DEFAULT_PATH)) {
            Ok(text) => Ok(Some((DEFAULT_PATH.into(), text))),
            Err(ConfigError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        },
    }
}

fn read_path(path: &Path) -> Result<String, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.into(), source };
    // Opening a FIFO would wait for its writer.
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    trust(path, &metadata, rustix::process::geteuid().as_raw())?;
    let bytes = read_bounded(&file).map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))
}

fn read_bounded(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether the file is one that only root or the user could have written.
fn trust(path: &Path, metadata: &Metadata, user: u32) -> Result<(), ConfigError> {
    let path = path.to_owned();
    if !metadata.is_file() {
        return Err(ConfigError::NotAFile { path });
    }
    let (owner, mode, bytes) = (metadata.uid(), metadata.mode() & 0o7777, metadata.len());
    if owner != 0 && owner != user {
        return Err(ConfigError::ForeignOwner { path, owner });
    }
    if mode & OTHERS_WRITE != 0 {
        return Err(ConfigError::OthersWrite { path, mode });
    }
    if bytes > MAX_BYTES {
        return Err(ConfigError::TooLarge { path, bytes });
    }
    Ok(())
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ConfigError {
    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let (line, column) = place(&String::from_utf8_lossy(good));
    let message = "not UTF-8, which TOML is written in".to_owned();
    ConfigError::Problems(vec![Problem { path: path.into(), line, column, message }])
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn refusal(text: &[u8], mode: u32) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = read_path(&path).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "")
    }

    #[test]
    fn what_others_may_write_is_refused() {
        let wanted = "others than its owner may write the config file /c.toml (mode 0620), and so \
                      grant plugins what you would not: `chmod go-w /c.toml`";
        assert_eq!(refusal(b"", 0o620), wanted);
        assert!(refusal(b"", 0o602).contains("(mode 0602)"));
    }

    #[test]
    fn what_another_user_owns_is_refused_and_what_root_or_the_user_owns_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        let owner = metadata.uid();
        assert!(trust(&path, &metadata, owner).is_ok());
        let foreign = trust(&path, &metadata, owner + 1);
        if owner == 0 {
            assert!(foreign.is_ok());
        } else {
            assert!(matches!(foreign, Err(ConfigError::ForeignOwner { .. })));
        }
    }

    #[test]
    fn what_is_no_text_file_of_sensible_size_is_refused() {
        assert_eq!(
            refusal(b"# fine\nlisten = \"\xff\"\n", 0o600),
            "/c.toml:2:11: not UTF-8, which TOML is written in"
        );
        let large = vec![b'#'; MAX_BYTES as usize + 1];
        assert_eq!(
            refusal(&large, 0o600),
            "the config file /c.toml has 1048577 bytes; at most 1048576 are read"
        );
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read_path(folder.path()), Err(ConfigError::NotAFile { .. })));
    }

    #[test]
    fn a_named_file_must_be_there() {
        let error = read(&ConfigFile::At("/does/not/exist.toml".into())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "can't read the config file /does/not/exist.toml; name another with --config FILE, or \
             go without by --config none"
        );
        assert!(read(&ConfigFile::Nowhere).unwrap().is_none());
    }
}
