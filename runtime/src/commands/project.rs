//! Plugin projects: made and built.

use std::{fmt::Write, io, path::Path};

use ringtap_kit::{
    Language, Project,
    build::{self, BuildError, Built},
    new::{self, NewError},
    tool::Search,
};

use crate::{
    cli,
    exit::{Exit, Failure},
    stdout,
};

/// Make a project in the current folder, and say what to do next.
pub(crate) fn new(args: &cli::New) -> Result<(), Failure> {
    let created = new::create(Path::new(""), &args.name, args.language).map_err(|error| {
        let exit = match error {
            NewError::Exists(_) | NewError::NoTemplate(_) => Exit::Usage,
            NewError::Write { .. } => Exit::Failure,
        };
        Failure { exit, error: error.into() }
    })?;
    stdout::write(&next_steps(args.language, &created.folder)?)
}

fn next_steps(language: Language, folder: &Path) -> Result<String, Failure> {
    let (name, title) = (folder.display(), language.title());
    let mut text =
        format!("{name}/ is a plugin in {title}; {name}/README.md says what is where.\n");
    if let Some(lacking) = build::lacking(language, folder, &Search::from_environment()) {
        writeln!(text, "\nTo build it, you need one thing more: {lacking}")?;
    }
    writeln!(
        text,
        "\nNext:\n  \
         cd {name}\n  \
         ringtap plugin build                 makes {name}.wasm\n  \
         ringtap plugin test                  holds it against tests/\n  \
         ringtap plugin dev --capture FILE    builds and runs it at each save"
    )?;
    Ok(text)
}

/// Build a project's component, and say what it is.
pub(crate) fn build(args: &cli::Build) -> Result<(), Failure> {
    let project = Project::open(&args.folder).map_err(|error| failure(error.into()))?;
    let search = Search::from_environment();
    let built = build::build(&project, &search, &mut io::stderr()).map_err(failure)?;
    stdout::write(&summary(&built))
}

fn failure(error: BuildError) -> Failure {
    let exit = match error {
        BuildError::Project(_) => Exit::Usage,
        _ => Exit::Failure,
    };
    Failure { exit, error: error.into() }
}

/// One line: the file, its size, its roles and what it asks for.
fn summary(built: &Built) -> String {
    let Built { path, size, imports, exports } = built;
    let name = path.file_name().unwrap_or_default().display();
    let size = bytesize::ByteSize::b(*size as u64).display().iec();
    let wants = match &names(imports, &["types", "layout"])[..] {
        [] => "imports nothing".to_owned(),
        wants => format!("imports {}", wants.join(", ")),
    };
    format!("{name}: {size}; exports {}; {wants}\n", names(exports, &[]).join(", "))
}

/// Without package and version, where the package is ours.
fn names<'a>(interfaces: &'a [String], without: &[&str]) -> Vec<&'a str> {
    let name = |full: &'a String| {
        let name = full.strip_prefix("ringtap:plugin/").unwrap_or(full);
        if name.len() == full.len() { name } else { name.split('@').next().unwrap_or(name) }
    };
    let mut names: Vec<_> = interfaces.iter().map(name).collect();
    names.retain(|name| !without.contains(name));
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_tells_roles_and_capabilities() {
        let full = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let built = Built {
            path: "/p/meter.wasm".into(),
            size: 8192,
            imports: full(&[
                "ringtap:plugin/types@0.1.0",
                "ringtap:plugin/metrics@0.1.0",
                "wasi:io/poll@0.2.6",
            ]),
            exports: full(&["ringtap:plugin/lifecycle@0.1.0", "ringtap:plugin/aggregate@0.1.0"]),
        };
        assert_eq!(
            summary(&built),
            "meter.wasm: 8.0 KiB; exports aggregate, lifecycle; imports metrics, \
             wasi:io/poll@0.2.6\n"
        );
        let bare = Built { imports: Vec::new(), ..built };
        assert!(summary(&bare).ends_with("; imports nothing\n"));
    }
}
