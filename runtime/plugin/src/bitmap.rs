use ringtap_record::PacketRecord;

/// A filter's answer: a bit for each record of a batch, as `wit/roles.wit` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap(Vec<u8>);

/// Why a filter's answer is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBitmap {
    #[error("{bytes} bytes for {records} records: {wanted} were due", wanted = .records.div_ceil(8))]
    Length { bytes: usize, records: usize },
    #[error("a bit that is set for no record: there are {records}")]
    StrayBits { records: usize },
}

impl Bitmap {
    /// `bits` for so many records.
    pub(crate) fn new(bits: Vec<u8>, records: usize) -> Result<Self, BadBitmap> {
        if bits.len() != records.div_ceil(8) {
            return Err(BadBitmap::Length { bytes: bits.len(), records });
        }
        let used = records % 8;
        let has_strays = used > 0 && bits.last().is_some_and(|last| last >> used != 0);
        if has_strays { Err(BadBitmap::StrayBits { records }) } else { Ok(Self(bits)) }
    }

    /// Nothing of so many records is kept.
    pub(crate) fn nothing(records: usize) -> Self {
        Self(vec![0; records.div_ceil(8)])
    }

    /// How many records are kept.
    pub fn kept(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }

    /// Whether the record of this number is kept, from 0.
    pub fn keeps(&self, record: usize) -> bool {
        self.0.get(record / 8).is_some_and(|byte| byte >> (record % 8) & 1 == 1)
    }

    /// The records that are kept.
    pub(crate) fn pick<'a>(
        &'a self,
        records: &'a [PacketRecord],
    ) -> impl Iterator<Item = &'a PacketRecord> {
        records.iter().enumerate().filter(|(index, _)| self.keeps(*index)).map(|(_, one)| one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_pick_records_from_the_least_significant_on() {
        let records: Vec<_> =
            (0..11).map(|wire_len| PacketRecord { wire_len, ..PacketRecord::default() }).collect();
        let bits = Bitmap::new(vec![0b1000_0010, 0b101], 11).unwrap();
        let picked: Vec<_> = bits.pick(&records).map(|record| record.wire_len).collect();
        assert_eq!((picked, bits.kept()), (vec![1, 7, 8, 10], 4));
    }

    #[test]
    fn an_answer_has_a_bit_for_each_record_and_no_other() {
        for (bits, records) in
            [(vec![], 0), (vec![255], 8), (vec![255, 1], 9), (vec![0; 128], 1024)]
        {
            assert!(Bitmap::new(bits, records).is_ok());
        }
        for (bytes, records) in [(0, 1), (1, 0), (1, 9), (3, 16)] {
            let wanted = Err(BadBitmap::Length { bytes, records });
            assert_eq!(Bitmap::new(vec![0; bytes], records), wanted);
        }
        assert_eq!(Bitmap::new(vec![0b10], 1), Err(BadBitmap::StrayBits { records: 1 }));
        assert_eq!(Bitmap::new(vec![0, 0x80], 15), Err(BadBitmap::StrayBits { records: 15 }));
    }
}
