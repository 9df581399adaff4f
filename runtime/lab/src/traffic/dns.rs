use std::io;

use super::Path;
use crate::{Family, Lab, LabError};

const DNS_PORT: u16 = 53;

/// Reserved for examples (RFC 2606).
const NAMES: [&[&str]; 4] = [
    &["www", "example", "com"],
    &["mail", "example", "org"],
    &["api", "example", "net"],
    &["example", "com"],
];

/// Send `count` queries to port 53 of the other side, each answered there. Returns `count`, the
/// number of packets in each direction. Takes CAP_NET_BIND_SERVICE.
pub fn dns(lab: &Lab, path: Path, count: u64) -> Result<u64, LabError> {
    let path = path.to_port(DNS_PORT);
    let (client, server) = path.udp_sockets(lab)?;
    let mut buffer = [0; 512];
    for sent in 0..count {
        let id = sent as u16;
        let labels = NAMES[(sent % NAMES.len() as u64) as usize];
        let query = query(id, path.family, labels);
        let answer = answer(&query, path.family);
        let mut exchange = || -> io::Result<bool> {
            client.send(&query)?;
            let (length, from) = server.recv_from(&mut buffer)?;
            if buffer.get(..length) != Some(&query) {
                return Ok(false);
            }
            server.send_to(&answer, from)?;
            let length = client.recv(&mut buffer)?;
            Ok(buffer.get(..length) == Some(&answer))
        };
        match exchange() {
            Ok(true) => {}
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                return Err(LabError::Io { operation: "exchange DNS messages", source: error });
            }
            Ok(false) | Err(_) => {
                return Err(LabError::Lost { what: "DNS queries", sent: sent + 1, arrived: sent });
            }
        }
    }
    Ok(count)
}

/// RFC 1035, 4.1: a recursive query for the addresses of one name.
fn query(id: u16, family: Family, labels: &[&str]) -> Vec<u8> {
    let mut message = id.to_be_bytes().to_vec();
    message.extend([0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in labels {
        message.push(label.len() as u8);
        message.extend(label.as_bytes());
    }
    message.push(0);
    message.extend(kind(family));
    message.extend(INTERNET);
    message
}

/// The query as an answer with one record, whose name points back at the question's.
fn answer(query: &[u8], family: Family) -> Vec<u8> {
    let mut message = query.to_vec();
    message.splice(2..8, [0x81, 0x80, 0, 1, 0, 1]);
    message.extend([0xc0, 12]);
    message.extend(kind(family));
    message.extend(INTERNET);
    message.extend(60u32.to_be_bytes());
    match family {
        // 192.0.2.0/24 and 2001:db8::/32 are for documentation (RFC 5737, RFC 3849).
        Family::V4 => message.extend([0, 4, 192, 0, 2, 1]),
        Family::V6 => {
            message.extend([0, 16, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        }
    }
    message
}

const INTERNET: [u8; 2] = [0, 1];

const fn kind(family: Family) -> [u8; 2] {
    match family {
        Family::V4 => [0, 1],
        Family::V6 => [0, 28],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_as_in_rfc_1035() {
        let query = query(7, Family::V4, &["example", "com"]);
        assert_eq!(
            query,
            b"\x00\x07\x01\x00\x00\x01\0\0\0\0\0\0\x07example\x03com\x00\x00\x01\x00\x01"
        );
        let answer = answer(&query, Family::V4);
        assert_eq!(&answer[..8], b"\x00\x07\x81\x80\x00\x01\x00\x01");
        assert_eq!(
            &answer[query.len()..],
            b"\xc0\x0c\x00\x01\x00\x01\0\0\0\x3c\x00\x04\xc0\x00\x02\x01"
        );
    }
}
