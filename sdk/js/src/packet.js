import { addressText } from "./address-text.js";
import { Accessors, FIELDS, Fields, RECORD_SIZE, mark } from "./record.js";

/** @param {string} name */
function offsetOf(name) {
  const field = FIELDS.find(([known]) => known === name);
  if (field === undefined) throw new Error(`a record has no field ${name}`);
  return field[1];
}

// In words of the size of the field, or in bytes; see `RecordView`.
const TIMESTAMP = offsetOf("timestampNs");
const MATCHED = offsetOf("matched") / 4;
const WIRE_LEN = offsetOf("wireLen") / 4;
const MARKS = offsetOf("marks") / 4;
const SAMPLE_ONE_IN = offsetOf("sampleOneIn") / 4;
const PAYLOAD_OFFSET = offsetOf("payloadOffset") / 4;
const PAYLOAD_LEN = offsetOf("payloadLen") / 2;
const HOOK = offsetOf("hook");
const DIRECTION = offsetOf("direction");

/** Looked up once: it is asked for at each packet. */
const { GSO } = mark;

const NO_BYTES = new Uint8Array(0);

/**
 * A VLAN tag: its id of 12 bits, priority of 3, whether the frame may be dropped first, and whether it
 * is an 802.1ad service tag, not 802.1Q.
 *
 * @typedef {{ id: number, priority: number, dropEligible: boolean, service: boolean }} VlanTag
 */

/**
 * An ARP packet's operation (1 request, 2 reply; RFC 826) and protocol addresses.
 *
 * @typedef {{ operation: number, sender: string, target: string }} Arp
 */

/**
 * How a GSO super-packet is cut before the wire: payload bytes in each segment, and segments.
 *
 * @typedef {{ size: number, segments: number }} Gso
 */

/**
 * A packet, as a view of its record: reading a field is a load, and nothing is copied.
 *
 * **A batch has one such object, which each step of the iteration moves on to the next record.** So
 * keep what you read of a packet, not the packet; `clone` makes one to keep.
 */
export class Packet extends Accessors {
  /**
   * @internal
   * @param {Uint8Array} records Of a batch.
   * @param {Uint8Array} payloads
   * @param {bigint} [clockOffsetNs]
   */
  constructor(records, payloads, clockOffsetNs = 0n) {
    super(records);
    /** @internal */
    this.payloads = payloads;
    /** @internal */
    this.clockOffsetNs = clockOffsetNs;
    /**
     * @internal
     * @type {Fields | undefined}
     */
    this.all = undefined;
  }

  /**
   * The record as it is, for what there is no accessor for. One object for a batch too, which is moved
   * when it is asked for.
   *
   * @returns {Fields}
   */
  get fields() {
    this.all ??= new Fields(this.u8);
    this.all.at = this.at;
    return this.all;
  }

  /**
   * Whether all bits of `marks` are set; see `mark`.
   *
   * @param {number} marks
   * @returns {boolean}
   */
  has(marks) {
    return (this.u32[this.at + MARKS] & marks) === marks;
  }

  /**
   * When the tap saw the packet, Unix time in ns. A BigInt, since a number is not exact there.
   * BigInts are slow: `timeSeconds` is not.
   *
   * @returns {bigint}
   */
  get timeNs() {
    const time = this.view.getBigUint64(this.at * 4 + TIMESTAMP, true) + this.clockOffsetNs;
    if (time < 0n) return 0n;
    return time > MAX_U64 ? MAX_U64 : time;
  }

  /**
   * When the tap saw the packet, Unix time in seconds, to about a microsecond.
   *
   * @returns {number}
   */
  get timeSeconds() {
    return Number(this.timeNs) / 1e9;
  }

  /**
   * Packets that this record stands for on the wire: the segments of a GSO super-packet, or 1, times
   * `sampleOneIn`. Count with this, not with 1. With a sample, sums of it are estimates.
   *
   * @returns {number}
   */
  get packets() {
    const sampled = this.u32[this.at + SAMPLE_ONE_IN] || 1;
    return (this.u32[this.at + MARKS] & GSO) === 0 ? sampled : this.segments() * sampled;
  }

  /**
   * Bytes that this record stands for on the wire, without frame check sequences: every segment of a
   * GSO super-packet has headers of its own, and all of it counts `sampleOneIn` times. Count with
   * this, not with `wireLen`. Exact up to 2^53, which no host's rate reaches.
   *
   * @returns {number}
   */
  get wireBytes() {
    const sampled = this.u32[this.at + SAMPLE_ONE_IN] || 1;
    if ((this.u32[this.at + MARKS] & GSO) === 0) return this.u32[this.at + WIRE_LEN] * sampled;
    const tag = this.has(mark.VLAN_IN_METADATA) ? 4 : 0;
    const headers = this.fields.l7Offset + tag;
    return (this.wireLen + (this.segments() - 1) * headers) * sampled;
  }

