use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use super::PATIENCE;
use crate::{Family, Lab, LabError, Side};

/// From where to where traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The side that asks first.
    pub from: Side,
    pub family: Family,
    /// Host of the asking side; see [`Side::address`].
    pub source: u8,
    /// Host of the other side.
    pub destination: u8,
    /// Port of the other side, for what has ports. DNS takes 53 whatever stands here.
    pub port: u16,
}

impl Path {
    /// Between the first host of either side, to port 9000.
    pub const fn new(from: Side, family: Family) -> Self {
        Self { from, family, source: 0, destination: 0, port: 9000 }
    }

    /// Between other hosts.
    pub const fn between(self, source: u8, destination: u8) -> Self {
        Self { source, destination, ..self }
    }

    /// To another port; not 0.
    pub const fn to_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    pub const fn source_address(&self) -> IpAddr {
        self.from.address(self.family, self.source)
    }

    pub const fn destination_address(&self) -> IpAddr {
        self.from.other().address(self.family, self.destination)
    }

    pub(super) fn server(&self) -> SocketAddr {
        SocketAddr::new(self.destination_address(), self.port)
    }

    /// Fails for IPv6 in a lab without.
    pub(super) fn check(&self, lab: &Lab) -> Result<(), LabError> {
        if self.family == Family::V6 && !lab.has_ipv6() {
            return Err(LabError::NoIpv6);
        }
        Ok(())
    }

    /// A connected client socket and the server's socket, both with timeouts.
    pub(super) fn udp_sockets(&self, lab: &Lab) -> Result<(UdpSocket, UdpSocket), LabError> {
        self.check(lab)?;
        let path = *self;
        let server = lab.inside(self.from.other(), || bind(path.server()))?;
        let client = lab.inside(self.from, || bind(SocketAddr::new(path.source_address(), 0)))?;
        let sockets = || -> io::Result<_> {
            let (client, server) = (client?, server?);
            client.connect(path.server())?;
            Ok((client, server))
        };
        sockets().map_err(LabError::io("open UDP sockets"))
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = once_free(|| UdpSocket::bind(address))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Take a port that was closed a moment ago: a process that is just being started by another thread
/// has a copy of every socket until it runs.
pub(super) fn once_free<T>(bind: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match bind() {
            Err(error) if error.kind() == ErrorKind::AddrInUse && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(1));
            }
            outcome => return outcome,
        }
    }
}
