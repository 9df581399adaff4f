export interface Total {
  protocol: string;
  packets: number;
  bytes: number;
}

/** What was counted, by protocol. Numbers are exact up to 2^53. */
export class Totals {
  readonly #byProtocol = new Map<string, Total>();

  add(protocol: string, packets: number, bytes: number): void {
    const total = this.#byProtocol.get(protocol);
    if (total === undefined) {
      this.#byProtocol.set(protocol, { protocol, packets, bytes });
    } else {
      total.packets += packets;
      total.bytes += bytes;
    }
  }

  /** In the order of the names, so that reports are. */
  list(): Total[] {
    return [...this.#byProtocol.values()].sort((a, b) => (a.protocol < b.protocol ? -1 : 1));
  }
}
