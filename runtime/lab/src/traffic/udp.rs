use std::{io, net::UdpSocket, os::fd::AsRawFd};

use super::Path;
use crate::{Lab, LabError};

/// Bytes in flight, at most: what any receive buffer takes, the kernel's own share included.
const WINDOW_BYTES: usize = 16 * 1024;

/// linux/udp.h
const UDP_SEGMENT: libc::c_int = 103;

/// Send `count` datagrams with `size` bytes of payload each, one way. Returns `count`.
///
/// A datagram over the MTU leaves in fragments.
pub fn udp(lab: &Lab, path: Path, count: u64, size: usize) -> Result<u64, LabError> {
    let (client, server) = path.udp_sockets(lab)?;
    send(&client, &server, count, &vec![0x5a; size], size)
}

/// Send `count` times `segments` datagrams with `size` bytes of payload each, one way, with
/// segmentation left to the device (UDP_SEGMENT, Linux 4.18). Returns the number of datagrams.
///
/// The kernel takes at most 64 segments and a payload of 64 KiB at a time.
pub fn udp_gso(
    lab: &Lab,
    path: Path,
    count: u64,
    segments: u16,
    size: u16,
) -> Result<u64, LabError> {
    let (client, server) = path.udp_sockets(lab)?;
    segment(&client, size).map_err(LabError::io("switch on UDP segmentation"))?;
    let bytes = vec![0x5a; usize::from(segments) * usize::from(size)];
    send(&client, &server, count, &bytes, usize::from(size))
}

/// Send `bytes` `count` times and receive them in datagrams of `size` bytes.
fn send(
    client: &UdpSocket,
    server: &UdpSocket,
    count: u64,
    bytes: &[u8],
    size: usize,
) -> Result<u64, LabError> {
    let datagrams = bytes.len().checked_div(size).unwrap_or(1) as u64;
    let window = (WINDOW_BYTES / (bytes.len() + 1)).clamp(1, 16) as u64;
    let (mut sent, mut arrived) = (0, 0);
    let mut buffer = vec![0; size + 1];
    for burst in bursts(count, window) {
        for _ in 0..burst {
            client.send(bytes).map_err(LabError::io("send a UDP datagram"))?;
            sent += datagrams;
        }
        while arrived < sent {
            match server.recv(&mut buffer) {
                Ok(length) if length == size => arrived += 1,
                // Neither is ours.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(LabError::Lost { what: "UDP datagrams", sent, arrived });
                }
                Err(source) => {
                    return Err(LabError::Io { operation: "receive a UDP datagram", source });
                }
            }
        }
    }
    Ok(sent)
}

fn bursts(count: u64, window: u64) -> impl Iterator<Item = u64> {
    let last = count % window;
    (0..count / window).map(move |_| window).chain((last > 0).then_some(last))
}

fn segment(socket: &UdpSocket, size: u16) -> io::Result<()> {
    let size = libc::c_int::from(size);
    // SAFETY: the option takes an int, and gets one.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            UDP_SEGMENT,
            (&raw const size).cast(),
            size_of_val(&size) as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::bursts;

    #[test]
    fn bursts_add_up() {
        assert_eq!(bursts(0, 4).collect::<Vec<_>>(), []);
        assert_eq!(bursts(3, 4).collect::<Vec<_>>(), [3]);
        assert_eq!(bursts(9, 4).collect::<Vec<_>>(), [4, 4, 1]);
    }
}
