// Made by `cargo xtask codegen` from wit/layout.wit.

import { addressBytes, addressText, macText } from "./address.js";
import { RecordView } from "./record-view.js";

/** Bytes of a record that this SDK knows. A newer host's records may be longer. */
export const RECORD_SIZE = 152;

/** Bits of `marks`. */
export const mark = Object.freeze({
  /** Headers end early or go on past a parser bound; what was read is right. */
  PARTIAL: 1,
  /** Headers contradict themselves; what was read before that is right. */
  MALFORMED: 2,
  /** More-fragments is set or the fragment offset is not 0. */
  FRAGMENT: 4,
  /** `eth-src` is there. */
  ETH_SRC: 8,
  /** `eth-dst` is there. */
  ETH_DST: 16,
  /** `eth-type` is there (an 802.3 frame has a length instead). */
  ETH_TYPE: 32,
  /**
   * ARP: addresses are the sender's and target's protocol addresses, `icmp-type` the
   * operation.
   */
  ARP: 64,
  /** IPv6 with a fragment header: `ip-id`, `ip-flags` and `frag-offset` are from it. */
  IP6_FRAGMENT_HEADER: 128,
  /** Ports are there. */
  PORTS: 256,
  /** `icmp-type` and `icmp-code` are there. */
  ICMP: 512,
  /** `tcp-seq` is there. */
  TCP_SEQ: 1024,
  /** `tcp-ack` is there. */
  TCP_ACK: 2048,
  /** `tcp-flags` is there. */
  TCP_FLAGS: 4096,
  /** `tcp-window` is there. */
  TCP_WINDOW: 8192,
  /** MPLS labels were stepped over. */
  MPLS: 16384,
  /** A PPPoE session header was stepped over. */
  PPPOE: 32768,
  /** GSO super-packet: `gso-size` and `gso-segments` are there. */
  GSO: 65536,
  /** `vlan0` was in the socket buffer's metadata, not in the bytes. */
  VLAN_IN_METADATA: 131072,
  /** `vlan0` is an 802.1ad service tag, not 802.1Q. */
  SERVICE_TAG: 1048576,
  /** As `service-tag`, for `vlan1`. */
  SERVICE_TAG1: 2097152,
  /** As `service-tag`, for `vlan2`. */
  SERVICE_TAG2: 4194304,
  /** As `service-tag`, for `vlan3`. */
  SERVICE_TAG3: 8388608,
});

