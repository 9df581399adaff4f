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
   * @param {Packet} packet Over the records.
   */
  constructor(head, packet) {
    if (head.recordSize < RECORD_SIZE || head.recordSize % 8 !== 0) {
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
    /** @internal */
    this.packet = packet;
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
    this.packet.at = (index * this.head.recordSize) / 4;
    return this.packet;
  }

  /** @returns {Iterator<Packet>} */
  [Symbol.iterator]() {
    const { packet, length } = this;
    const stride = this.head.recordSize / 4;
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
 * Where the bytes of batches are while the plugin works on them: in the same place for all. The arrays
 * that come from the host are given back at once. Else the engine would collect them only when tens of
 * megabytes have come together, and what is allocated in between would leave holes that no other batch
 * fits in: more than a plugin may have.
 */
export class Desk {
  /** @private */
  records = new Uint8Array(0);
  /** @private */
  payload = new Uint8Array(0);
  /** @private */
  packet = new Packet(this.records, this.payload);

  /**
   * @param {BatchHead} head
   * @param {Uint8Array} records
   * @param {Uint8Array} payload
   * @returns {Batch} Good until the next one.
   */
  put(head, records, payload) {
    if (records.length > this.records.length) {
      this.records = new Uint8Array(roomFor(records.length));
      this.packet = new Packet(this.records, this.payload);
    }
    if (payload.length > this.payload.length) {
      this.payload = new Uint8Array(roomFor(payload.length));
    }
    this.records.set(records);
    this.payload.set(payload);
    this.packet.payloads = this.payload.subarray(0, payload.length);
    this.packet.clockOffsetNs = head.clockOffsetNs;
    release(records);
    release(payload);
    return new Batch(head, this.packet);
  }
}

/**
 * A size that has room for larger ones as well, and is divided by 8.
 *
 * @param {number} bytes
 */
function roomFor(bytes) {
  return Math.ceil(bytes / 4096) * 4096;
}

/** @param {Uint8Array} array */
function release({ buffer }) {
  if (buffer.byteLength > 0) {
    /** @type {{ transfer?: (length: number) => ArrayBuffer }} */ (buffer).transfer?.(0);
  }
}
