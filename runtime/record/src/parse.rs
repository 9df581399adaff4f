use crate::{Frame, PacketRecord};

/// What the first byte that is parsed belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// An Ethernet II or 802.3 header.
    Ethernet,
    /// What follows an EtherType, as in Linux cooked captures.
    EtherType(u16),
    /// An IPv4 or IPv6 header, told apart by its version.
    Ip,
}

/// Parse the headers from `offset` on into `record`.
///
/// The caller has zeroed `record` and set what headers don't say: `wire_len`, `cap_len` and the
/// rest of the metadata; a VLAN tag from metadata counts as the first.
#[inline(always)]
pub fn parse<F: Frame + ?Sized>(frame: &F, start: Start, offset: u32, record: &mut PacketRecord) {
    let _ = (frame, start, offset, record);
}