/** Bits of `tcpFlags`. */
export const tcp = Object.freeze({
  /** No more data from the sender (RFC 9293). */
  FIN: 1,
  /** Synchronize sequence numbers. */
  SYN: 2,
  /** Reset the connection. */
  RST: 4,
  /** Push. */
  PSH: 8,
  /** The acknowledgment number is significant. */
  ACK: 16,
  /** The urgent pointer is significant. */
  URG: 32,
  /** ECN echo (RFC 3168). */
  ECE: 64,
  /** Congestion window reduced (RFC 3168). */
  CWR: 128,
  /** Accurate ECN (RFC 9768). */
  AE: 256,
});

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
  get timestampNs() {
    return this.view.getBigUint64(this.at * 4, true);
  }

  /**
   * Source address as one 128-bit number, high and low half. IPv4 and ARP: low 32 bits only.
   *
   * @returns {bigint}
   */
  get srcHi() {
    return this.view.getBigUint64(this.at * 4 + 8, true);
  }

  /**
   * The low half.
   *
   * @returns {bigint}
   */
  get srcLo() {
    return this.view.getBigUint64(this.at * 4 + 16, true);
  }

  /**
   * Destination address, as the source.
   *
   * @returns {bigint}
   */
  get dstHi() {
    return this.view.getBigUint64(this.at * 4 + 24, true);
  }

  /**
   * The low half.
   *
   * @returns {bigint}
   */
  get dstLo() {
    return this.view.getBigUint64(this.at * 4 + 32, true);
  }

  /**
   * Bit i: the plugin's i-th interest, counted from 0, took this packet: its filter matches,
   * and the packet is in its sample. At least one bit is set. Bit 0 for a plugin without
   * interests.
   *
   * @returns {bigint}
   */
  get matched() {
    return this.view.getBigUint64(this.at * 4 + 40, true);
  }

  /**
   * Bytes on the wire without the frame check sequence, tags in metadata included. For a GSO
   * super-packet, the bytes of the super-packet.
   *
   * @returns {number}
   */
  get wireLen() {
    return this.u32[this.at + 12];
  }

  /**
   * Bytes that the parser could see; less than `wire-len` only in a truncated capture.
   *
   * @returns {number}
   */
  get capLen() {
    return this.u32[this.at + 13];
  }

  /**
   * Interface index in the tap's network namespace; in replay the capture's interface, from 1.
   *
   * @returns {number}
   */
  get ifindex() {
    return this.u32[this.at + 14];
  }

  /**
   * What the packet has and how it was parsed: the bits of `mark`.
   *
   * @returns {number}
   */
  get marks() {
    return this.u32[this.at + 15];
  }

  /**
   * IP header and all that follows it, in bytes: IPv4 total length, IPv6 payload length + 40.
   * Taken from the frame where the header says 0 for a super-packet, from the jumbo option
   * (RFC 2675) where there is one.
   *
   * @returns {number}
   */
  get ipLen() {
    return this.u32[this.at + 16];
  }

  /**
   * IPv4 identification, or the IPv6 fragment header's (32 bits).
   *
   * @returns {number}
   */
  get ipId() {
    return this.u32[this.at + 17];
  }

  /**
   * IPv6 flow label, 20 bits.
   *
   * @returns {number}
   */
  get flowLabel() {
    return this.u32[this.at + 18];
  }

  /**
   * TCP sequence number.
   *
   * @returns {number}
   */
  get tcpSeq() {
    return this.u32[this.at + 19];
  }

  /**
   * TCP acknowledgment number; significant only with the flag `ack`.
   *
   * @returns {number}
   */
  get tcpAck() {
    return this.u32[this.at + 20];
  }

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
  get sampleOneIn() {
    return this.u32[this.at + 21];
  }

  /**
   * Where in the batch's `payload` this packet's bytes start, if `payload-len` is not 0.
   *
   * @returns {number}
   */
  get payloadOffset() {
    return this.u32[this.at + 22];
  }

  /**
   * Source MAC address as one 48-bit number: bits 47 to 16 here, 15 to 0 in `eth-src-lo`.
   *
   * @returns {number}
   */
  get ethSrcHi() {
    return this.u32[this.at + 23];
  }

  /**
   * Destination MAC address, as the source's.
   *
   * @returns {number}
   */
  get ethDstHi() {
    return this.u32[this.at + 24];
  }

  /**
   * Bits 15 to 0 of the source MAC address.
   *
   * @returns {number}
   */
  get ethSrcLo() {
    return this.u16[this.at * 2 + 50];
  }

  /**
   * Bits 15 to 0 of the destination MAC address.
   *
   * @returns {number}
   */
  get ethDstLo() {
    return this.u16[this.at * 2 + 51];
  }

  /**
   * The innermost EtherType.
   *
   * @returns {number}
   */
  get ethType() {
    return this.u16[this.at * 2 + 52];
  }

  /**
   * VLAN tag control information (priority, drop eligible, 12-bit id), outermost first.
   *
   * @returns {number}
   */
  get vlan0() {
    return this.u16[this.at * 2 + 53];
  }

  /**
   * The second tag.
   *
   * @returns {number}
   */
  get vlan1() {
    return this.u16[this.at * 2 + 54];
  }

  /**
   * The third tag.
   *
   * @returns {number}
   */
  get vlan2() {
    return this.u16[this.at * 2 + 55];
  }

  /**
   * The fourth tag.
   *
   * @returns {number}
   */
  get vlan3() {
    return this.u16[this.at * 2 + 56];
  }

  /**
   * Source port of TCP, UDP, UDP-Lite and SCTP. Never set on a fragment other than the first.
   *
   * @returns {number}
   */
  get srcPort() {
    return this.u16[this.at * 2 + 57];
  }

  /**
   * Destination port, as the source port.
   *
   * @returns {number}
   */
  get dstPort() {
    return this.u16[this.at * 2 + 58];
  }

  /**
   * The bits of `tcp-flag`.
   *
   * @returns {number}
   */
  get tcpFlags() {
    return this.u16[this.at * 2 + 59];
  }

  /**
   * As in the header, not scaled.
   *
   * @returns {number}
   */
  get tcpWindow() {
    return this.u16[this.at * 2 + 60];
  }

  /**
   * IPv4 header checksum as in the header; not verified. 0 where addresses are masked.
   *
   * @returns {number}
   */
  get ipChecksum() {
    return this.u16[this.at * 2 + 61];
  }

  /**
   * Fragment offset in bytes.
   *
   * @returns {number}
   */
  get fragOffset() {
    return this.u16[this.at * 2 + 62];
  }

  /**
   * Bytes of this packet in the batch's `payload`: the most that an interest in `matched`
   * asked for and was granted, or as many as the packet has. 0 where none did.
   *
   * @returns {number}
   */
  get payloadLen() {
    return this.u16[this.at * 2 + 63];
  }

  /**
   * Payload bytes in each segment of a GSO super-packet.
   *
   * @returns {number}
   */
  get gsoSize() {
    return this.u16[this.at * 2 + 64];
  }

  /**
   * Segments that a GSO super-packet stands for.
   *
   * @returns {number}
   */
  get gsoSegments() {
    return this.u16[this.at * 2 + 65];
  }

  /**
   * The tap that saw the packet; 0 in replay.
   *
   * @returns {number}
   */
  get tap() {
    return this.u16[this.at * 2 + 66];
  }

  /**
   * Where the network header starts in the frame as seen, in bytes; 0 where there is none.
   *
   * @returns {number}
   */
  get l3Offset() {
    return this.u16[this.at * 2 + 67];
  }

  /**
   * As `l3-offset`, of the transport header.
   *
   * @returns {number}
   */
  get l4Offset() {
    return this.u16[this.at * 2 + 68];
  }

  /**
   * As `l3-offset`, of what follows the transport header.
   *
   * @returns {number}
   */
  get l7Offset() {
    return this.u16[this.at * 2 + 69];
  }

  /**
   * VLAN tags, at most 4.
   *
   * @returns {number}
   */
  get vlanCount() {
    return this.u8[this.at * 4 + 140];
  }

  /**
   * 4, 6, or 0 for anything but IP.
   *
   * @returns {number}
   */
  get ipVersion() {
    return this.u8[this.at * 4 + 141];
  }

  /**
   * IPv4 header length in 32-bit words.
   *
   * @returns {number}
   */
  get ihl() {
    return this.u8[this.at * 4 + 142];
  }

  /**
   * The upper-layer protocol, after IPv6 extension headers.
   *
   * @returns {number}
   */
  get protocol() {
    return this.u8[this.at * 4 + 143];
  }

  /**
   * Time to live or hop limit.
   *
   * @returns {number}
   */
  get ttl() {
    return this.u8[this.at * 4 + 144];
  }

  /**
   * Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
   *
   * @returns {number}
   */
  get tos() {
    return this.u8[this.at * 4 + 145];
  }

  /**
   * 3 bits: 4 reserved, 2 don't fragment, 1 more fragments.
   *
   * @returns {number}
   */
  get ipFlags() {
    return this.u8[this.at * 4 + 146];
  }

  /**
   * ICMP or ICMPv6 type, or the ARP operation.
   *
   * @returns {number}
   */
  get icmpType() {
    return this.u8[this.at * 4 + 147];
  }

  /**
   * ICMP or ICMPv6 code.
   *
   * @returns {number}
   */
  get icmpCode() {
    return this.u8[this.at * 4 + 148];
  }

  /**
   * As `hook` counts.
   *
   * @returns {number}
   */
  get hook() {
    return this.u8[this.at * 4 + 149];
  }

  /**
   * As `direction` counts; `unknown` in replay.
   *
   * @returns {number}
   */
  get direction() {
    return this.u8[this.at * 4 + 150];
  }

  /**
   * MPLS labels stepped over.
   *
   * @returns {number}
   */
  get mplsCount() {
    return this.u8[this.at * 4 + 151];
  }
}

