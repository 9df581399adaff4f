/** @typedef {{ protocol: string, packets: number, bytes: number }} Total */

/** What was counted, by protocol. Numbers are exact up to 2^53. */
export class Totals {
  /** @type {Map<string, Total>} */
  #byProtocol = new Map();

  /**
   * @param {string} protocol
   * @param {number} packets
   * @param {number} bytes
   */
  add(protocol, packets, bytes) {
    const total = this.#byProtocol.get(protocol);
    if (total === undefined) {
      this.#byProtocol.set(protocol, { protocol, packets, bytes });
    } else {
      total.packets += packets;
      total.bytes += bytes;
    }
  }

  /** In the order of the names, so that reports are. */
  list() {
    return [...this.#byProtocol.values()].sort((a, b) => (a.protocol < b.protocol ? -1 : 1));
  }
}
