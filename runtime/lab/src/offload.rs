use std::{io, os::fd::AsRawFd};

use ringtap_net::{interface_named, set_gso_max_segments};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use crate::error::LabError;

/// linux/sockios.h
const SIOCETHTOOL: libc::Ioctl = 0x8946;

/// The legacy commands of linux/ethtool.h, which every kernel has. Checksums come last: they take
/// the others with them, but not the other way round.
const COMMANDS: [u32; 6] = [
    0x2c, // ETHTOOL_SGRO
    0x24, // ETHTOOL_SGSO
    0x1f, // ETHTOOL_STSO
    0x19, // ETHTOOL_SSG
    0x15, // ETHTOOL_SRXCSUM
    0x17, // ETHTOOL_STXCSUM
];

/// `struct ethtool_value`
#[repr(C)]
struct Value {
    command: u32,
    data: u32,
}

/// Switch off what makes packets on an interface of the calling thread's network namespace differ
/// from those on a wire: segmentation and checksums left to the hardware, and receive aggregation.
///
/// What the driver doesn't have is off already.
pub fn switch_off_offloads(interface: &'static str) -> Result<(), LabError> {
    let found = interface_named(interface)?.ok_or(LabError::NoInterface(interface))?;
    set_gso_max_segments(found.index, 1)?;
    COMMANDS
        .into_iter()
        .try_for_each(|command| ethtool(interface, Value { command, data: 0 }))
        .map_err(LabError::io("switch off an offload"))
}

fn ethtool(interface: &str, mut value: Value) -> io::Result<()> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None)?;
    // SAFETY: all zeros is a valid `ifreq`.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name.iter_mut().zip(interface.bytes().take(room)) {
        *to = from.cast_signed();
    }
    request.ifr_ifru.ifru_data = std::ptr::from_mut(&mut value).cast();
    // SAFETY: the request is whole and points to a `Value`, which all of `COMMANDS` take.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), SIOCETHTOOL, &raw mut request) };
    match result {
        0 => Ok(()),
        _ => match io::Error::last_os_error() {
            error if error.raw_os_error() == Some(libc::EOPNOTSUPP) => Ok(()),
            error => Err(error),
        },
    }
}
