//! The state in form 1: when the window began, the services and the connections, in postcard's wire
//! format (<https://postcard.jamesmunns.com>), each list behind its length.

use ringtap_plugin::Refusal;

use crate::{
    config::{MAX_CONNECTIONS, MAX_SERVICES},
    connection::Connection,
    service::{Service, Services},
    table::{Key, Table},
};

pub(crate) const SCHEMA: u32 = 1;

/// When the window began; services; connections.
type Head = (Option<u64>, u64, u64);

pub(crate) fn save(table: &Table, services: &Services) -> Result<Vec<u8>, Refusal> {
    let head: Head = (services.since_ns, services.iter().len() as u64, table.len() as u64);
    let mut bytes = postcard::to_allocvec(&head)?;
    for service in services.iter() {
        bytes = postcard::to_extend(service, bytes)?;
    }
    for connection in table.iter() {
        bytes = postcard::to_extend(&connection, bytes)?;
    }
    Ok(bytes)
}

/// Into what is empty. What there is no room for is dropped.
pub(crate) fn restore(
    table: &mut Table,
    services: &mut Services,
    saved: &[u8],
) -> Result<(), Refusal> {
    let ((since_ns, named, tracked), mut rest) = postcard::take_from_bytes::<Head>(saved)?;
    if named > MAX_SERVICES || tracked > MAX_CONNECTIONS {
        return Err("there is more than any table has".into());
    }
    for _ in 0..named {
        let (service, next) = postcard::take_from_bytes::<Service>(rest)?;
        if !services.resume(service) {
            return Err("a service is there twice".into());
        }
        rest = next;
    }
    for _ in 0..tracked {
        let ((key, connection), next) = postcard::take_from_bytes::<(Key, Connection)>(rest)?;
        if key.lesser > key.greater || !table.resume(key, connection) {
            return Err("a connection is there twice".into());
        }
        rest = next;
    }
    services.since_ns = since_ns;
    if rest.is_empty() { Ok(()) } else { Err("there is more than the connections".into()) }
}