/**
 * No packet whose fixed IP header was there has the length 0.
 *
 * @param {Accessors} packet
 */
function hasIp(packet) {
  const hasLength = packet.u32[packet.at + 16] !== 0;
  return hasLength && packet.u8[packet.at * 4 + 141] !== 0;
}

/**
 * IPv6 has an identification in its fragment header only.
 *
 * @param {Accessors} packet
 */
function hasIpId(packet) {
  const hasFragment = (packet.u32[packet.at + 15] & 128) !== 0;
  return hasIp(packet) && (packet.u8[packet.at * 4 + 141] === 4 || hasFragment);
}

/** What a record has a field for. An accessor is `undefined` where the packet has no such thing. */
export class Accessors extends RecordView {
  /**
   * Bytes of the packet as the tap saw it, a GSO super-packet being one.
   *
   * @returns {number}
   */
  get wireLen() {
    return this.u32[this.at + 12];
  }

  /**
   * Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin
   * that states none.
   *
   * @returns {bigint}
   */
  get matched() {
    return this.view.getBigUint64(this.at * 4 + 40, true);
  }

  /**
   * Interface index in the tap's network namespace, in replay the capture's interface from 1.
   *
   * @returns {number}
   */
  get ifindex() {
    return this.u32[this.at + 14];
  }

