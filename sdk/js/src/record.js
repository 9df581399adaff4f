// Made by `cargo xtask codegen` from wit/layout.wit.

import { addressBytes, addressText, macText } from "./address.js";

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
export class Fields {
  /** @param {DataView} view The records of a batch. */
  constructor(view) {
    /** @internal */
    this.view = view;
    /**
     * Where the record starts.
     *
     * @internal
     */
    this.at = 0;
  }

  /**
   * When the tap saw the packet, in ns. Add `batch.clock-offset-ns` for Unix time.
   *
   * @returns {bigint}
   */
  get timestampNs() {
    return this.view.getBigUint64(this.at, true);
  }

  /**
   * Source address as one 128-bit number, high and low half. IPv4 and ARP: low 32 bits only.
   *
   * @returns {bigint}
   */
  get srcHi() {
    return this.view.getBigUint64(this.at + 8, true);
  }

  /**
   * The low half.
   *
   * @returns {bigint}
   */
  get srcLo() {
    return this.view.getBigUint64(this.at + 16, true);
  }

  /**
   * Destination address, as the source.
   *
   * @returns {bigint}
   */
  get dstHi() {
    return this.view.getBigUint64(this.at + 24, true);
  }

  /**
   * The low half.
   *
   * @returns {bigint}
   */
  get dstLo() {
    return this.view.getBigUint64(this.at + 32, true);
  }

  /**
   * Bit i: the plugin's i-th interest, counted from 0, took this packet: its filter matches,
   * and the packet is in its sample. At least one bit is set. Bit 0 for a plugin without
   * interests.
   *
   * @returns {bigint}
   */
  get matched() {
    return this.view.getBigUint64(this.at + 40, true);
  }

  /**
   * Bytes on the wire without the frame check sequence, tags in metadata included. For a GSO
   * super-packet, the bytes of the super-packet.
   *
   * @returns {number}
   */
  get wireLen() {
    return this.view.getUint32(this.at + 48, true);
  }

  /**
   * Bytes that the parser could see; less than `wire-len` only in a truncated capture.
   *
   * @returns {number}
   */
  get capLen() {
    return this.view.getUint32(this.at + 52, true);
  }

  /**
   * Interface index in the tap's network namespace; in replay the capture's interface, from 1.
   *
   * @returns {number}
   */
  get ifindex() {
    return this.view.getUint32(this.at + 56, true);
  }

  /**
   * What the packet has and how it was parsed: the bits of `mark`.
   *
   * @returns {number}
   */
  get marks() {
    return this.view.getUint32(this.at + 60, true);
  }

  /**
   * IP header and all that follows it, in bytes: IPv4 total length, IPv6 payload length + 40.
   * Taken from the frame where the header says 0 for a super-packet, from the jumbo option
   * (RFC 2675) where there is one.
   *
   * @returns {number}
   */
  get ipLen() {
    return this.view.getUint32(this.at + 64, true);
  }

  /**
   * IPv4 identification, or the IPv6 fragment header's (32 bits).
   *
   * @returns {number}
   */
  get ipId() {
    return this.view.getUint32(this.at + 68, true);
  }

  /**
   * IPv6 flow label, 20 bits.
   *
   * @returns {number}
   */
  get flowLabel() {
    return this.view.getUint32(this.at + 72, true);
  }

  /**
   * TCP sequence number.
   *
   * @returns {number}
   */
  get tcpSeq() {
    return this.view.getUint32(this.at + 76, true);
  }

  /**
   * TCP acknowledgment number; significant only with the flag `ack`.
   *
   * @returns {number}
   */
  get tcpAck() {
    return this.view.getUint32(this.at + 80, true);
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
    return this.view.getUint32(this.at + 84, true);
  }

  /**
   * Where in the batch's `payload` this packet's bytes start, if `payload-len` is not 0.
   *
   * @returns {number}
   */
  get payloadOffset() {
    return this.view.getUint32(this.at + 88, true);
  }

  /**
   * Source MAC address as one 48-bit number: bits 47 to 16 here, 15 to 0 in `eth-src-lo`.
   *
   * @returns {number}
   */
  get ethSrcHi() {
    return this.view.getUint32(this.at + 92, true);
  }

  /**
   * Destination MAC address, as the source's.
   *
   * @returns {number}
   */
  get ethDstHi() {
    return this.view.getUint32(this.at + 96, true);
  }

  /**
   * Bits 15 to 0 of the source MAC address.
   *
   * @returns {number}
   */
  get ethSrcLo() {
    return this.view.getUint16(this.at + 100, true);
  }

  /**
   * Bits 15 to 0 of the destination MAC address.
   *
   * @returns {number}
   */
  get ethDstLo() {
    return this.view.getUint16(this.at + 102, true);
  }

