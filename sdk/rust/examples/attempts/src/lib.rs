//! Counts attempts to open TCP connections, by destination port.

use ringtap_plugin::{Aggregate, Batch, Counter, Family, Plugin, Refusal, TcpFlags};

struct Attempts(Family<Counter, 1>);

impl Plugin for Attempts {
    fn new(_config: &str) -> Result<Self, Refusal> {
        Ok(Self(Counter::family("tcp_attempts_total", "TCP connections asked for.", ["port"])))
    }
}

impl Aggregate for Attempts {
    fn on_packets(&mut self, batch: &Batch<'_>) {
        for packet in batch.packets() {
            let (Some(flags), Some(port)) = (packet.tcp_flags(), packet.dst_port()) else {
                continue;
            };
            if !flags.contains(TcpFlags::SYN) || flags.contains(TcpFlags::ACK) {
                continue;
            }
            // Anybody can send to any port, and each one named is a series of its own.
            let port = if port < 1024 { port.to_string() } else { "other".to_owned() };
            if let Ok(counter) = self.0.with([&port]) {
                counter.inc();
            }
        }
    }
}

ringtap_plugin::export!(Attempts: Aggregate);
