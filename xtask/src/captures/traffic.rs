//! Packets between hosts that don't exist, in address ranges for documentation.

use etherparse::{
    IcmpEchoHeader, Icmpv6Type, IpFragOffset, IpHeaders, IpNumber, Ipv4Header, Ipv6Extensions,
    Ipv6FragmentHeader, Ipv6Header, PacketBuilder, PacketBuilderStep,
};

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
const ARP: u16 = 0x0806;
const VLAN: u16 = 0x8100;
const SERVICE_VLAN: u16 = 0x88a8;
const MPLS: u16 = 0x8847;
const PPPOE_SESSION: u16 = 0x8864;

/// 2026-01-01 00:00:00 UTC.
const START_NS: u64 = 1_767_225_600_000_000_000;
const MILLISECOND: u64 = 1_000_000;

const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];
const SEGMENT: usize = 1400;

/// What follows an EtherType.
pub(super) struct Body {
    pub(super) ether_type: u16,
    pub(super) bytes: Vec<u8>,
}

/// One packet on an Ethernet.
pub(super) struct Packet {
    pub(super) time_ns: u64,
    pub(super) body: Body,
    to_server: bool,
    /// Tag protocol identifier and tag control information, outermost first.
    tags: Vec<(u16, u16)>,
}

impl Body {
    pub(super) fn is_ip(&self) -> bool {
        matches!(self.ether_type, IPV4 | IPV6)
    }

    fn ip(headers: &IpHeaders, bytes: Vec<u8>) -> Self {
        let ether_type = if matches!(headers, IpHeaders::Ipv4(..)) { IPV4 } else { IPV6 };
        Self { ether_type, bytes }
    }
}

impl Packet {
    fn new(to_server: bool, body: Body) -> Self {
        Self { time_ns: START_NS, body, to_server, tags: Vec::new() }
    }

    fn tagged(mut self, tags: &[(u16, u16)]) -> Self {
        self.tags = tags.to_vec();
        self
    }

    pub(super) fn frame(&self) -> Vec<u8> {
        let (from, to) =
            if self.to_server { (CLIENT_MAC, SERVER_MAC) } else { (SERVER_MAC, CLIENT_MAC) };
        let mut frame = [to, from].concat();
        for (kind, tag) in &self.tags {
            frame.extend(kind.to_be_bytes());
            frame.extend(tag.to_be_bytes());
        }
        frame.extend(self.body.ether_type.to_be_bytes());
        frame.extend(&self.body.bytes);
        frame.resize(frame.len().max(60), 0);
        frame
    }
}

/// A few seconds of a small office: many connections, questions and answers, pings.
pub(super) fn demo() -> Vec<Packet> {
    let mut packets = Vec::new();
    for round in 0..8_u16 {
        let host = 10 + round as u8 % 4;
        let v4 = Path::V4 { client: [192, 0, 2, host], server: [198, 51, 100, 1 + host % 2] };
        let v6 = Path::V6 { client: address(host.into()), server: address(0x80) };
        packets.extend(query(&v4, 40_000 + round));
        packets.extend(connection(&v4, 50_000 + round, 2 + usize::from(round)));
        packets.extend(query(&v6, 41_000 + round));
        packets.extend(connection(&v6, 51_000 + round, 1 + usize::from(round) / 2));
        packets.extend(ping(&v4, round));
        packets.extend(ping(&v6, round));
    }
    packets.extend(variety());
    spaced(packets, 25 * MILLISECOND)
}

/// One of each kind that the parser knows.
pub(super) fn variety() -> Vec<Packet> {
    let v4 = Path::V4 { client: [192, 0, 2, 1], server: [198, 51, 100, 1] };
    let v6 = Path::V6 { client: address(1), server: address(2) };
    let mut packets = vec![arp()];
    packets.extend(query(&v4, 40_000));
    packets.extend(query(&v6, 41_000));
    packets.extend(connection(&v4, 50_000, 1));
    packets.extend(ping(&v4, 1));
    packets.extend(ping(&v6, 1));
    packets.extend(fragments_v4());
    packets.extend(fragments_v6());
    packets.push(Packet::new(true, udp(&v4, true, 7, 7, b"priority")).tagged(&[(VLAN, 0xe064)]));
    let stacked = [(SERVICE_VLAN, 200), (VLAN, 100)];
    packets.push(Packet::new(true, udp(&v6, true, 7, 7, b"stacked")).tagged(&stacked));
    packets.push(labelled(udp(&v4, true, 7, 7, b"labelled")));
    packets.push(dialled(udp(&v4, true, 7, 7, b"dialled")));
    spaced(packets, 10 * MILLISECOND)
}

