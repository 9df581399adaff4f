//! The control socket: each running instance binds one, and other commands ask through it.
//!
//! One JSON object a line each way, see [`protocol`]; `socat - UNIX-CONNECT:/run/ringtap/PID.sock`
//! is a client. Peers are root or the user that runs the instance.

mod client;
mod connection;
mod directory;
mod error;
mod places;
pub(crate) mod protocol;
mod server;
mod status;

pub(crate) use client::{Found, ask};
pub(crate) use directory::SYSTEM;
pub(crate) use error::{AskError, ControlError};
pub(crate) use places::{place_to_serve, places_to_look};
pub(crate) use server::{Answers, Server};
pub(crate) use status::{
    BudgetReport, CallReport, EdgeReport, InterestReport, InterestTable, PluginReport,
    ReloadReport, SightReport, Status, TapReport,
};
