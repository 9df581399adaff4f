import { Packet } from "./packet.js";
import { RECORD_SIZE } from "./record.js";

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
export class Batch {
  /**
   * @internal
   * @param {BatchHead} head
   * @param {Uint8Array} records
   * @param {Uint8Array} payloads
   */
  constructor(head, records, payloads) {
    if (head.recordSize < RECORD_SIZE) {
      throw new Error(`the host's records have ${head.recordSize} bytes, not ${RECORD_SIZE}`);
    }
    /** @internal */
    this.head = head;
    /**
     * How many packets there are.
     *
     * @type {number}
     */
    this.length = head.count;
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    /** @internal */
    this.packet = new Packet(view, payloads, head.clockOffsetNs);
  }

  /** Number of the first record among all that were meant for this plugin, from 0. */
  get sequence() {
    return this.head.sequence;
  }

  /** Records lost between the batch before and this one, because the plugin was too slow. */
  get shedBefore() {
    return this.head.shedBefore;
  }

  /**
   * The packet at an index, from 0: the batch's one object, moved there.
   *
   * @param {number} index
   * @returns {Packet | undefined}
   */
  at(index) {
    if (!(index >= 0 && index < this.length)) return undefined;
    this.packet.at = index * this.head.recordSize;
    return this.packet;
  }

  /** @returns {Iterator<Packet>} */
  [Symbol.iterator]() {
    const { packet, length } = this;
    const stride = this.head.recordSize;
    let index = 0;
    // One answer for all steps: a new one for each would be most of what a step costs.
    const step = { value: packet, done: false };
    return {
      next() {
        if (index === length) return { value: undefined, done: true };
        packet.at = stride * index++;
        return step;
      },
    };
  }
}

/**
 * Give back the memory of a buffer that came from the host. The engine would collect it only when tens
 * of megabytes have come together, which is more than a plugin may have.
 *
 * @param {...Uint8Array} arrays
 */
export function release(...arrays) {
  for (const { buffer } of arrays) {
    if (buffer.byteLength === 0) continue;
    /** @type {{ transfer?: (length: number) => ArrayBuffer }} */ (buffer).transfer?.(0);
  }
}