  /**
   * Number of the tap; 0 in replay. A packet that passes several taps comes once from each.
   *
   * @returns {number}
   */
  get tap() {
    return this.u16[this.at * 2 + 66];
  }

  /**
   * Headers end early, or go on past a parser bound. What is there is right.
   *
   * @returns {boolean}
   */
  get isPartial() {
    return (this.u32[this.at + 15] & 1) !== 0;
  }

  /**
   * Headers contradict themselves. What is there was read before that, and is right.
   *
   * @returns {boolean}
   */
  get isMalformed() {
    return (this.u32[this.at + 15] & 2) !== 0;
  }

  /**
   * Part of a fragmented packet; only the first fragment has ports.
   *
   * @returns {boolean}
   */
  get isFragment() {
    return (this.u32[this.at + 15] & 4) !== 0;
  }

  /**
   * A PPPoE session header was stepped over.
   *
   * @returns {boolean}
   */
  get isPppoe() {
    return (this.u32[this.at + 15] & 32768) !== 0;
  }

  /**
   * Source MAC address.
   *
   * @returns {string | undefined}
   */
  get ethSrc() {
    if ((this.u32[this.at + 15] & 8) === 0) return undefined;
    return macText(this.u32[this.at + 23], this.u16[this.at * 2 + 50]);
  }

  /**
   * Destination MAC address.
   *
   * @returns {string | undefined}
   */
  get ethDst() {
    if ((this.u32[this.at + 15] & 16) === 0) return undefined;
    return macText(this.u32[this.at + 24], this.u16[this.at * 2 + 51]);
  }

  /**
   * The innermost EtherType; an 802.3 frame has none.
   *
   * @returns {number | undefined}
   */
  get ethType() {
    if ((this.u32[this.at + 15] & 32) === 0) return undefined;
    return this.u16[this.at * 2 + 52];
  }

  /**
   * MPLS labels that were stepped over on the way to the network header.
   *
   * @returns {number}
   */
  get mplsLabels() {
    return this.u8[this.at * 4 + 151];
  }

  /**
   * 4 or 6.
   *
   * @returns {number | undefined}
   */
  get ipVersion() {
    if (this.u8[this.at * 4 + 141] === 0) return undefined;
    return this.u8[this.at * 4 + 141];
  }

  /**
   * Source address as text (RFC 5952).
   *
   * @returns {string | undefined}
   */
  get src() {
    if (!hasIp(this)) return undefined;
    return addressText(this.u32, this.at + 2, this.u8[this.at * 4 + 141]);
  }

  /**
   * Source address as its 4 or 16 bytes in network order, in a new array.
   *
   * @returns {Uint8Array | undefined}
   */
  get srcBytes() {
    if (!hasIp(this)) return undefined;
    return addressBytes(this.u32, this.at + 2, this.u8[this.at * 4 + 141]);
  }

  /**
   * Destination address as text (RFC 5952).
   *
   * @returns {string | undefined}
   */
  get dst() {
    if (!hasIp(this)) return undefined;
    return addressText(this.u32, this.at + 6, this.u8[this.at * 4 + 141]);
  }

  /**
   * Destination address as its 4 or 16 bytes in network order, in a new array.
   *
   * @returns {Uint8Array | undefined}
   */
  get dstBytes() {
    if (!hasIp(this)) return undefined;
    return addressBytes(this.u32, this.at + 6, this.u8[this.at * 4 + 141]);
  }

  /**
   * The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
   * assigns them.
   *
   * @returns {number | undefined}
   */
  get protocol() {
    if (!hasIp(this)) return undefined;
    return this.u8[this.at * 4 + 143];
  }

  /**
   * IP header and all that follows it, in bytes.
   *
   * @returns {number | undefined}
   */
  get ipLen() {
    if (!hasIp(this)) return undefined;
    return this.u32[this.at + 16];
  }

  /**
   * Time to live or hop limit.
   *
   * @returns {number | undefined}
   */
  get ttl() {
    if (!hasIp(this)) return undefined;
    return this.u8[this.at * 4 + 144];
  }

  /**
   * Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
   *
   * @returns {number | undefined}
   */
  get tos() {
    if (!hasIp(this)) return undefined;
    return this.u8[this.at * 4 + 145];
  }

  /**
   * Identification: IPv4's, or the IPv6 fragment header's.
   *
   * @returns {number | undefined}
   */
  get ipId() {
    if (!hasIpId(this)) return undefined;
    return this.u32[this.at + 17];
  }

