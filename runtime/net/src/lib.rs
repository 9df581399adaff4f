//! What the kernel says about interfaces, routes and tc filters, and a few things to tell it.
//!
//! Everything is synchronous, over rtnetlink, and about the network namespace that the calling
//! thread is in: nothing is read from a mounted file system, which may show another namespace.
//! Reading takes no privileges; changing takes CAP_NET_ADMIN.

mod add_filter;
mod change;
mod error;
mod filter;
mod interface;
mod namespace;
mod netlink;
mod route;
mod statistics;
mod watch;

#[cfg(test)]
mod testing;

pub use add_filter::{add_bpf_filter, add_clsact};
pub use change::{
    add_address, add_default_route, add_neighbour, create_veth, delete_link, move_link,
    rename_link, set_arp, set_down, set_gso_max_segments, set_link_local, set_mac, set_mtu, set_up,
};
pub use error::NetError;
pub use filter::{TcFilter, delete_clsact, delete_filter, tc_filters};
pub use interface::{Interface, LinkLayer, XdpMode, XdpProgram, interface_named, interfaces};
pub use namespace::{Namespace, enter_new_namespace};
pub use route::{default_route_interfaces, local_addresses};
pub use statistics::{LinkStatistics, all_link_statistics, link_statistics};
pub use watch::{LinkChange, LinkWatch};
