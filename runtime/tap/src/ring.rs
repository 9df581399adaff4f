use aya::maps::{MapData, RingBuf};
use ringtap_pipeline::batch::MAX_BATCH_RECORDS;
use ringtap_record::PacketRecord;

/// Move records that are ready, in order, up to a batch. Less than a batch: the ring is empty.
pub(crate) fn read(ring: &mut RingBuf<MapData>, records: &mut Vec<PacketRecord>) {
    while records.len() < MAX_BATCH_RECORDS {
        let Some(item) = ring.next() else { return };
        // The taps reserve the size of a record and nothing else.
        records.push(bytemuck::pod_read_unaligned(&item));
    }
}
