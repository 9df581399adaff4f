/** Bytes of a record that this SDK knows. A newer host's records may be longer. */
export const RECORD_SIZE: 152;
/** Bits of `marks`. */
export const mark: Readonly<{
    /** Headers end early or go on past a parser bound; what was read is right. */
    PARTIAL: 1;
    /** Headers contradict themselves; what was read before that is right. */
    MALFORMED: 2;
    /** More-fragments is set or the fragment offset is not 0. */
    FRAGMENT: 4;
    /** `eth-src` is there. */
    ETH_SRC: 8;
    /** `eth-dst` is there. */
    ETH_DST: 16;
    /** `eth-type` is there (an 802.3 frame has a length instead). */
    ETH_TYPE: 32;
    /**
     * ARP: addresses are the sender's and target's protocol addresses, `icmp-type` the
     * operation.
     */
    ARP: 64;
    /** IPv6 with a fragment header: `ip-id`, `ip-flags` and `frag-offset` are from it. */
    IP6_FRAGMENT_HEADER: 128;
    /** Ports are there. */
    PORTS: 256;
    /** `icmp-type` and `icmp-code` are there. */
    ICMP: 512;
    /** `tcp-seq` is there. */
    TCP_SEQ: 1024;
    /** `tcp-ack` is there. */
    TCP_ACK: 2048;
    /** `tcp-flags` is there. */
    TCP_FLAGS: 4096;
    /** `tcp-window` is there. */
    TCP_WINDOW: 8192;
    /** MPLS labels were stepped over. */
    MPLS: 16384;
    /** A PPPoE session header was stepped over. */
    PPPOE: 32768;
    /** GSO super-packet: `gso-size` and `gso-segments` are there. */
    GSO: 65536;
    /** `vlan0` was in the socket buffer's metadata, not in the bytes. */
    VLAN_IN_METADATA: 131072;
    /** `vlan0` is an 802.1ad service tag, not 802.1Q. */
    SERVICE_TAG: 1048576;
    /** As `service-tag`, for `vlan1`. */
    SERVICE_TAG1: 2097152;
    /** As `service-tag`, for `vlan2`. */
    SERVICE_TAG2: 4194304;
    /** As `service-tag`, for `vlan3`. */
    SERVICE_TAG3: 8388608;
}>;
/** Bits of `tcpFlags`. */
export const tcp: Readonly<{
    /** No more data from the sender (RFC 9293). */
    FIN: 1;
    /** Synchronize sequence numbers. */
    SYN: 2;
    /** Reset the connection. */
    RST: 4;
    /** Push. */
    PSH: 8;
    /** The acknowledgment number is significant. */
    ACK: 16;
    /** The urgent pointer is significant. */
    URG: 32;
    /** ECN echo (RFC 3168). */
    ECE: 64;
    /** Congestion window reduced (RFC 3168). */
    CWR: 128;
    /** Accurate ECN (RFC 9768). */
    AE: 256;
}>;
/**
 * The fields of a record as they are, where 0 may mean that the packet has no such thing. The
 * accessors of `Packet` tell; these are for what it has no accessor for. Those of 64 bits are
 * BigInts.
 */
