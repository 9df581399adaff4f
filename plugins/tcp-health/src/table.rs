use std::{
    collections::{HashMap, hash_map::Entry},
    net::SocketAddr,
};

use foldhash::quality::FixedState;
use ringtap_plugin::{Packet, TcpFlags};
use serde::{Deserialize, Serialize};

use crate::{
    config::Settings,
    connection::{Connection, Seen},
};

/// Both directions of a connection, on one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) ifindex: u32,
    pub(crate) lesser: SocketAddr,
    pub(crate) greater: SocketAddr,
}

/// What of a packet says something about its connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    key: Key,
    pub(crate) from_lesser: bool,
    pub(crate) time_ns: u64,
    pub(crate) tap: u16,
    pub(crate) seq: u32,
    /// Bytes of data.
    pub(crate) data: u32,
    pub(crate) window: u16,
    pub(crate) syn: bool,
    pub(crate) ack: bool,
    pub(crate) rst: bool,
}

impl Segment {
    /// `None` for what has no whole TCP header.
    pub(crate) fn of(packet: &Packet<'_>) -> Option<Self> {
        let src = SocketAddr::new(packet.src()?, packet.src_port()?);
        let dst = SocketAddr::new(packet.dst()?, packet.dst_port()?);
        let (flags, fields) = (packet.tcp_flags()?, packet.fields());
        let headers = u32::from(fields.l7_offset()).checked_sub(u32::from(fields.l3_offset()))?;
        let (lesser, greater) = (src.min(dst), src.max(dst));
        Some(Self {
            key: Key { ifindex: packet.ifindex(), lesser, greater },
            from_lesser: src == lesser,
            time_ns: packet.time_ns(),
            tap: packet.tap(),
            seq: packet.tcp_seq()?,
            data: packet.ip_len()?.saturating_sub(headers),
            window: packet.tcp_window()?,
            syn: flags.contains(TcpFlags::SYN),
            ack: flags.contains(TcpFlags::ACK),
            rst: flags.contains(TcpFlags::RST),
        })
    }

    /// Whom a connection is to of which this is the first packet: whoever gets a SYN, or else has the
    /// lower port.
    fn goes_to_lesser(&self) -> bool {
        let Key { lesser, greater, .. } = self.key;
        match (self.syn, self.ack) {
            (true, false) => !self.from_lesser,
            (true, true) => self.from_lesser,
            _ => lesser.port() <= greater.port(),
        }
    }
}

/// Connections, at most as many as the settings say.
pub(crate) struct Table {
    settings: Settings,
    connections: HashMap<Key, Connection, FixedState>,
}

impl Table {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        Self { settings, connections: HashMap::with_hasher(FixedState::with_seed(seed)) }
    }

    pub(crate) fn len(&self) -> usize {
        self.connections.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Connection)> {
        self.connections.iter()
    }

    /// The service, and what the segment shows; `None` without room for the connection.
    pub(crate) fn take(&mut self, segment: &Segment) -> Option<(SocketAddr, Seen)> {
        let has_room = self.connections.len() < self.settings.connections;
        let new = || Connection::to(segment.goes_to_lesser());
        let connection = match self.connections.entry(segment.key) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                if known.is_replaced_by(segment) {
                    *known = new();
                }
                known
            }
            Entry::Vacant(place) if has_room => place.insert(new()),
            Entry::Vacant(_) => return None,
        };
        let Key { lesser, greater, .. } = segment.key;
        let service = if connection.server_is_lesser { lesser } else { greater };
        Some((service, connection.take(segment)))
    }

    /// Put a connection there that was saved, if there is room. `false` if it is there.
    pub(crate) fn resume(&mut self, key: Key, connection: Connection) -> bool {
        let has_room = self.connections.len() < self.settings.connections;
        match self.connections.entry(key) {
            Entry::Occupied(_) => return false,
            Entry::Vacant(place) if has_room => drop(place.insert(connection)),
            Entry::Vacant(_) => {}
        }
        true
    }

    /// Forget those that have been silent.
    pub(crate) fn expire(&mut self, now_ns: u64) {
        let timeout = self.settings.idle_timeout.as_nanos() as u64;
        self.connections.retain(|_, one| now_ns.saturating_sub(one.last_ns) < timeout);
    }
}
