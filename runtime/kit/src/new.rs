//! A new project from a language's template.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::{
    Language, ProjectName,
    embedded::{self, File},
};

/// An SDK that reads the WIT package has it below its own folder. In a project, as with us, that is a
/// link, so that there is one.
const WIT_IN_SDK: &str = "wit/";

/// A project that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    pub folder: PathBuf,
    pub files: usize,
}

/// Why no project was made. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    #[error("{} is there already: choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    #[error("this ringtap has no template for {}; it has: {}", .0.title(), offered())]
    NoTemplate(Language),
    #[error("can't write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

fn offered() -> String {
    languages().map(Language::name).collect::<Vec<_>>().join(", ")
}

/// The languages that there are templates for.
pub fn languages() -> impl Iterator<Item = Language> {
    Language::ALL.into_iter().filter(|language| template(*language).next().is_some())
}

/// Make the project `name` in `parent`: the template, the SDK and the WIT package.
pub fn create(parent: &Path, name: &ProjectName, language: Language) -> Result<Created, NewError> {
    let folder = parent.join(name.as_str());
    if fs::symlink_metadata(&folder).is_ok() {
        return Err(NewError::Exists(folder));
    }
    let files = files(name, language)?;
    let link = sdk(language).any(|file| file.path.starts_with(WIT_IN_SDK));
    // Made beside it and renamed, so that it is there whole or not at all.
    let half = parent.join(format!(".{name}.{}", std::process::id()));
    let made = write(&half, &files, link).and_then(|()| {
        let failed = |source| NewError::Write { path: folder.clone(), source };
        fs::rename(&half, &folder).map_err(failed)
    });
    if let Err(error) = made {
        fs::remove_dir_all(&half).ok();
        return Err(error);
    }
    Ok(Created { folder, files: files.len() })
}

/// Paths and contents of all that is in a project.
fn files(name: &ProjectName, language: Language) -> Result<Vec<(String, Vec<u8>)>, NewError> {
    let mut files: Vec<_> = template(language).map(|file| filled(name, file)).collect();
    if files.is_empty() {
        return Err(NewError::NoTemplate(language));
    }
    let sdk = sdk(language).filter(|file| !file.path.starts_with(WIT_IN_SDK));
    files.extend(sdk.map(|file| (format!("sdk/{}", file.path), file.bytes.to_vec())));
    let wit = embedded::WIT.iter();
    files.extend(wit.map(|file| (format!("wit/{}", file.path), file.bytes.to_vec())));
    Ok(files)
}

/// Files of the template, by their paths in the project.
fn template(language: Language) -> impl Iterator<Item = File> {
    let place = language.place();
    let prefix = format!("{}/{}/", place.sdk, place.template);
    below(prefix)
}

fn below(prefix: String) -> impl Iterator<Item = File> {
    embedded::SDK.iter().filter_map(move |file| {
        let path = file.path.strip_prefix(&prefix)?;
        Some(File { path, bytes: file.bytes })
    })
}

/// Files of the SDK that a project in that language gets.
fn sdk(language: Language) -> impl Iterator<Item = File> {
    let files = below(format!("{}/", language.place().sdk));
    files.filter(|file| !file.path.starts_with("template"))
}

/// A file with the plugin's name where the template says so.
fn filled(name: &ProjectName, file: File) -> (String, Vec<u8>) {
    let fill = |text: &str| {
        text.replace("{{name}}", name.as_str()).replace("{{ident}}", &name.identifier())
    };
    let path = fill(file.path);
    // Tools would take some files of a template for those of a project of ours.
    let path = path.strip_suffix(".in").map_or(path.clone(), str::to_owned);
    match std::str::from_utf8(file.bytes) {
        Ok(text) => (path, fill(text).into_bytes()),
        Err(_) => (path, file.bytes.to_vec()),
    }
}

fn write(folder: &Path, files: &[(String, Vec<u8>)], link: bool) -> Result<(), NewError> {
    let failed = |path: &Path, source| NewError::Write { path: path.to_owned(), source };
    fs::create_dir(folder).map_err(|source| failed(folder, source))?;
    for (path, bytes) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|source| failed(parent, source))?;
        fs::write(&path, bytes).map_err(|source| failed(&path, source))?;
    }
    if link {
        let path = folder.join("sdk/wit");
        symlink("../wit", &path).map_err(|source| failed(&path, source))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
