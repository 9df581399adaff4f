/**
 * What the host says about a batch.
 *
 * @typedef {object} BatchHead
 * @property {bigint} sequence
 * @property {bigint} shedBefore
 * @property {bigint} clockOffsetNs
 * @property {number} recordSize
 * @property {number} count
 */
/**
 * Packets that the host handed over together, 1 to 1024, in the order in which a tap saw them.
 *
 * `for (const packet of batch)` gives them. It is **one object**, which each step moves on to the next
 * record, so that none is made for each packet; see `Packet`. Two loops over one batch at a time are
 * one too many.
 *
 * @implements {Iterable<Packet>}
 */
export class Batch implements Iterable<Packet> {
    /**
     * @internal
     * @param {BatchHead} head
     * @param {Packet} packet Over the records.
     */
    constructor(head: BatchHead, packet: Packet);
    /** @internal */
    head: BatchHead;
    /**
     * How many packets there are.
     *
     * @type {number}
     */
    length: number;
    /** @internal */
    packet: Packet;
    /** Number of the first record among all that were meant for this plugin, from 0. */
    get sequence(): bigint;
    /** Records lost between the batch before and this one, because the plugin was too slow. */
    get shedBefore(): bigint;
    /**
     * The packet at an index, from 0: the batch's one object, moved there.
     *
     * @param {number} index
     * @returns {Packet | undefined}
     */
    at(index: number): Packet | undefined;
    /** @returns {Iterator<Packet>} */
    [Symbol.iterator](): Iterator<Packet>;
}
/**
 * Where the bytes of batches are while the plugin works on them: in the same place for all. The arrays
 * that come from the host are given back at once. Else the engine would collect them only when tens of
 * megabytes have come together, and what is allocated in between would leave holes that no other batch
 * fits in: more than a plugin may have.
 */
export class Desk {
    /** @private */
    private records;
    /** @private */
    private payload;
    /** @private */
    private packet;
    /**
     * @param {BatchHead} head
     * @param {Uint8Array} records
     * @param {Uint8Array} payload
     * @returns {Batch} Good until the next one.
     */
    put(head: BatchHead, records: Uint8Array, payload: Uint8Array): Batch;
}
/**
 * What the host says about a batch.
 */
export type BatchHead = {
    sequence: bigint;
    shedBefore: bigint;
    clockOffsetNs: bigint;
    recordSize: number;
    count: number;
};
import { Packet } from "./packet.js";
