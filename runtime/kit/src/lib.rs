//! Plugin projects: made from a template, built into components, followed while they are written.
//!
//! No host is needed for that, so nothing here knows wasmtime.

pub mod build;
pub mod component;
pub mod dev;
mod embedded;
mod language;
mod manifest;
mod module;
mod name;
pub mod new;
pub mod package;
mod project;
pub mod tool;
mod world;

pub use language::Language;
pub use manifest::{Manifest, ManifestError, RustTarget};
pub use name::{InvalidName, ProjectName};
pub use project::{Project, ProjectError};
pub use world::{Unfit, World};
