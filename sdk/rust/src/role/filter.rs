use crate::{Batch, Packet, Plugin};

/// The role that takes packets and says which of them go on to the plugins whose `input` this plugin
/// is.
///
/// ```
/// use ringtap_plugin::{Filter, Packet, Plugin, Refusal};
///
/// struct Web;
///
/// impl Plugin for Web {
///     fn new(_config: &str) -> Result<Self, Refusal> {
///         Ok(Self)
///     }
/// }
///
/// impl Filter for Web {
///     fn keep(&mut self, packet: &Packet<'_>) -> bool {
///         [packet.src_port(), packet.dst_port()].contains(&Some(443))
///     }
/// }
///
/// ringtap_plugin::export!(Web: Filter);
/// # fn main() {}
/// ```
/// What [interests](Plugin::interests) can say, let them say: they discard in the kernel.
pub trait Filter: Plugin {
    /// Called with each packet, in the order of its batch.
    fn keep(&mut self, packet: &Packet<'_>) -> bool;

    /// Called with each batch, 1 to 1024 packets; asks [`keep`](Self::keep) about each. To be
    /// overridden by a filter that wants to know more than one packet at a time.
    fn keep_batch(&mut self, batch: &Batch<'_>) -> Kept {
        Kept::of(batch, |packet| self.keep(packet))
    }
}

/// Which packets of a batch go on: a bit for each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Kept(Vec<u8>);

impl Kept {
    /// Those that `keep` says, which is asked about each in order.
    pub fn of(batch: &Batch<'_>, mut keep: impl FnMut(&Packet<'_>) -> bool) -> Self {
        let mut bits = vec![0; batch.len().div_ceil(8)];
        for (index, packet) in batch.packets().enumerate() {
            bits[index / 8] |= u8::from(keep(&packet)) << (index % 8);
        }
        Self(bits)
    }

    /// All of them.
    pub fn all(batch: &Batch<'_>) -> Self {
        Self::of(batch, |_| true)
    }

    /// None of them.
    pub fn none(batch: &Batch<'_>) -> Self {
        Self::of(batch, |_| false)
    }

    /// As the host takes them.
    pub(crate) fn into_bits(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Refusal,
        testing::{Harness, Record},
    };

    /// Keeps the packets that are longer than the one before.
    struct Grows(u32);

    impl Plugin for Grows {
        fn new(_config: &str) -> Result<Self, Refusal> {
            Ok(Self(0))
        }
    }

    impl Filter for Grows {
        fn keep(&mut self, packet: &Packet<'_>) -> bool {
            packet.wire_len() > std::mem::replace(&mut self.0, packet.wire_len())
        }
    }

    /// Keeps a batch that has a packet of 60 bytes.
    struct Whole;

    impl Plugin for Whole {
        fn new(_config: &str) -> Result<Self, Refusal> {
            Ok(Self)
        }
    }

    impl Filter for Whole {
        fn keep(&mut self, packet: &Packet<'_>) -> bool {
            packet.wire_len() == 60
        }

        fn keep_batch(&mut self, batch: &Batch<'_>) -> Kept {
            if batch.packets().any(|packet| self.keep(&packet)) {
                Kept::all(batch)
            } else {
                Kept::none(batch)
            }
        }
    }

    fn lengths(lengths: &[u32]) -> Vec<Record> {
        lengths.iter().map(|len| Record::frame().len(*len)).collect()
    }

    #[test]
    fn each_packet_is_asked_about_in_order() {
        let mut host = Harness::<Grows>::new("").unwrap();
        assert_eq!(host.keep(&lengths(&[60, 70, 70, 90])), [true, true, false, true]);
        assert_eq!(host.keep(&lengths(&[80, 81])), [false, true]);
    }

    #[test]
    fn a_filter_may_look_at_the_whole_batch() {
        let mut host = Harness::<Whole>::new("").unwrap();
        assert_eq!(host.keep(&lengths(&[61, 60, 62])), [true; 3]);
        assert_eq!(host.keep(&lengths(&[61, 62])), [false; 2]);
    }

    #[test]
    fn there_is_a_bit_for_each_packet_and_none_beyond() {
        for count in [1, 7, 8, 9, 1024] {
            let records = vec![Record::frame(); count];
            crate::testing::with_batch(0, &records, |batch| {
                let bits = Kept::all(batch).into_bits();
                assert_eq!(bits.len(), count.div_ceil(8));
                let ones: u32 = bits.iter().map(|byte| byte.count_ones()).sum();
                assert_eq!((ones as usize, bits[0] & 1), (count, 1));
                assert_eq!(Kept::none(batch).into_bits(), vec![0; count.div_ceil(8)]);
            });
        }
    }
}
