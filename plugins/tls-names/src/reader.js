/** The packet ends before what it is about to say. */
export class Cut extends Error {}

/** A length says more than there is room for. */
export class Malformed extends Error {}

/**
 * Reads numbers and blocks with a length in front. A block ends where its length says, and may be cut
 * where the packet ends.
 */
export class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {number} [start]
   * @param {number} [end] Where the block ends; it may lie behind the bytes.
   */
  constructor(bytes, start = 0, end = Infinity) {
    this.bytes = bytes;
    this.at = start;
    this.stop = end;
  }

  hasMore() {
    return this.at < this.stop;
  }

  /** @param {number} count */
  skip(count) {
    if (this.at + count > this.stop) throw new Malformed();
    this.at += count;
  }

  /**
   * A big-endian number.
   *
   * @param {number} size In bytes, at most 3.
   */
  number(size) {
    const start = this.at;
    this.skip(size);
    if (this.at > this.bytes.length) throw new Cut();
    let number = 0;
    for (let i = start; i < this.at; i += 1) number = (number << 8) | this.bytes[i];
    return number;
  }

  /**
   * A block, behind its length.
   *
   * @param {number} size Of the length, in bytes.
   */
  block(size) {
    const length = this.number(size);
    const start = this.at;
    this.skip(length);
    return new Reader(this.bytes, start, this.at);
  }

  /** The rest of the block, a character for each byte. */
  text() {
    const start = this.at;
    this.at = this.stop;
    this.end();
    return String.fromCharCode(...this.bytes.subarray(start, this.stop));
  }

  /** Whether all of the block is there does not matter until somebody wants what is behind it. */
  end() {
    if (this.stop > this.bytes.length) throw new Cut();
  }
}