  /** @internal */
  segments() {
    return this.has(GSO) ? Math.max(this.fields.gsoSegments, 1) : 1;
  }

  /**
   * Whether the plugin's interest of that index, from 0, took this packet: its filter matches, and
   * the packet is in its sample.
   *
   * @param {number} interest
   * @returns {boolean}
   */
  matches(interest) {
    if (!(interest >= 0 && interest < 64)) return false;
    const word = this.u32[this.at + MATCHED + (interest < 32 ? 0 : 1)];
    return ((word >>> (interest & 31)) & 1) === 1;
  }

  /**
   * This record stands for so many records of all that the plugin's interests want together: 1
   * unless the plugin or the operator asked for a sample. `packets` and `wireBytes` have it in them.
   *
   * Where several interests took the packet, it is the number of the one that keeps most; so it does
   * not tell how many packets one interest alone would have seen.
   *
   * @returns {number}
   */
  get sampleOneIn() {
    return this.u32[this.at + SAMPLE_ONE_IN] || 1;
  }

  /**
   * The first bytes from behind the headers, the application's, as far as an interest asked for them,
   * the operator granted them, and the packet has them. Empty otherwise.
   *
   * A view of the batch, **gone when the call returns**: `slice()` it to keep it.
   *
   * @returns {Uint8Array}
   */
  get payload() {
    const length = this.u16[this.at * 2 + PAYLOAD_LEN];
    if (length === 0) return NO_BYTES;
    const start = this.u32[this.at + PAYLOAD_OFFSET];
    const end = start + length;
    return end <= this.payloads.length ? this.payloads.subarray(start, end) : NO_BYTES;
  }

  /**
   * Where the tap sits: `xdp`, `tc`, `replay`, or `other` for a hook that is newer than this SDK.
   *
   * @returns {"xdp" | "tc" | "replay" | "other"}
   */
  get hook() {
    return HOOKS[this.u8[this.at * 4 + HOOK]] ?? "other";
  }

  /**
   * Which way the packet passed, towards the host or away from it; not known in replay.
   *
   * @returns {"ingress" | "egress" | undefined}
   */
  get direction() {
    return DIRECTIONS[this.u8[this.at * 4 + DIRECTION]];
  }

  /**
   * VLAN tags, outermost first, at most 4.
   *
   * @returns {VlanTag[]}
   */
  get vlanTags() {
    const { fields } = this;
    const tags = [fields.vlan0, fields.vlan1, fields.vlan2, fields.vlan3];
    return tags.slice(0, fields.vlanCount).map((tci, index) => ({
      id: tci & 0xfff,
      priority: tci >> 13,
      dropEligible: (tci & 0x1000) !== 0,
      service: this.has(mark.SERVICE_TAG << index),
    }));
  }

  /**
   * VLAN ids, outermost first, at most 4.
   *
   * @returns {number[]}
   */
  get vlanIds() {
    return this.vlanTags.map((tag) => tag.id);
  }

  /**
   * What an ARP packet says.
   *
   * @returns {Arp | undefined}
   */
  get arp() {
    if (!this.has(mark.ARP)) return undefined;
    const { fields } = this;
    return { operation: fields.icmpType, sender: v4(fields.srcLo), target: v4(fields.dstLo) };
  }

  /**
   * How the super-packet will be cut, if it is one.
   *
   * @returns {Gso | undefined}
   */
  get gso() {
    if (!this.has(mark.GSO)) return undefined;
    return { size: this.fields.gsoSize, segments: this.fields.gsoSegments };
  }

  /**
   * IPv4's "don't fragment".
   *
   * @returns {boolean}
   */
  get dontFragment() {
    return this.fields.ipVersion === 4 && (this.fields.ipFlags & 2) !== 0;
  }

  /**
   * A copy that is good for as long as you keep it.
   *
   * @returns {Packet}
   */
  clone() {
    const start = this.at * 4;
    const record = this.u8.slice(start, start + RECORD_SIZE);
    const packet = new Packet(record, this.payload.slice(), this.clockOffsetNs);
    packet.u32[PAYLOAD_OFFSET] = 0;
    return packet;
  }
}

const MAX_U64 = 2n ** 64n - 1n;

/**
 * By the values of the record's field.
 *
 * @type {ReadonlyArray<"xdp" | "tc" | "replay" | undefined>}
 */
const HOOKS = [undefined, "xdp", "tc", "replay"];

/** @type {ReadonlyArray<"ingress" | "egress" | undefined>} */
const DIRECTIONS = [undefined, "ingress", "egress"];

/** @param {bigint} bits */
function v4(bits) {
  const number = Number(bits & 0xffffffffn);
  return addressText(Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number));
}
