//! What each command does, a module each.

pub(crate) mod check;
pub(crate) mod compile_plugin;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod detach;
pub(crate) mod dev;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod plugin_bench;
pub(crate) mod plugin_test;
pub(crate) mod project;
pub(crate) mod replay;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod stored;