fn spaced(mut packets: Vec<Packet>, apart_ns: u64) -> Vec<Packet> {
    for (at, packet) in (0..).zip(&mut packets) {
        // Not a round number, so that lost digits show.
        packet.time_ns = START_NS + at * (apart_ns + 1_234_567);
    }
    packets
}

/// Two ends of a conversation.
enum Path {
    V4 { client: [u8; 4], server: [u8; 4] },
    V6 { client: [u8; 16], server: [u8; 16] },
}

impl Path {
    fn ip(&self, to_server: bool) -> IpHeaders {
        match *self {
            Self::V4 { client, server } => {
                let (source, destination) = ends(to_server, client, server);
                let mut header = Ipv4Header { source, destination, ..Ipv4Header::default() };
                header.time_to_live = 64;
                header.dont_fragment = true;
                IpHeaders::Ipv4(header, etherparse::Ipv4Extensions::default())
            }
            Self::V6 { client, server } => {
                let (source, destination) = ends(to_server, client, server);
                let mut header = Ipv6Header { source, destination, ..Ipv6Header::default() };
                header.hop_limit = 64;
                header.flow_label = etherparse::Ipv6FlowLabel::try_new(0xbeef).unwrap_or_default();
                IpHeaders::Ipv6(header, Ipv6Extensions::default())
            }
        }
    }
}

fn ends<T>(to_server: bool, client: T, server: T) -> (T, T) {
    if to_server { (client, server) } else { (server, client) }
}

/// In 2001:db8::/32.
fn address(host: u16) -> [u8; 16] {
    let [high, low] = host.to_be_bytes();
    [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low]
}

fn udp(path: &Path, to_server: bool, client: u16, server: u16, payload: &[u8]) -> Body {
    let (source, destination) = ends(to_server, client, server);
    let ip = path.ip(to_server);
    let builder = PacketBuilder::ip(ip.clone()).udp(source, destination);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).expect("a Vec takes all and the payload is short");
    Body::ip(&ip, bytes)
}

