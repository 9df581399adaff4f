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

  /** The state in form 1: a line for each protocol, with its name, packets and bytes. */
  save() {
    const lines = this.list().map(
      ({ protocol, packets, bytes }) => `${protocol} ${packets} ${bytes}\n`,
    );
    return Uint8Array.from(lines.join(""), (character) => character.charCodeAt(0));
  }

  /**
   * What is read may be from other sources than these, or damaged: take nothing on trust.
   *
   * @param {Uint8Array} saved
   * @returns {Totals}
   */
  static restore(saved) {
    const totals = new Totals();
    const lines = Array.from(saved, (byte) => String.fromCharCode(byte))
      .join("")
      .split("\n");
    if (lines.pop() !== "") throw new Error("the saved state is damaged");
    for (const line of lines) {
      const [, protocol, packets, bytes] = /^([a-z0-9]+) (\d{1,15}) (\d{1,15})$/.exec(line) ?? [];
      if (protocol === undefined) throw new Error("the saved state is damaged");
      totals.add(protocol, Number(packets), Number(bytes));
    }
    return totals;
  }
}
