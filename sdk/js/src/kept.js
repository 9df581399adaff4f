/** @import { Batch } from "./batch.js" */
/** @import { Packet } from "./packet.js" */

/** Which packets of a batch go on: a bit for each. For a filter's `keepBatch`. */
export class Kept {
  /**
   * @internal
   * @param {Uint8Array} bits
   */
  constructor(bits) {
    /** @internal */
    this.bits = bits;
  }

  /**
   * Those that `keep` says, which is asked about each in order.
   *
   * @param {Batch} batch
   * @param {(packet: Packet) => boolean} keep
   * @returns {Kept}
   */
  static of(batch, keep) {
    const bits = new Uint8Array(Math.ceil(batch.length / 8));
    let index = 0;
    for (const packet of batch) {
      if (keep(packet)) bits[index >> 3] |= 1 << (index & 7);
      index += 1;
    }
    return new Kept(bits);
  }

  /**
   * All of them.
   *
   * @param {Batch} batch
   * @returns {Kept}
   */
  static all(batch) {
    return Kept.of(batch, () => true);
  }

  /**
   * None of them.
   *
   * @param {Batch} batch
   * @returns {Kept}
   */
  static none(batch) {
    return Kept.of(batch, () => false);
  }
}
