/** @import { Batch } from "./batch.js" */
/** @import { Packet } from "./packet.js" */
/** Which packets of a batch go on: a bit for each. For a filter's `keepBatch`. */
export class Kept {
    /**
     * Those that `keep` says, which is asked about each in order.
     *
     * @param {Batch} batch
     * @param {(packet: Packet) => boolean} keep
     * @returns {Kept}
     */
    static of(batch: Batch, keep: (packet: Packet) => boolean): Kept;
    /**
     * All of them.
     *
     * @param {Batch} batch
     * @returns {Kept}
     */
    static all(batch: Batch): Kept;
    /**
     * None of them.
     *
     * @param {Batch} batch
     * @returns {Kept}
     */
    static none(batch: Batch): Kept;
    /**
     * @internal
     * @param {Uint8Array} bits
     */
    constructor(bits: Uint8Array);
    /** @internal */
    bits: Uint8Array<ArrayBufferLike>;
}
import type { Batch } from "./batch.js";
import type { Packet } from "./packet.js";
