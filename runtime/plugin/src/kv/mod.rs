//! A small store for each plugin, which outlives its instances and the process.
//!
//! What a plugin has stored is held in memory: host calls touch no disk. A call stages what it
//! changes ([`Staged`]); committed, that becomes part of the plugin's [`KvStore`], and one thread
//! writes it to a file from there.

mod database;
mod error;
mod image;
mod place;
mod staged;
mod store;
mod stores;
mod writer;

pub use self::{database::KvFile, error::KvError, image::Usage, stores::KvStores};
pub(crate) use self::{staged::Staged, store::KvStore};
