use ringtap_plugin::{Packet, TcpFlags};

use crate::config::Settings;

/// After a FIN or RST: for the acknowledgments and repetitions that still come.
const LINGER_NS: u64 = 1_000_000_000;

/// Why a flow ended. The numbers stand in the state: append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Fin,
    Rst,
    Idle,
    Active,
    Evicted,
    Stop,
}

impl End {
    pub(crate) const ALL: [Self; 6] =
        [Self::Fin, Self::Rst, Self::Idle, Self::Active, Self::Evicted, Self::Stop];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Evicted => "evicted",
            Self::Stop => "stop",
        }
    }
}

/// What a packet adds to its flow. Everything is read once here, since the compiler of a sandbox does
/// not see that it stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Unix time.
    pub(crate) time_ns: u64,
    pub(crate) packets: u64,
    bytes: u64,
    /// None for what is not TCP.
    tcp_flags: TcpFlags,
    sample_one_in: u32,
}

impl Seen {
    #[inline]
    pub(crate) fn of(packet: &Packet<'_>) -> Self {
        Self {
            time_ns: packet.time_ns(),
            packets: packet.packets(),
            bytes: packet.wire_bytes(),
            tcp_flags: TcpFlags(packet.fields().tcp_flags()),
            sample_one_in: packet.sample_one_in(),
        }
    }
}

/// What is known of a flow. Times are Unix time in ns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    pub(crate) first_ns: u64,
    pub(crate) last_ns: u64,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    /// Of all packets.
    pub(crate) tcp_flags: TcpFlags,
    /// The most that a record of its packets stood for; 1 where nothing was sampled out.
    pub(crate) sample_one_in: u32,
}

impl Flow {
    pub(crate) fn starting_with(seen: &Seen) -> Self {
        let Seen { time_ns, packets, bytes, tcp_flags, sample_one_in } = *seen;
        Self { first_ns: time_ns, last_ns: time_ns, packets, bytes, tcp_flags, sample_one_in }
    }

    /// Packets of different CPUs may come out of order.
    pub(crate) fn add(&mut self, seen: &Seen) {
        self.first_ns = self.first_ns.min(seen.time_ns);
        self.last_ns = self.last_ns.max(seen.time_ns);
        self.packets += seen.packets;
        self.bytes += seen.bytes;
        self.tcp_flags = self.tcp_flags | seen.tcp_flags;
        self.sample_one_in = self.sample_one_in.max(seen.sample_one_in);
    }

    /// Why the flow is over at `now_ns`, if it is.
    pub(crate) fn over(&self, now_ns: u64, settings: &Settings) -> Option<End> {
        let quiet_ns = now_ns.saturating_sub(self.last_ns);
        match self.closed() {
            Some(end) if quiet_ns >= LINGER_NS => Some(end),
            _ if quiet_ns >= settings.idle_ns => Some(End::Idle),
            _ if now_ns.saturating_sub(self.first_ns) >= settings.active_ns => Some(End::Active),
            _ => None,
        }
    }

    /// How the flow ended, if what was seen begins another one with the same addresses and ports.
    pub(crate) fn replaced_by(&self, seen: &Seen) -> Option<End> {
        self.closed().filter(|_| seen.tcp_flags.contains(TcpFlags::SYN))
    }

    /// How its sender ended the connection.
    pub(crate) fn closed(&self) -> Option<End> {
        if !self.tcp_flags.intersects(TcpFlags::RST | TcpFlags::FIN) {
            None
        } else if self.tcp_flags.contains(TcpFlags::RST) {
            Some(End::Rst)
        } else {
            Some(End::Fin)
        }
    }
}