  /**
   * IPv6 flow label, 20 bits.
   *
   * @returns {number | undefined}
   */
  get flowLabel() {
    if (!hasIp(this) || this.u8[this.at * 4 + 141] !== 6) return undefined;
    return this.u32[this.at + 18];
  }

  /**
   * Where a fragment's bytes belong; 0 for the first and for what is no fragment.
   *
   * @returns {number}
   */
  get fragmentOffset() {
    return this.u16[this.at * 2 + 62];
  }

  /**
   * Source port of TCP, UDP, UDP-Lite or SCTP.
   *
   * @returns {number | undefined}
   */
  get srcPort() {
    if ((this.u32[this.at + 15] & 256) === 0) return undefined;
    return this.u16[this.at * 2 + 57];
  }

  /**
   * Destination port, as the source port.
   *
   * @returns {number | undefined}
   */
  get dstPort() {
    if ((this.u32[this.at + 15] & 256) === 0) return undefined;
    return this.u16[this.at * 2 + 58];
  }

  /**
   * TCP flags: the bits of `tcp`.
   *
   * @returns {number | undefined}
   */
  get tcpFlags() {
    if ((this.u32[this.at + 15] & 4096) === 0) return undefined;
    return this.u16[this.at * 2 + 59];
  }

  /**
   * TCP sequence number.
   *
   * @returns {number | undefined}
   */
  get tcpSeq() {
    if ((this.u32[this.at + 15] & 1024) === 0) return undefined;
    return this.u32[this.at + 19];
  }

  /**
   * TCP acknowledgment number; significant only with the flag ACK.
   *
   * @returns {number | undefined}
   */
  get tcpAck() {
    if ((this.u32[this.at + 15] & 2048) === 0) return undefined;
    return this.u32[this.at + 20];
  }

  /**
   * TCP window as in the header, not scaled.
   *
   * @returns {number | undefined}
   */
  get tcpWindow() {
    if ((this.u32[this.at + 15] & 8192) === 0) return undefined;
    return this.u16[this.at * 2 + 60];
  }

  /**
   * ICMP or ICMPv6 type.
   *
   * @returns {number | undefined}
   */
  get icmpType() {
    if ((this.u32[this.at + 15] & 512) === 0) return undefined;
    return this.u8[this.at * 4 + 147];
  }

  /**
   * ICMP or ICMPv6 code.
   *
   * @returns {number | undefined}
   */
  get icmpCode() {
    if ((this.u32[this.at + 15] & 512) === 0) return undefined;
    return this.u8[this.at * 4 + 148];
  }
}

/**
 * Name, offset and size of each field.
 *
 * @type {ReadonlyArray<readonly [string, number, number]>}
 */
export const FIELDS = [
  ["timestampNs", 0, 8],
  ["srcHi", 8, 8],
  ["srcLo", 16, 8],
  ["dstHi", 24, 8],
  ["dstLo", 32, 8],
  ["matched", 40, 8],
  ["wireLen", 48, 4],
  ["capLen", 52, 4],
  ["ifindex", 56, 4],
  ["marks", 60, 4],
  ["ipLen", 64, 4],
  ["ipId", 68, 4],
  ["flowLabel", 72, 4],
  ["tcpSeq", 76, 4],
  ["tcpAck", 80, 4],
  ["sampleOneIn", 84, 4],
  ["payloadOffset", 88, 4],
  ["ethSrcHi", 92, 4],
  ["ethDstHi", 96, 4],
  ["ethSrcLo", 100, 2],
  ["ethDstLo", 102, 2],
  ["ethType", 104, 2],
  ["vlan0", 106, 2],
  ["vlan1", 108, 2],
  ["vlan2", 110, 2],
  ["vlan3", 112, 2],
  ["srcPort", 114, 2],
  ["dstPort", 116, 2],
  ["tcpFlags", 118, 2],
  ["tcpWindow", 120, 2],
  ["ipChecksum", 122, 2],
  ["fragOffset", 124, 2],
  ["payloadLen", 126, 2],
  ["gsoSize", 128, 2],
  ["gsoSegments", 130, 2],
  ["tap", 132, 2],
  ["l3Offset", 134, 2],
  ["l4Offset", 136, 2],
  ["l7Offset", 138, 2],
  ["vlanCount", 140, 1],
  ["ipVersion", 141, 1],
  ["ihl", 142, 1],
  ["protocol", 143, 1],
  ["ttl", 144, 1],
  ["tos", 145, 1],
  ["ipFlags", 146, 1],
  ["icmpType", 147, 1],
  ["icmpCode", 148, 1],
  ["hook", 149, 1],
  ["direction", 150, 1],
  ["mplsCount", 151, 1],
];
