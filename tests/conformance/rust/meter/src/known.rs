use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Bytes of a destination in a saved state: version, address, bytes, packets.
const ENTRY: usize = 1 + 16 + 8 + 8;

/// Destinations in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Known {
    list: Vec<(IpAddr, Traffic)>,
    places: HashMap<IpAddr, usize>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) bytes: u64,
    pub(crate) packets: u64,
}

impl Known {
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(IpAddr, Traffic)> {
        self.list.iter()
    }

    /// Count what went to `dst`, if that is known or there is room for it. Whether it was.
    pub(crate) fn add(&mut self, dst: IpAddr, bytes: u64, packets: u64, limit: usize) -> bool {
        let place = match self.places.entry(dst) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(_) if self.list.len() >= limit => return false,
            Entry::Vacant(place) => {
                self.list.push((dst, Traffic::default()));
                *place.insert(self.list.len() - 1)
            }
        };
        let traffic = &mut self.list[place].1;
        traffic.bytes = traffic.bytes.wrapping_add(bytes);
        traffic.packets = traffic.packets.wrapping_add(packets);
        true
    }

    /// Of all bytes, those of the first destination.
    pub(crate) fn share_of_first(&self) -> f64 {
        let bytes = |(_, traffic): &(IpAddr, Traffic)| traffic.bytes;
        let all = self.list.iter().map(bytes).fold(0, u64::wrapping_add);
        match self.list.first() {
            Some(first) if all > 0 => bytes(first) as f64 / all as f64,
            _ => 0.0,
        }
    }

    pub(crate) fn save(&self, records: u64) -> Vec<u8> {
        let mut saved = Vec::with_capacity(12 + self.list.len() * ENTRY);
        saved.extend(records.to_le_bytes());
        saved.extend((self.list.len() as u32).to_le_bytes());
        for (dst, traffic) in &self.list {
            match dst {
                IpAddr::V4(dst) => {
                    saved.extend([4]);
                    saved.extend([0; 12]);
                    saved.extend(dst.octets());
                }
                IpAddr::V6(dst) => {
                    saved.extend([6]);
                    saved.extend(dst.octets());
                }
            }
            saved.extend(traffic.bytes.to_le_bytes());
            saved.extend(traffic.packets.to_le_bytes());
        }
        saved
    }

    /// The count of records and the first `limit` destinations; `None` if the bytes are damaged.
    pub(crate) fn restore(saved: &[u8], limit: usize) -> Option<(u64, Self)> {
        let (records, rest) = saved.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (entries, rest) = rest.as_chunks::<ENTRY>();
        if entries.len() != u32::from_le_bytes(*count) as usize || !rest.is_empty() {
            return None;
        }
        let mut known = Self::default();
        for entry in entries {
            let (dst, traffic) = destination(entry)?;
            if known.places.insert(dst, known.list.len()).is_some() {
                return None;
            }
            known.list.push((dst, traffic));
        }
        for (dst, _) in known.list.drain(limit.min(known.list.len())..) {
            known.places.remove(&dst);
        }
        Some((u64::from_le_bytes(*records), known))
    }
}

fn destination(entry: &[u8; ENTRY]) -> Option<(IpAddr, Traffic)> {
    let ([version], rest) = entry.split_first_chunk()?;
    let (address, rest) = rest.split_first_chunk::<16>()?;
    let (bytes, packets) = rest.split_first_chunk()?;
    let dst = match (version, address) {
        (4, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]) => {
            Ipv4Addr::new(*a, *b, *c, *d).into()
        }
        (6, address) => Ipv6Addr::from(*address).into(),
        _ => return None,
    };
    let (bytes, packets) =
        (u64::from_le_bytes(*bytes), u64::from_le_bytes(*packets.first_chunk()?));
    Some((dst, Traffic { bytes, packets }))
}