export class Fields extends RecordView {
    /**
     * When the tap saw the packet, in ns. Add `batch.clock-offset-ns` for Unix time.
     *
     * @returns {bigint}
     */
    get timestampNs(): bigint;
    /**
     * Source address as one 128-bit number, high and low half. IPv4 and ARP: low 32 bits only.
     *
     * @returns {bigint}
     */
    get srcHi(): bigint;
    /**
     * The low half.
     *
     * @returns {bigint}
     */
    get srcLo(): bigint;
    /**
     * Destination address, as the source.
     *
     * @returns {bigint}
     */
    get dstHi(): bigint;
    /**
     * The low half.
     *
     * @returns {bigint}
     */
    get dstLo(): bigint;
    /**
     * Bit i: the plugin's i-th interest, counted from 0, took this packet: its filter matches,
     * and the packet is in its sample. At least one bit is set. Bit 0 for a plugin without
     * interests.
     *
     * @returns {bigint}
     */
    get matched(): bigint;
    /**
     * Bytes on the wire without the frame check sequence, tags in metadata included. For a GSO
     * super-packet, the bytes of the super-packet.
     *
     * @returns {number}
     */
    get wireLen(): number;
    /**
     * Bytes that the parser could see; less than `wire-len` only in a truncated capture.
     *
     * @returns {number}
     */
    get capLen(): number;
    /**
     * Interface index in the tap's network namespace; in replay the capture's interface, from 1.
     *
     * @returns {number}
     */
    get ifindex(): number;
    /**
     * What the packet has and how it was parsed: the bits of `mark`.
     *
     * @returns {number}
     */
    get marks(): number;
    /**
     * IP header and all that follows it, in bytes: IPv4 total length, IPv6 payload length + 40.
     * Taken from the frame where the header says 0 for a super-packet, from the jumbo option
     * (RFC 2675) where there is one.
     *
     * @returns {number}
     */
    get ipLen(): number;
    /**
     * IPv4 identification, or the IPv6 fragment header's (32 bits).
     *
     * @returns {number}
     */
    get ipId(): number;
    /**
     * IPv6 flow label, 20 bits.
     *
     * @returns {number}
     */
    get flowLabel(): number;
    /**
     * TCP sequence number.
     *
     * @returns {number}
     */
    get tcpSeq(): number;
    /**
     * TCP acknowledgment number; significant only with the flag `ack`.
     *
     * @returns {number}
     */
    get tcpAck(): number;
    /**
     * This record stands for so many packets (of a GSO super-packet: super-packets) of those
     * that the plugin wants: the smallest number that an interest in `matched` samples by, 1
     * when nothing was sampled out. Exact for all interests together, since they draw together:
     * a packet in the sample of one is in that of each other that keeps more and whose filter
     * takes it. Larger by as much where records were sampled out on the way, because the plugin
     * can't take all.
     *
     * @returns {number}
     */
    get sampleOneIn(): number;
    /**
     * Where in the batch's `payload` this packet's bytes start, if `payload-len` is not 0.
     *
     * @returns {number}
     */
    get payloadOffset(): number;
    /**
     * Source MAC address as one 48-bit number: bits 47 to 16 here, 15 to 0 in `eth-src-lo`.
     *
     * @returns {number}
     */
    get ethSrcHi(): number;
    /**
     * Destination MAC address, as the source's.
     *
     * @returns {number}
     */
    get ethDstHi(): number;
    /**
     * Bits 15 to 0 of the source MAC address.
     *
     * @returns {number}
     */
    get ethSrcLo(): number;
    /**
     * Bits 15 to 0 of the destination MAC address.
     *
     * @returns {number}
     */
    get ethDstLo(): number;
    /**
     * The innermost EtherType.
     *
     * @returns {number}
     */
    get ethType(): number;
    /**
     * VLAN tag control information (priority, drop eligible, 12-bit id), outermost first.
     *
     * @returns {number}
     */
    get vlan0(): number;
    /**
     * The second tag.
     *
     * @returns {number}
     */
    get vlan1(): number;
    /**
     * The third tag.
     *
     * @returns {number}
     */
    get vlan2(): number;
    /**
     * The fourth tag.
     *
     * @returns {number}
     */
    get vlan3(): number;
    /**
     * Source port of TCP, UDP, UDP-Lite and SCTP. Never set on a fragment other than the first.
     *
     * @returns {number}
     */
    get srcPort(): number;
    /**
     * Destination port, as the source port.
     *
     * @returns {number}
     */
    get dstPort(): number;
    /**
     * The bits of `tcp-flag`.
     *
     * @returns {number}
     */
    get tcpFlags(): number;
    /**
     * As in the header, not scaled.
     *
     * @returns {number}
     */
    get tcpWindow(): number;
    /**
     * IPv4 header checksum as in the header; not verified. 0 where addresses are masked.
     *
     * @returns {number}
     */
    get ipChecksum(): number;
    /**
     * Fragment offset in bytes.
     *
     * @returns {number}
     */
    get fragOffset(): number;
    /**
     * Bytes of this packet in the batch's `payload`: the most that an interest in `matched`
     * asked for and was granted, or as many as the packet has. 0 where none did.
     *
     * @returns {number}
     */
    get payloadLen(): number;
    /**
     * Payload bytes in each segment of a GSO super-packet.
     *
     * @returns {number}
     */
    get gsoSize(): number;
    /**
     * Segments that a GSO super-packet stands for.
     *
     * @returns {number}
     */
    get gsoSegments(): number;
    /**
     * The tap that saw the packet; 0 in replay.
     *
     * @returns {number}
     */
    get tap(): number;
    /**
     * Where the network header starts in the frame as seen, in bytes; 0 where there is none.
     *
     * @returns {number}
     */
    get l3Offset(): number;
    /**
     * As `l3-offset`, of the transport header.
     *
     * @returns {number}
     */
    get l4Offset(): number;
    /**
     * As `l3-offset`, of what follows the transport header.
     *
     * @returns {number}
     */
    get l7Offset(): number;
    /**
     * VLAN tags, at most 4.
     *
     * @returns {number}
     */
    get vlanCount(): number;
    /**
     * 4, 6, or 0 for anything but IP.
     *
     * @returns {number}
     */
    get ipVersion(): number;
    /**
     * IPv4 header length in 32-bit words.
     *
     * @returns {number}
     */
    get ihl(): number;
    /**
     * The upper-layer protocol, after IPv6 extension headers.
     *
     * @returns {number}
     */
    get protocol(): number;
    /**
     * Time to live or hop limit.
     *
     * @returns {number}
     */
    get ttl(): number;
    /**
     * Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
     *
     * @returns {number}
     */
    get tos(): number;
    /**
     * 3 bits: 4 reserved, 2 don't fragment, 1 more fragments.
     *
     * @returns {number}
     */
    get ipFlags(): number;
    /**
     * ICMP or ICMPv6 type, or the ARP operation.
     *
     * @returns {number}
     */
    get icmpType(): number;
    /**
     * ICMP or ICMPv6 code.
     *
     * @returns {number}
     */
    get icmpCode(): number;
    /**
     * As `hook` counts.
     *
     * @returns {number}
     */
    get hook(): number;
    /**
     * As `direction` counts; `unknown` in replay.
     *
     * @returns {number}
     */
    get direction(): number;
    /**
     * MPLS labels stepped over.
     *
     * @returns {number}
     */
    get mplsCount(): number;
}
/** What a record has a field for. An accessor is `undefined` where the packet has no such thing. */
export class Accessors extends RecordView {
    /**
     * Bytes of the packet as the tap saw it, a GSO super-packet being one.
     *
     * @returns {number}
     */
    get wireLen(): number;
    /**
     * Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin
     * that states none.
     *
     * @returns {bigint}
     */
    get matched(): bigint;
    /**
     * Interface index in the tap's network namespace, in replay the capture's interface from 1.
     *
     * @returns {number}
     */
    get ifindex(): number;
    /**
     * Number of the tap; 0 in replay. A packet that passes several taps comes once from each.
     *
     * @returns {number}
     */
    get tap(): number;
    /**
     * Headers end early, or go on past a parser bound. What is there is right.
     *
     * @returns {boolean}
     */
    get isPartial(): boolean;
    /**
     * Headers contradict themselves. What is there was read before that, and is right.
     *
     * @returns {boolean}
     */
    get isMalformed(): boolean;
    /**
     * Part of a fragmented packet; only the first fragment has ports.
     *
     * @returns {boolean}
     */
    get isFragment(): boolean;
    /**
     * A PPPoE session header was stepped over.
     *
     * @returns {boolean}
     */
    get isPppoe(): boolean;
    /**
     * Source MAC address.
     *
     * @returns {string | undefined}
     */
    get ethSrc(): string | undefined;
    /**
     * Destination MAC address.
     *
     * @returns {string | undefined}
     */
    get ethDst(): string | undefined;
    /**
     * The innermost EtherType; an 802.3 frame has none.
     *
     * @returns {number | undefined}
     */
    get ethType(): number | undefined;
    /**
     * MPLS labels that were stepped over on the way to the network header.
     *
     * @returns {number}
     */
    get mplsLabels(): number;
    /**
     * 4 or 6.
     *
     * @returns {number | undefined}
     */
    get ipVersion(): number | undefined;
    /**
     * Source address as text (RFC 5952).
     *
     * @returns {string | undefined}
     */
    get src(): string | undefined;
    /**
     * Source address as its 4 or 16 bytes in network order, in a new array.
     *
     * @returns {Uint8Array | undefined}
     */
    get srcBytes(): Uint8Array | undefined;
    /**
     * Destination address as text (RFC 5952).
     *
     * @returns {string | undefined}
     */
    get dst(): string | undefined;
    /**
     * Destination address as its 4 or 16 bytes in network order, in a new array.
     *
     * @returns {Uint8Array | undefined}
     */
    get dstBytes(): Uint8Array | undefined;
    /**
     * The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
     * assigns them.
     *
     * @returns {number | undefined}
     */
    get protocol(): number | undefined;
    /**
     * IP header and all that follows it, in bytes.
     *
     * @returns {number | undefined}
     */
    get ipLen(): number | undefined;
    /**
     * Time to live or hop limit.
     *
     * @returns {number | undefined}
     */
    get ttl(): number | undefined;
    /**
     * Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
     *
     * @returns {number | undefined}
     */
    get tos(): number | undefined;
    /**
     * Identification: IPv4's, or the IPv6 fragment header's.
     *
     * @returns {number | undefined}
     */
    get ipId(): number | undefined;
    /**
     * IPv6 flow label, 20 bits.
     *
     * @returns {number | undefined}
     */
    get flowLabel(): number | undefined;
    /**
     * Where a fragment's bytes belong; 0 for the first and for what is no fragment.
     *
     * @returns {number}
     */
    get fragmentOffset(): number;
    /**
     * Source port of TCP, UDP, UDP-Lite or SCTP.
     *
     * @returns {number | undefined}
     */
    get srcPort(): number | undefined;
    /**
     * Destination port, as the source port.
     *
     * @returns {number | undefined}
     */
    get dstPort(): number | undefined;
    /**
     * TCP flags: the bits of `tcp`.
     *
     * @returns {number | undefined}
     */
    get tcpFlags(): number | undefined;
    /**
     * TCP sequence number.
     *
     * @returns {number | undefined}
     */
    get tcpSeq(): number | undefined;
    /**
     * TCP acknowledgment number; significant only with the flag ACK.
     *
     * @returns {number | undefined}
     */
    get tcpAck(): number | undefined;
    /**
     * TCP window as in the header, not scaled.
     *
     * @returns {number | undefined}
     */
    get tcpWindow(): number | undefined;
    /**
     * ICMP or ICMPv6 type.
     *
     * @returns {number | undefined}
     */
    get icmpType(): number | undefined;
    /**
     * ICMP or ICMPv6 code.
     *
     * @returns {number | undefined}
     */
    get icmpCode(): number | undefined;
}
/**
 * Name, offset and size of each field.
 *
 * @type {ReadonlyArray<readonly [string, number, number]>}
 */
export const FIELDS: ReadonlyArray<readonly [string, number, number]>;
import { RecordView } from "./record-view.js";
