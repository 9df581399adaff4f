use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with, sockopt};

use super::{PATIENCE, Path, path::once_free};
use crate::{Lab, LabError};

/// Bytes in flight, at most: well under the smallest receive window, so that one thread can write
/// and then read.
const CHUNK: usize = 32 * 1024;

/// Open `connections` connections, one after the other, send `bytes` over each and close it.
/// Returns the payload bytes sent, all of which arrived.
///
/// The asking side closes first. How many packets that takes is up to TCP.
pub fn tcp(lab: &Lab, path: Path, connections: u64, bytes: u64) -> Result<u64, LabError> {
    path.check(lab)?;
    let listener = lab
        .inside(path.from.other(), || listen(path.server()))?
        .map_err(LabError::io("listen for TCP connections"))?;
    let mut sent = 0;
    for _ in 0..connections {
        let client =
            lab.inside(path.from, || dial(path))?.map_err(LabError::io("open a TCP connection"))?;
        sent += transfer(client, &listener, bytes)
            .map_err(LabError::io("send over a TCP connection"))?;
    }
    Ok(sent)
}

fn transfer(mut client: TcpStream, listener: &TcpListener, bytes: u64) -> io::Result<u64> {
    let (mut server, _) = listener.accept()?;
    set_timeouts(&server)?;
    let data = vec![0x5a; CHUNK];
    let mut buffer = vec![0; CHUNK];
    let mut sent = 0;
    while sent < bytes {
        let length = usize::try_from(bytes - sent).unwrap_or(CHUNK).min(CHUNK);
        let (Some(data), Some(buffer)) = (data.get(..length), buffer.get_mut(..length)) else {
            break;
        };
        client.write_all(data)?;
        server.read_exact(buffer)?;
        sent += length as u64;
    }
    client.shutdown(Shutdown::Write)?;
    server.read_to_end(&mut Vec::new())?;
    drop(server);
    client.read_to_end(&mut Vec::new())?;
    Ok(sent)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = once_free(|| TcpListener::bind(address))?;
    // Accepting waits no longer than receiving.
    sockopt::set_socket_timeout(&listener, sockopt::Timeout::Recv, Some(PATIENCE))?;
    Ok(listener)
}

/// The standard library can't connect from a chosen address.
fn dial(path: Path) -> io::Result<TcpStream> {
    let source = SocketAddr::new(path.source_address(), 0);
    let family = if source.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    bind(&socket, &source)?;
    // Connecting waits no longer than sending.
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(PATIENCE))?;
    connect(&socket, &path.server())?;
    let stream = TcpStream::from(socket);
    set_timeouts(&stream)?;
    Ok(stream)
}

fn set_timeouts(stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))
}
