//! The plugin host, with real components that a real child process compiled.

mod compile;
mod inspect;
mod instance;
mod interests;
mod load;
mod supervisor;
mod support;
mod survey;
