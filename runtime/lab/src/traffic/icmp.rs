use std::{io, net::SocketAddr, os::fd::OwnedFd, time::Instant};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, connect, ipproto, recv,
        send, socket_with, sockopt,
    },
};

use super::{PATIENCE, Path};
use crate::{Family, Lab, LabError};

/// Bytes of payload in a request, as ping(8) has it.
const PAYLOAD_LEN: usize = 56;
const HEADER_LEN: usize = 8;

/// Send `count` echo requests, one after the other, each answered by the other side's kernel.
/// Returns `count`, the number of packets in each direction. Takes CAP_NET_RAW.
pub fn icmp_echo(lab: &Lab, path: Path, count: u64) -> Result<u64, LabError> {
    path.check(lab)?;
    let socket =
        lab.inside(path.from, || open(path))?.map_err(LabError::io("open an ICMP socket"))?;
    // One process sends one after the other; other processes' answers have other identifiers.
    let identifier = std::process::id() as u16;
    for sent in 0..count {
        let request = request(path.family, identifier, sent as u16);
        send(&socket, &request, SendFlags::empty())
            .map_err(|errno| LabError::Io { operation: "send an echo", source: errno.into() })?;
        if !answered(&socket, path.family, identifier, sent as u16)
            .map_err(LabError::io("receive an echo"))?
        {
            return Err(LabError::Lost { what: "ICMP echoes", sent: sent + 1, arrived: sent });
        }
    }
    Ok(count)
}

fn open(path: Path) -> io::Result<OwnedFd> {
    let (family, protocol) = match path.family {
        Family::V4 => (AddressFamily::INET, ipproto::ICMP),
        Family::V6 => (AddressFamily::INET6, ipproto::ICMPV6),
    };
    let socket = socket_with(family, SocketType::RAW, SocketFlags::CLOEXEC, Some(protocol))?;
    bind(&socket, &SocketAddr::new(path.source_address(), 0))?;
    connect(&socket, &SocketAddr::new(path.destination_address(), 0))?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Recv, Some(PATIENCE))?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(PATIENCE))?;
    Ok(socket)
}

/// RFC 792, RFC 4443. The kernel fills in the checksum of ICMPv6, not of ICMP.
fn request(family: Family, identifier: u16, sequence: u16) -> Vec<u8> {
    let mut packet = vec![if family == Family::V4 { 8 } else { 128 }, 0, 0, 0];
    packet.extend(identifier.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    packet.extend([0x5a; PAYLOAD_LEN]);
    if family == Family::V4 {
        let checksum = checksum(&packet).to_be_bytes();
        packet.splice(2..4, checksum);
    }
    packet
}

/// RFC 1071, for an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.as_chunks().0.iter().map(|word| u32::from(u16::from_be_bytes(*word)));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded + (folded >> 16)) as u16)
}

/// Whether the answer came in time. What else the socket hears is skipped.
fn answered(socket: &OwnedFd, family: Family, identifier: u16, sequence: u16) -> io::Result<bool> {
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = [0; 60 + HEADER_LEN + PAYLOAD_LEN];
    while Instant::now() < deadline {
        let length = match recv(socket, buffer.as_mut_slice(), RecvFlags::empty()) {
            Ok((_, length)) => length,
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN) => return Ok(false),
            Err(errno) => return Err(errno.into()),
        };
        let packet = buffer.get(..length).unwrap_or(&buffer);
        if reply(family, packet) == Some((identifier, sequence)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Identifier and sequence number of an echo reply. Raw IPv4 sockets hear the IP header too.
fn reply(family: Family, packet: &[u8]) -> Option<(u16, u16)> {
    let header_len = match family {
        Family::V4 => usize::from(packet.first()? & 0x0f) * 4,
        Family::V6 => 0,
    };
    let [kind, _, _, _, id_high, id_low, high, low] = *packet.get(header_len..)?.first_chunk()?;
    let wanted = if family == Family::V4 { 0 } else { 129 };
    let numbers = (u16::from_be_bytes([id_high, id_low]), u16::from_be_bytes([high, low]));
    (kind == wanted).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_right_checksum() {
        let packet = request(Family::V4, 0x1234, 7);
        assert_eq!(packet.len(), HEADER_LEN + PAYLOAD_LEN);
        assert_eq!(checksum(&packet), 0);
        assert_eq!(checksum(&[0xff, 0xff, 0xff, 0xff, 0, 1]), 0xfffe);
    }

    #[test]
    fn replies_are_told_from_requests_and_scraps() {
        let mut packet = vec![0x45; 20];
        packet.extend([0, 0, 0, 0, 0x12, 0x34, 0, 7]);
        assert_eq!(reply(Family::V4, &packet), Some((0x1234, 7)));
        assert_eq!(reply(Family::V4, &packet[..27]), None);
        assert_eq!(reply(Family::V4, &[]), None);
        assert_eq!(reply(Family::V6, &request(Family::V6, 1, 1)), None);
    }
}
