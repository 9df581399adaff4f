//! The plugin host, with real components that a real child process compiled.

mod cache;
mod compile;
mod grants;
mod inspect;
mod instance;
mod interests;
mod jobs;
mod load;
mod supervisor;
mod support;
mod survey;
mod wasi;
mod wasi_guest;
