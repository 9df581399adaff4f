use std::net::IpAddr;

use etherparse::{IpHeaders, IpNumber, Ipv4Header, Ipv6FlowLabel, Ipv6Header, PacketBuilder};
use ringtap_lab::{Family, Side};

/// Nobody's MAC address: frames for it pass the taps, and no kernel answers them.
const NOBODY: [u8; 6] = [0x02, 0x72, 0x74, 0, 0, 0xff];

/// Makes Ethernet frames between the first hosts of a lab's sides.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    pub from: Side,
    pub family: Family,
    /// Source and destination.
    pub ports: (u16, u16),
}

impl Flow {
    /// Over IPv4.
    pub const fn new(from: Side, source: u16, destination: u16) -> Self {
        Self { from, family: Family::V4, ports: (source, destination) }
    }

    /// The way back.
    pub const fn reversed(self) -> Self {
        let (source, destination) = self.ports;
        Self { from: self.from.other(), ports: (destination, source), ..self }
    }

    pub fn udp(self, payload: &[u8]) -> Vec<u8> {
        let (source, destination) = self.ports;
        let builder = PacketBuilder::ethernet2(self.from.mac().0, NOBODY).ip(self.headers());
        let mut frame = Vec::new();
        builder.udp(source, destination).write(&mut frame, payload).unwrap();
        frame
    }

    pub fn tcp(self, payload: &[u8]) -> Vec<u8> {
        let (source, destination) = self.ports;
        let builder = PacketBuilder::ethernet2(self.from.mac().0, NOBODY).ip(self.headers());
        let mut frame = Vec::new();
        builder.tcp(source, destination, 1, 1024).ack(1).write(&mut frame, payload).unwrap();
        frame
    }

    /// An echo request, of ICMP whatever the version of IP.
    pub fn echo(self) -> Vec<u8> {
        let builder = PacketBuilder::ethernet2(self.from.mac().0, NOBODY).ip(self.headers());
        let mut frame = Vec::new();
        builder.icmpv4_echo_request(1, 1).write(&mut frame, &[]).unwrap();
        frame
    }

    fn headers(self) -> IpHeaders {
        let address = |side: Side| side.address(self.family, 0);
        match (address(self.from), address(self.from.other())) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let ends = (source.octets(), destination.octets());
                let header = Ipv4Header::new(0, 64, IpNumber::UDP, ends.0, ends.1).unwrap();
                IpHeaders::Ipv4(header, Default::default())
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let header = Ipv6Header {
                    traffic_class: 0,
                    flow_label: Ipv6FlowLabel::ZERO,
                    payload_length: 0,
                    next_header: IpNumber::UDP,
                    hop_limit: 64,
                    source: source.octets(),
                    destination: destination.octets(),
                };
                IpHeaders::Ipv6(header, Default::default())
            }
            _ => unreachable!("both sides have addresses of each family"),
        }
    }
}
