use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
};

use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, send, socket_with, sockopt};

use super::PATIENCE;
use crate::{Lab, LabError, Side};

/// Send Ethernet frames as they are, without the frame check sequence, from one side. Returns how
/// many were sent, which is all of them. Takes CAP_NET_RAW.
///
/// The kernel refuses frames under 14 bytes and over the MTU with 14 bytes of header (18 with a
/// VLAN tag). Nobody says whether they arrived; the other side's statistics do.
pub fn frames(lab: &Lab, from: Side, frames: &[Vec<u8>]) -> Result<u64, LabError> {
    let index = lab.index(from)?;
    let socket = lab.inside(from, || open(index))?.map_err(LabError::io("open a packet socket"))?;
    for frame in frames {
        send(&socket, frame, SendFlags::empty())
            .map_err(|errno| LabError::Io { operation: "send a frame", source: errno.into() })?;
    }
    Ok(frames.len() as u64)
}

fn open(index: u32) -> io::Result<OwnedFd> {
    // Protocol 0 receives nothing.
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::PACKET, SocketType::RAW, flags, None)?;
    // SAFETY: all zeros is a valid `sockaddr_ll`.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = libc::AF_PACKET as libc::sa_family_t;
    address.sll_ifindex = index.cast_signed();
    // SAFETY: the address is whole and its size is given.
    let result = unsafe {
        libc::bind(
            socket.as_raw_fd(),
            (&raw const address).cast(),
            size_of_val(&address) as libc::socklen_t,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(PATIENCE))?;
    Ok(socket)
}
