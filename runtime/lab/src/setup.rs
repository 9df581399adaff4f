//! What is done to either side's interface, on a thread inside.

use std::{
    fs, io, thread,
    time::{Duration, Instant},
};

use ringtap_net::{
    add_address, add_neighbour, interface_named, local_addresses, set_arp, set_link_local, set_mac,
    set_mtu, set_up,
};

use crate::{
    error::LabError,
    lab::LabConfig,
    offload::switch_off_offloads,
    side::{Family, HOSTS, Side},
};

/// A link that is not up by then won't come up.
const LINK_PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn index(side: Side) -> Result<u32, LabError> {
    let interface = interface_named(side.interface())?;
    Ok(interface.ok_or(LabError::NoInterface(side.interface()))?.index)
}

/// Prepare this side's interface and bring it up. Tells whether there is IPv6.
pub(crate) fn start(side: Side, config: LabConfig) -> Result<bool, LabError> {
    let index = index(side)?;
    set_mac(index, side.mac())?;
    set_mtu(index, config.mtu)?;
    let ipv6 = enable_ipv6(side)?;
    if ipv6 {
        set_link_local(index, false)?;
    }
    // Without ARP the kernel doesn't join the multicast groups of neighbour discovery either, and
    // so sends no MLD reports.
    set_arp(index, false)?;
    if !config.offloads {
        switch_off_offloads(side.interface())?;
    }
    set_up(index)?;
    Ok(ipv6)
}

/// A host may be set up to have no IPv6 on new interfaces. `/proc/sys/net` shows the namespace of
/// the thread that looks.
fn enable_ipv6(side: Side) -> Result<bool, LabError> {
    let path = format!("/proc/sys/net/ipv6/conf/{}/disable_ipv6", side.interface());
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(LabError::Io { operation: "look for IPv6", source }),
        Ok(disabled) if disabled.trim() == "0" => Ok(true),
        Ok(_) => fs::write(&path, "0").map(|()| true).map_err(LabError::io("enable IPv6")),
    }
}

/// Give this side its addresses once its link carries packets, and make the other side's known.
pub(crate) fn address(side: Side, ipv6: bool) -> Result<(), LabError> {
    let deadline = Instant::now() + LINK_PATIENCE;
    let index = index(side)?;
    // The kernel activates a link in the background; packets sent before that are dropped silently.
    // Adding an address then waits for the lock under which the rest of the activation runs.
    until(deadline, || is_operational(side))?;
    let mut own = Vec::new();
    let families = [Family::V4, Family::V6];
    for family in families.into_iter().filter(|family| ipv6 || *family == Family::V4) {
        for host in 0..HOSTS {
            own.push(side.address(family, host));
            add_address(index, side.address(family, host), family.prefix_len())?;
            let other = side.other();
            add_neighbour(index, other.address(family, host), other.mac())?;
        }
    }
    until(deadline, || {
        let local = local_addresses()?;
        Ok(own.iter().all(|address| local.contains(address)))
    })
}

fn is_operational(side: Side) -> Result<bool, LabError> {
    let interface = interface_named(side.interface())?;
    let interface = interface.ok_or(LabError::NoInterface(side.interface()))?;
    Ok(interface.operational == Some(true))
}

fn until(deadline: Instant, done: impl Fn() -> Result<bool, LabError>) -> Result<(), LabError> {
    while !done()? {
        if Instant::now() >= deadline {
            return Err(LabError::LinkDown(LINK_PATIENCE));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
