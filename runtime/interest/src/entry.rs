use ringtap_record::PacketRecord;

use crate::RuleSet;

/// What a tap puts into its ring for a packet. Up to
/// [`payload_len`](PacketRecord::payload_len) bytes of payload follow.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The rules that the packet was kept for.
    pub kept: RuleSet,
    /// Of the tables that the rules are in.
    pub generation: u32,
    /// Always 0: keeps the layout free of holes.
    pub reserved: u32,
    pub record: PacketRecord,
}

const _: () = assert!(size_of::<Entry>() == 192 && align_of::<Entry>() == 8);

#[cfg(feature = "std")]
impl Entry {
    /// An entry's bytes, and the payload behind it. `None` for bytes that no tap wrote.
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, rest) = bytes.split_at_checked(size_of::<Self>() - size_of::<PacketRecord>())?;
        let (record, payload) = rest.split_at_checked(size_of::<PacketRecord>())?;
        let mut words = head.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
        let mut kept = RuleSet::EMPTY;
        for (word, value) in kept.0.iter_mut().zip(&mut words) {
            *word = value;
        }
        // The lower half; the upper one is reserved.
        let generation = words.next()? as u32;
        let record: PacketRecord = bytemuck::pod_read_unaligned(record);
        let payload = payload.get(..usize::from(record.payload_len))?;
        Some((Self { kept, generation, reserved: 0, record }, payload))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_the_kernel_lays_them_out() {
        let record = PacketRecord { payload_len: 3, src_port: 80, ..PacketRecord::default() };
        let mut bytes = Vec::new();
        bytes.extend([1_u64, 2, 3, 4].map(u64::to_le_bytes).concat());
        bytes.extend([7_u32, 0].map(u32::to_le_bytes).concat());
        bytes.extend(record.as_bytes());
        bytes.extend(b"abc and what is behind it");
        let (entry, payload) = Entry::read(&bytes).unwrap();
        let expected = Entry { kept: RuleSet([1, 2, 3, 4]), generation: 7, reserved: 0, record };
        assert_eq!((entry, payload), (expected, &b"abc"[..]));
        assert_eq!(std::mem::offset_of!(Entry, generation), 32);
        for len in 0..195 {
            assert_eq!(Entry::read(&bytes[..len]), None, "{len}");
        }
    }
}
