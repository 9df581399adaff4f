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
    constructor(records: Uint8Array, payloads: Uint8Array, clockOffsetNs?: bigint);
    /** @internal */
    payloads: Uint8Array<ArrayBufferLike>;
    /** @internal */
    clockOffsetNs: bigint;
    /**
     * @internal
     * @type {Fields | undefined}
     */
    all: Fields | undefined;
    /**
     * The record as it is, for what there is no accessor for. One object for a batch too, which is moved
     * when it is asked for.
     *
     * @returns {Fields}
     */
    get fields(): Fields;
    /**
     * Whether all bits of `marks` are set; see `mark`.
     *
     * @param {number} marks
     * @returns {boolean}
     */
    has(marks: number): boolean;
    /**
     * When the tap saw the packet, Unix time in ns. A BigInt, since a number is not exact there.
     * BigInts are slow: `timeSeconds` is not.
     *
     * @returns {bigint}
     */
    get timeNs(): bigint;
    /**
     * When the tap saw the packet, Unix time in seconds, to about a microsecond.
     *
     * @returns {number}
     */
    get timeSeconds(): number;
    /**
     * Packets that this record stands for on the wire: the segments of a GSO super-packet, or 1, times
     * `sampleOneIn`. Count with this, not with 1. With a sample, sums of it are estimates.
     *
     * @returns {number}
     */
    get packets(): number;
    /**
     * Bytes that this record stands for on the wire, without frame check sequences: every segment of a
     * GSO super-packet has headers of its own, and all of it counts `sampleOneIn` times. Count with
     * this, not with `wireLen`. Exact up to 2^53, which no host's rate reaches.
     *
     * @returns {number}
     */
    get wireBytes(): number;
    /** @internal */
    segments(): number;
    /**
     * Whether the plugin's interest of that index, from 0, took this packet: its filter matches, and
     * the packet is in its sample.
     *
     * @param {number} interest
     * @returns {boolean}
     */
    matches(interest: number): boolean;
    /**
     * This record stands for so many records of all that the plugin's interests want together: 1
     * unless the plugin or the operator asked for a sample. `packets` and `wireBytes` have it in them.
     *
     * Where several interests took the packet, it is the number of the one that keeps most; so it does
     * not tell how many packets one interest alone would have seen.
     *
     * @returns {number}
     */
    get sampleOneIn(): number;
    /**
     * The first bytes from behind the headers, the application's, as far as an interest asked for them,
     * the operator granted them, and the packet has them. Empty otherwise.
     *
     * A view of the batch, **gone when the call returns**: `slice()` it to keep it.
     *
     * @returns {Uint8Array}
     */
    get payload(): Uint8Array;
    /**
     * Where the tap sits: `xdp`, `tc`, `replay`, or `other` for a hook that is newer than this SDK.
     *
     * @returns {"xdp" | "tc" | "replay" | "other"}
     */
    get hook(): "xdp" | "tc" | "replay" | "other";
    /**
     * Which way the packet passed, towards the host or away from it; not known in replay.
     *
     * @returns {"ingress" | "egress" | undefined}
     */
    get direction(): "ingress" | "egress" | undefined;
    /**
     * VLAN tags, outermost first, at most 4.
     *
     * @returns {VlanTag[]}
     */
    get vlanTags(): VlanTag[];
    /**
     * VLAN ids, outermost first, at most 4.
     *
     * @returns {number[]}
     */
    get vlanIds(): number[];
    /**
     * What an ARP packet says.
     *
     * @returns {Arp | undefined}
     */
    get arp(): Arp | undefined;
    /**
     * How the super-packet will be cut, if it is one.
     *
     * @returns {Gso | undefined}
     */
    get gso(): Gso | undefined;
    /**
     * IPv4's "don't fragment".
     *
     * @returns {boolean}
     */
    get dontFragment(): boolean;
    /**
     * A copy that is good for as long as you keep it.
     *
     * @returns {Packet}
     */
    clone(): Packet;
}
/**
 * A VLAN tag: its id of 12 bits, priority of 3, whether the frame may be dropped first, and whether it
 * is an 802.1ad service tag, not 802.1Q.
 */
export type VlanTag = {
    id: number;
    priority: number;
    dropEligible: boolean;
    service: boolean;
};
/**
 * An ARP packet's operation (1 request, 2 reply; RFC 826) and protocol addresses.
 */
export type Arp = {
    operation: number;
    sender: string;
    target: string;
};
/**
 * How a GSO super-packet is cut before the wire: payload bytes in each segment, and segments.
 */
export type Gso = {
    size: number;
    segments: number;
};
import { Accessors } from "./record.js";
import { Fields } from "./record.js";
