//! Keeps the TCP packets of one host.

use std::net::IpAddr;

use ringtap_plugin::{Batch, Config, Counter, Filter, Kept, Packet, Plugin, Refusal};

const TCP: u8 = 6;

struct Sieve {
    host: IpAddr,
    kept: Counter,
}

impl Plugin for Sieve {
    fn new(config: &str) -> Result<Self, Refusal> {
        let mut config = Config::parse(config)?;
        let host = config.text("host", "198.51.100.1")?;
        config.finish()?;
        let host =
            host.parse().map_err(|_| format!("config key `host`: {host} is no IP address"))?;
        let kept = Counter::new("sieve_kept_total", "Packets that were kept.", &[])?;
        Ok(Self { host, kept })
    }
}

impl Filter for Sieve {
    fn keep(&mut self, packet: &Packet<'_>) -> bool {
        let is_host = [packet.src(), packet.dst()].contains(&Some(self.host));
        packet.protocol() == Some(TCP) && is_host
    }

    fn keep_batch(&mut self, batch: &Batch<'_>) -> Kept {
        let mut packets = 0;
        let kept = Kept::of(batch, |packet| {
            let keeps = self.keep(packet);
            packets += if keeps { packet.packets() } else { 0 };
            keeps
        });
        self.kept.add(packets);
        kept
    }
}

ringtap_plugin::export!(Sieve: Filter);
