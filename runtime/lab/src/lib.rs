//! Two private network namespaces, a veth pair between them, and real traffic across.
//!
//! The namespaces have no name and no file: this process holds them open, and they go with it
//! however it ends. Neighbours are known from the start and nothing looks for routers or announces
//! itself, so that the only packets on the wire are those that someone sent.

mod error;
mod lab;
mod offload;
mod setup;
mod side;
pub mod traffic;

pub use error::LabError;
pub use lab::{Lab, LabConfig};
pub use offload::switch_off_offloads;
pub use side::{Family, HOSTS, Side};
