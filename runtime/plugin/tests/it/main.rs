//! The plugin host, with real components that a real child process compiled.

mod compile;
mod instance;
mod load;
mod support;