/// A question for an address and its answer (RFC 1035).
fn query(path: &Path, port: u16) -> [Packet; 2] {
    let name = b"\x04host\x07example\x00\x00\x01\x00\x01";
    let [high, low] = port.to_be_bytes();
    let question = [&[high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], name.as_slice()].concat();
    let answer = [
        &[high, low, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
        name.as_slice(),
        &[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 80],
    ]
    .concat();
    [
        Packet::new(true, udp(path, true, port, 53, &question)),
        Packet::new(false, udp(path, false, port, 53, &answer)),
    ]
}

/// A TCP connection from its first packet to its last: a request, `segments` of an answer.
fn connection(path: &Path, port: u16, segments: usize) -> Vec<Packet> {
    let request = b"GET / HTTP/1.1\r\nHost: host.example\r\n\r\n";
    let (mut client, mut server) = (1000 + u32::from(port), 900_000 + u32::from(port));
    let mut packets = Vec::new();
    let mut send = |to_server: bool, flags: &str, payload: &[u8]| {
        let (next, other) = ends(to_server, &mut client, &mut server);
        let (source, destination) = ends(to_server, port, 80);
        let ip = path.ip(to_server);
        let tcp = PacketBuilder::ip(ip.clone()).tcp(source, destination, *next, 64_240);
        let tcp = flags.chars().fold(tcp, |tcp, flag| match flag {
            'S' => tcp.syn(),
            'F' => tcp.fin(),
            'P' => tcp.psh(),
            _ => tcp.ack(*other),
        });
        let mut bytes = Vec::new();
        tcp.write(&mut bytes, payload).expect("a Vec takes all and the payload is short");
        *next += payload.len() as u32 + u32::from(flags.contains(['S', 'F']));
        packets.push(Packet::new(to_server, Body::ip(&ip, bytes)));
    };
    send(true, "S", &[]);
    send(false, "SA", &[]);
    send(true, "A", &[]);
    send(true, "PA", request);
    for _ in 0..segments {
        send(false, "PA", &[b'.'; SEGMENT]);
        send(true, "A", &[]);
    }
    send(false, "FA", &[]);
    send(true, "FA", &[]);
    send(false, "A", &[]);
    packets
}

fn ping(path: &Path, sequence: u16) -> [Packet; 2] {
    [true, false].map(|to_server| {
        let ip = path.ip(to_server);
        let echo = IcmpEchoHeader { id: 77, seq: sequence };
        let step: PacketBuilderStep<IpHeaders> = PacketBuilder::ip(ip.clone());
        let mut bytes = Vec::new();
        let written = match (path, to_server) {
            (Path::V4 { .. }, true) => {
                step.icmpv4_echo_request(77, sequence).write(&mut bytes, b"ping")
            }
            (Path::V4 { .. }, false) => {
                step.icmpv4_echo_reply(77, sequence).write(&mut bytes, b"ping")
            }
            (Path::V6 { .. }, true) => {
                step.icmpv6(Icmpv6Type::EchoRequest(echo)).write(&mut bytes, b"ping")
            }
            (Path::V6 { .. }, false) => {
                step.icmpv6(Icmpv6Type::EchoReply(echo)).write(&mut bytes, b"ping")
            }
        };
        written.expect("a Vec takes all and the payload is short");
        Packet::new(to_server, Body::ip(&ip, bytes))
    })
}

fn arp() -> Packet {
    let mut bytes = vec![0, 1, 8, 0, 6, 4, 0, 1];
    bytes.extend(CLIENT_MAC);
    bytes.extend([192, 0, 2, 1]);
    bytes.extend([0; 6]);
    bytes.extend([192, 0, 2, 2]);
    Packet::new(true, Body { ether_type: ARP, bytes })
}

/// A UDP header and 100 bytes of payload, cut in two places.
const DATAGRAM: [&[u8]; 3] = [&[0, 7, 0, 7, 0, 108, 0, 0], &[b'a'; 56], &[b'b'; 44]];

fn pieces() -> [(u16, bool, Vec<u8>); 2] {
    let [header, start, end] = DATAGRAM;
    [(0, true, [header, start].concat()), (8, false, end.to_vec())]
}

fn fragments_v4() -> [Packet; 2] {
    pieces().map(|(offset, more_fragments, piece)| {
        let mut header = Ipv4Header {
            source: [192, 0, 2, 1],
            destination: [198, 51, 100, 1],
            time_to_live: 64,
            protocol: IpNumber::UDP,
            identification: 4242,
            more_fragments,
            fragment_offset: IpFragOffset::try_new(offset).expect("offsets here are small"),
            ..Ipv4Header::default()
        };
        header.set_payload_len(piece.len()).expect("pieces are short");
        header.header_checksum = header.calc_header_checksum();
        let bytes = [header.to_bytes().as_slice(), &piece].concat();
        Packet::new(true, Body { ether_type: IPV4, bytes })
    })
}

fn fragments_v6() -> [Packet; 2] {
    pieces().map(|(offset, more, piece)| {
        let offset = IpFragOffset::try_new(offset).expect("offsets here are small");
        let fragment = Ipv6FragmentHeader::new(IpNumber::UDP, offset, more, 0x4242_4242);
        let header = Ipv6Header {
            source: address(1),
            destination: address(2),
            hop_limit: 64,
            next_header: IpNumber::IPV6_FRAGMENTATION_HEADER,
            payload_length: 8 + piece.len() as u16,
            ..Ipv6Header::default()
        };
        let bytes = [header.to_bytes().as_slice(), &fragment.to_bytes(), &piece].concat();
        Packet::new(true, Body { ether_type: IPV6, bytes })
    })
}

/// Behind two MPLS labels (RFC 3032).
fn labelled(body: Body) -> Packet {
    let labels = [0, 0x01, 0x00, 64, 0, 0x02, 0x01, 64];
    let bytes = [labels.as_slice(), &body.bytes].concat();
    Packet::new(true, Body { ether_type: MPLS, bytes })
}

/// In a PPPoE session (RFC 2516).
fn dialled(body: Body) -> Packet {
    let [high, low] = (body.bytes.len() as u16 + 2).to_be_bytes();
    let bytes = [&[0x11, 0, 0, 1, high, low, 0, 0x21], body.bytes.as_slice()].concat();
    Packet::new(true, Body { ether_type: PPPOE_SESSION, bytes })
}