  /**
   * The innermost EtherType.
   *
   * @returns {number}
   */
  get ethType() {
    return this.view.getUint16(this.at + 104, true);
  }

  /**
   * VLAN tag control information (priority, drop eligible, 12-bit id), outermost first.
   *
   * @returns {number}
   */
  get vlan0() {
    return this.view.getUint16(this.at + 106, true);
  }

  /**
   * The second tag.
   *
   * @returns {number}
   */
  get vlan1() {
    return this.view.getUint16(this.at + 108, true);
  }

  /**
   * The third tag.
   *
   * @returns {number}
   */
  get vlan2() {
    return this.view.getUint16(this.at + 110, true);
  }

  /**
   * The fourth tag.
   *
   * @returns {number}
   */
  get vlan3() {
    return this.view.getUint16(this.at + 112, true);
  }

  /**
   * Source port of TCP, UDP, UDP-Lite and SCTP. Never set on a fragment other than the first.
   *
   * @returns {number}
   */
  get srcPort() {
    return this.view.getUint16(this.at + 114, true);
  }

  /**
   * Destination port, as the source port.
   *
   * @returns {number}
   */
  get dstPort() {
    return this.view.getUint16(this.at + 116, true);
  }

  /**
   * The bits of `tcp-flag`.
   *
   * @returns {number}
   */
  get tcpFlags() {
    return this.view.getUint16(this.at + 118, true);
  }

  /**
   * As in the header, not scaled.
   *
   * @returns {number}
   */
  get tcpWindow() {
    return this.view.getUint16(this.at + 120, true);
  }

  /**
   * IPv4 header checksum as in the header; not verified. 0 where addresses are masked.
   *
   * @returns {number}
   */
  get ipChecksum() {
    return this.view.getUint16(this.at + 122, true);
  }

  /**
   * Fragment offset in bytes.
   *
   * @returns {number}
   */
  get fragOffset() {
    return this.view.getUint16(this.at + 124, true);
  }

  /**
   * Bytes of this packet in the batch's `payload`: the most that an interest in `matched`
   * asked for and was granted, or as many as the packet has. 0 where none did.
   *
   * @returns {number}
   */
  get payloadLen() {
    return this.view.getUint16(this.at + 126, true);
  }

  /**
   * Payload bytes in each segment of a GSO super-packet.
   *
   * @returns {number}
   */
  get gsoSize() {
    return this.view.getUint16(this.at + 128, true);
  }

  /**
   * Segments that a GSO super-packet stands for.
   *
   * @returns {number}
   */
  get gsoSegments() {
    return this.view.getUint16(this.at + 130, true);
  }

  /**
   * The tap that saw the packet; 0 in replay.
   *
   * @returns {number}
   */
  get tap() {
    return this.view.getUint16(this.at + 132, true);
  }

  /**
   * Where the network header starts in the frame as seen, in bytes; 0 where there is none.
   *
   * @returns {number}
   */
  get l3Offset() {
    return this.view.getUint16(this.at + 134, true);
  }

  /**
   * As `l3-offset`, of the transport header.
   *
   * @returns {number}
   */
  get l4Offset() {
    return this.view.getUint16(this.at + 136, true);
  }

  /**
   * As `l3-offset`, of what follows the transport header.
   *
   * @returns {number}
   */
  get l7Offset() {
    return this.view.getUint16(this.at + 138, true);
  }

  /**
   * VLAN tags, at most 4.
   *
   * @returns {number}
   */
  get vlanCount() {
    return this.view.getUint8(this.at + 140);
  }

  /**
   * 4, 6, or 0 for anything but IP.
   *
   * @returns {number}
   */
  get ipVersion() {
    return this.view.getUint8(this.at + 141);
  }

  /**
   * IPv4 header length in 32-bit words.
   *
   * @returns {number}
   */
  get ihl() {
    return this.view.getUint8(this.at + 142);
  }

  /**
   * The upper-layer protocol, after IPv6 extension headers.
   *
   * @returns {number}
   */
  get protocol() {
    return this.view.getUint8(this.at + 143);
  }

  /**
   * Time to live or hop limit.
   *
   * @returns {number}
   */
  get ttl() {
    return this.view.getUint8(this.at + 144);
  }

  /**
   * Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
   *
   * @returns {number}
   */
  get tos() {
    return this.view.getUint8(this.at + 145);
  }

  /**
   * 3 bits: 4 reserved, 2 don't fragment, 1 more fragments.
   *
   * @returns {number}
   */
  get ipFlags() {
    return this.view.getUint8(this.at + 146);
  }

  /**
   * ICMP or ICMPv6 type, or the ARP operation.
   *
   * @returns {number}
   */
  get icmpType() {
    return this.view.getUint8(this.at + 147);
  }

  /**
   * ICMP or ICMPv6 code.
   *
   * @returns {number}
   */
  get icmpCode() {
    return this.view.getUint8(this.at + 148);
  }

