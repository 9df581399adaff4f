use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ringtap_pipeline::event::Event;

use super::input::{self, InputError};
use crate::config::{CaseFile, ConfigError, Own, RandomPackets};

/// The file that makes a folder a case.
const FILE: &str = "case.toml";

/// What a plugin is given in a test, and where its golden file is.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The folder's.
    pub name: String,
    pub folder: PathBuf,
    pub capture: Option<PathBuf>,
    pub random: Option<RandomPackets>,
    /// For an exporter.
    pub input: Option<Vec<Event>>,
    /// The plugin's own config.
    pub config: String,
    /// Whether what the plugin does depends on where batches begin and end.
    pub depends_on_batches: bool,
    /// Whether the golden file has the state, byte by byte.
    pub show_state: bool,
    /// What the operator says of the plugin.
    pub own: Own,
}

/// Why a case makes no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaseError {
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] ConfigError),
    #[error("the folder {} has no cases: make {}/NAME/case.toml, such as with `random = {{ packets = 1000 }}`", folder.display(), folder.display())]
    None { folder: PathBuf },
    #[error("there is no case `{name}`; there are: {known}")]
    Unknown { name: String, known: String },
    #[error("{}: the capture {} is not there: put it there, or correct `capture`, which is relative to the case's folder", case.display(), capture.display())]
    NoCapture { case: PathBuf, capture: PathBuf },
    #[error("{}: has `config` and a config.toml beside it: leave one out", case.display())]
    TwoConfigs { case: PathBuf },
    #[error("{}: {}", case.display(), source)]
    Input { case: PathBuf, source: InputError },
    #[error("{}: says neither `capture` nor `random` nor `input`: the plugin would be given nothing", case.display())]
    Nothing { case: PathBuf },
}

impl Case {
    /// All cases of a folder, by their names, or just those named.
    pub(crate) fn all(folder: &Path, named: &[String]) -> Result<Vec<Self>, CaseError> {
        let read = |source| CaseError::Read { path: folder.to_owned(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.join(FILE).is_file() {
                names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        names.sort();
        if names.is_empty() {
            return Err(CaseError::None { folder: folder.to_owned() });
        }
        if let Some(name) = named.iter().find(|name| !names.contains(name)) {
            return Err(CaseError::Unknown { name: name.clone(), known: names.join(", ") });
        }
        let wanted = names.iter().filter(|name| named.is_empty() || named.contains(name));
        wanted.map(|name| Self::load(&folder.join(name), name)).collect()
    }

    fn load(folder: &Path, name: &str) -> Result<Self, CaseError> {
        let file = folder.join(FILE);
        let text = read(&file)?;
        let CaseFile { capture, random, input, config, depends_on_batches, show_state, own } =
            CaseFile::parse(&file, &text)?;
        if capture.is_none() && random.is_none() && input.is_none() {
            return Err(CaseError::Nothing { case: file });
        }
        let capture = capture.map(|capture| folder.join(capture));
        if let Some(capture) = capture.clone().filter(|capture| !capture.is_file()) {
            return Err(CaseError::NoCapture { case: file, capture });
        }
        let config = Self::config(&file, folder, config)?;
        let input = input.map(|path| read(&folder.join(path))).transpose()?;
        let input = input.map(|text| input::events(&text)).transpose();
        let input = input.map_err(|source| CaseError::Input { case: file, source })?;
        let (name, folder) = (name.to_owned(), folder.to_owned());
        Ok(Self {
            name,
            folder,
            capture,
            random,
            input,
            config,
            depends_on_batches,
            show_state,
            own,
        })
    }

    /// The plugin's own config: from the case's file, or from one beside it.
    fn config(case: &Path, folder: &Path, stated: Option<String>) -> Result<String, CaseError> {
        let path = folder.join("config.toml");
        match (path.is_file(), stated) {
            (true, Some(_)) => Err(CaseError::TwoConfigs { case: case.to_owned() }),
            (true, None) => read(&path),
            (false, stated) => Ok(stated.unwrap_or_default()),
        }
    }
}

fn read(path: &Path) -> Result<String, CaseError> {
    fs::read_to_string(path).map_err(|source| CaseError::Read { path: path.to_owned(), source })
}
