//! The plugin of `interest-ports` and `interest-ports-v2`: for each packet the event `datagram` with
//! the `version` of the plugin, the `port` that it went to, and its `number`, which stands in the
//! first four bytes of its payload, the highest first.

use ringtap_plugin::{Batch, Event};

/// Bytes of a number.
pub const NUMBER_BYTES: u32 = 4;

pub fn on_packets(version: u64, batch: &Batch<'_>) {
    for packet in batch.packets() {
        let number = packet.payload().first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        Event::new("datagram", packet.time_ns())
            .field("version", version)
            .maybe("port", packet.dst_port())
            .maybe("number", number)
            .emit();
    }
}

/// A plugin of that version, and what it wants.
#[macro_export]
macro_rules! ports_plugin {
    ($version:literal, $filter:literal) => {
        struct Plugin;

        impl ringtap_plugin::Plugin for Plugin {
            fn interests() -> Vec<ringtap_plugin::Interest> {
                let bytes = $crate::ports::NUMBER_BYTES;
                vec![ringtap_plugin::Interest::new("ports", $filter).payload(bytes)]
            }

            fn new(_config: &str) -> Result<Self, ringtap_plugin::Refusal> {
                Ok(Self)
            }
        }

        impl ringtap_plugin::Aggregate for Plugin {
            fn on_packets(&mut self, batch: &ringtap_plugin::Batch<'_>) {
                $crate::ports::on_packets($version, batch);
            }
        }

        ringtap_plugin::export!(Plugin: Aggregate);
    };
}