  /**
   * As `hook` counts.
   *
   * @returns {number}
   */
  get hook() {
    return this.view.getUint8(this.at + 149);
  }

  /**
   * As `direction` counts; `unknown` in replay.
   *
   * @returns {number}
   */
  get direction() {
    return this.view.getUint8(this.at + 150);
  }

  /**
   * MPLS labels stepped over.
   *
   * @returns {number}
   */
  get mplsCount() {
    return this.view.getUint8(this.at + 151);
  }
}

/**
 * No packet whose fixed IP header was there has the length 0.
 *
 * @param {Accessors} packet
 */
function hasIp(packet) {
  const hasLength = packet.view.getUint32(packet.at + 64, true) !== 0;
  return hasLength && packet.view.getUint8(packet.at + 141) !== 0;
}

/**
 * IPv6 has an identification in its fragment header only.
 *
 * @param {Accessors} packet
 */
function hasIpId(packet) {
  const hasFragment = (packet.view.getUint32(packet.at + 60, true) & 128) !== 0;
  return hasIp(packet) && (packet.view.getUint8(packet.at + 141) === 4 || hasFragment);
}

/** What a record has a field for. An accessor is `undefined` where the packet has no such thing. */
export class Accessors {
  /** @param {DataView} view The records of a batch. */
  constructor(view) {
    /** @internal */
    this.view = view;
    /**
     * Where the record starts.
     *
     * @internal
     */
    this.at = 0;
  }

  /**
   * Bytes of the packet as the tap saw it, a GSO super-packet being one.
   *
   * @returns {number}
   */
  get wireLen() {
    return this.view.getUint32(this.at + 48, true);
  }

  /**
   * Bit i: the plugin's i-th interest, counted from 0, took this packet. Bit 0 for a plugin
   * that states none.
   *
   * @returns {bigint}
   */
  get matched() {
    return this.view.getBigUint64(this.at + 40, true);
  }

  /**
   * Interface index in the tap's network namespace, in replay the capture's interface from 1.
   *
   * @returns {number}
   */
  get ifindex() {
    return this.view.getUint32(this.at + 56, true);
  }

  /**
   * Number of the tap; 0 in replay. A packet that passes several taps comes once from each.
   *
   * @returns {number}
   */
  get tap() {
    return this.view.getUint16(this.at + 132, true);
  }

  /**
   * Headers end early, or go on past a parser bound. What is there is right.
   *
   * @returns {boolean}
   */
  get isPartial() {
    return (this.view.getUint32(this.at + 60, true) & 1) !== 0;
  }

  /**
   * Headers contradict themselves. What is there was read before that, and is right.
   *
   * @returns {boolean}
   */
  get isMalformed() {
    return (this.view.getUint32(this.at + 60, true) & 2) !== 0;
  }

  /**
   * Part of a fragmented packet; only the first fragment has ports.
   *
   * @returns {boolean}
   */
  get isFragment() {
    return (this.view.getUint32(this.at + 60, true) & 4) !== 0;
  }

  /**
   * A PPPoE session header was stepped over.
   *
   * @returns {boolean}
   */
  get isPppoe() {
    return (this.view.getUint32(this.at + 60, true) & 32768) !== 0;
  }

  /**
   * Source MAC address.
   *
   * @returns {string | undefined}
   */
  get ethSrc() {
    if ((this.view.getUint32(this.at + 60, true) & 8) === 0) return undefined;
    return macText(this.view, this.at + 92, this.at + 100);
  }

  /**
   * Destination MAC address.
   *
   * @returns {string | undefined}
   */
  get ethDst() {
    if ((this.view.getUint32(this.at + 60, true) & 16) === 0) return undefined;
    return macText(this.view, this.at + 96, this.at + 102);
  }

  /**
   * The innermost EtherType; an 802.3 frame has none.
   *
   * @returns {number | undefined}
   */
  get ethType() {
    if ((this.view.getUint32(this.at + 60, true) & 32) === 0) return undefined;
    return this.view.getUint16(this.at + 104, true);
  }

  /**
   * MPLS labels that were stepped over on the way to the network header.
   *
   * @returns {number}
   */
  get mplsLabels() {
    return this.view.getUint8(this.at + 151);
  }

  /**
   * 4 or 6.
   *
   * @returns {number | undefined}
   */
  get ipVersion() {
    if (this.view.getUint8(this.at + 141) === 0) return undefined;
    return this.view.getUint8(this.at + 141);
  }

  /**
   * Source address as text (RFC 5952).
   *
   * @returns {string | undefined}
   */
  get src() {
    if (!hasIp(this)) return undefined;
    return addressText(this.view, this.at + 8, this.view.getUint8(this.at + 141));
  }

  /**
   * Source address as its 4 or 16 bytes in network order, in a new array.
   *
   * @returns {Uint8Array | undefined}
   */
  get srcBytes() {
    if (!hasIp(this)) return undefined;
    return addressBytes(this.view, this.at + 8, this.view.getUint8(this.at + 141));
  }

  /**
   * Destination address as text (RFC 5952).
   *
   * @returns {string | undefined}
   */
  get dst() {
    if (!hasIp(this)) return undefined;
    return addressText(this.view, this.at + 24, this.view.getUint8(this.at + 141));
  }

  /**
   * Destination address as its 4 or 16 bytes in network order, in a new array.
   *
   * @returns {Uint8Array | undefined}
   */
  get dstBytes() {
    if (!hasIp(this)) return undefined;
    return addressBytes(this.view, this.at + 24, this.view.getUint8(this.at + 141));
  }

  /**
   * The upper-layer protocol, after IPv6 extension headers: 6 TCP, 17 UDP, and so on as IANA
   * assigns them.
   *
   * @returns {number | undefined}
   */
  get protocol() {
    if (!hasIp(this)) return undefined;
    return this.view.getUint8(this.at + 143);
  }

  /**
   * IP header and all that follows it, in bytes.
   *
   * @returns {number | undefined}
   */
  get ipLen() {
    if (!hasIp(this)) return undefined;
    return this.view.getUint32(this.at + 64, true);
  }

  /**
   * Time to live or hop limit.
   *
   * @returns {number | undefined}
   */
  get ttl() {
    if (!hasIp(this)) return undefined;
    return this.view.getUint8(this.at + 144);
  }

  /**
   * Type of service or traffic class: DSCP in the upper six bits, ECN in the lower two.
   *
   * @returns {number | undefined}
   */
  get tos() {
    if (!hasIp(this)) return undefined;
    return this.view.getUint8(this.at + 145);
  }

  /**
   * Identification: IPv4's, or the IPv6 fragment header's.
   *
   * @returns {number | undefined}
   */
  get ipId() {
    if (!hasIpId(this)) return undefined;
    return this.view.getUint32(this.at + 68, true);
  }

  /**
   * IPv6 flow label, 20 bits.
   *
   * @returns {number | undefined}
   */
  get flowLabel() {
    if (!hasIp(this) || this.view.getUint8(this.at + 141) !== 6) return undefined;
    return this.view.getUint32(this.at + 72, true);
  }

  /**
   * Where a fragment's bytes belong; 0 for the first and for what is no fragment.
   *
   * @returns {number}
   */
  get fragmentOffset() {
    return this.view.getUint16(this.at + 124, true);
  }

  /**
   * Source port of TCP, UDP, UDP-Lite or SCTP.
   *
   * @returns {number | undefined}
   */
  get srcPort() {
    if ((this.view.getUint32(this.at + 60, true) & 256) === 0) return undefined;
    return this.view.getUint16(this.at + 114, true);
  }

  /**
   * Destination port, as the source port.
   *
   * @returns {number | undefined}
   */
  get dstPort() {
    if ((this.view.getUint32(this.at + 60, true) & 256) === 0) return undefined;
    return this.view.getUint16(this.at + 116, true);
  }

  /**
   * TCP flags: the bits of `tcp`.
   *
   * @returns {number | undefined}
   */
  get tcpFlags() {
    if ((this.view.getUint32(this.at + 60, true) & 4096) === 0) return undefined;
    return this.view.getUint16(this.at + 118, true);
  }

  /**
   * TCP sequence number.
   *
   * @returns {number | undefined}
   */
  get tcpSeq() {
    if ((this.view.getUint32(this.at + 60, true) & 1024) === 0) return undefined;
    return this.view.getUint32(this.at + 76, true);
  }

  /**
   * TCP acknowledgment number; significant only with the flag ACK.
   *
   * @returns {number | undefined}
   */
  get tcpAck() {
    if ((this.view.getUint32(this.at + 60, true) & 2048) === 0) return undefined;
    return this.view.getUint32(this.at + 80, true);
  }

  /**
   * TCP window as in the header, not scaled.
   *
   * @returns {number | undefined}
   */
  get tcpWindow() {
    if ((this.view.getUint32(this.at + 60, true) & 8192) === 0) return undefined;
    return this.view.getUint16(this.at + 120, true);
  }

  /**
   * ICMP or ICMPv6 type.
   *
   * @returns {number | undefined}
   */
  get icmpType() {
    if ((this.view.getUint32(this.at + 60, true) & 512) === 0) return undefined;
    return this.view.getUint8(this.at + 147);
  }

  /**
   * ICMP or ICMPv6 code.
   *
   * @returns {number | undefined}
   */
  get icmpCode() {
    if ((this.view.getUint32(this.at + 60, true) & 512) === 0) return undefined;
    return this.view.getUint8(this.at + 148);
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
