import { addressText, parseAddress } from "@ringtap/plugin";

/** Bytes of a destination in a saved state: version, address, bytes, packets. */
const ENTRY = 1 + 16 + 8 + 8;

/**
 * What went to a destination. BigInts are exact where numbers are not, and slow: packets are counted in
 * numbers, and added when somebody asks.
 */
class Traffic {
  #bytes: bigint;
  #packets: bigint;
  bytesSince = 0;
  packetsSince = 0;

  constructor(bytes = 0n, packets = 0n) {
    this.#bytes = bytes;
    this.#packets = packets;
  }

  get bytes(): bigint {
    this.#bytes = BigInt.asUintN(64, this.#bytes + BigInt(this.bytesSince));
    this.bytesSince = 0;
    return this.#bytes;
  }

  get packets(): bigint {
    this.#packets = BigInt.asUintN(64, this.#packets + BigInt(this.packetsSince));
    this.packetsSince = 0;
    return this.#packets;
  }
}

/** Destinations in the order in which they came. */
export class Known {
  #byAddress = new Map<string, Traffic>();

  get size(): number {
    return this.#byAddress.size;
  }

  list(): Iterable<[string, Traffic]> {
    return this.#byAddress.entries();
  }

  /** Count what went to `dst`, if that is known or there is room for it. Whether it was. */
  add(dst: string, bytes: number, packets: number, limit: number): boolean {
    let traffic = this.#byAddress.get(dst);
    if (traffic === undefined) {
      if (this.#byAddress.size >= limit) return false;
      traffic = new Traffic();
      this.#byAddress.set(dst, traffic);
    }
    traffic.bytesSince += bytes;
    traffic.packetsSince += packets;
    return true;
  }

  /** Of all bytes, those of the first destination. */
  shareOfFirst(): number {
    const bytes = [...this.#byAddress.values()].map((traffic) => traffic.bytes);
    const all = BigInt.asUintN(
      64,
      bytes.reduce((sum, some) => sum + some, 0n),
    );
    return all > 0n ? Number(bytes[0]) / Number(all) : 0;
  }

  save(records: bigint): Uint8Array {
    const saved = new Uint8Array(12 + this.size * ENTRY);
    const view = new DataView(saved.buffer);
    view.setBigUint64(0, records, true);
    view.setUint32(8, this.size, true);
    let at = 12;
    for (const [dst, traffic] of this.#byAddress) {
      const address = parseAddress(dst) ?? new Uint8Array(4);
      saved[at] = address.length === 4 ? 4 : 6;
      saved.set(address, at + 17 - address.length);
      view.setBigUint64(at + 17, traffic.bytes, true);
      view.setBigUint64(at + 25, traffic.packets, true);
      at += ENTRY;
    }
    return saved;
  }

  /** Take the first `limit` destinations. */
  restore(saved: Uint8Array, limit: number): bigint {
    const view = new DataView(saved.buffer, saved.byteOffset, saved.byteLength);
    if (saved.length < 12 || saved.length !== 12 + view.getUint32(8, true) * ENTRY) throw damaged();
    const all = new Map<string, Traffic>();
    for (let at = 12; at < saved.length; at += ENTRY) {
      const dst = destination(saved[at], saved.subarray(at + 1, at + 17));
      if (all.has(dst)) throw damaged();
      all.set(dst, new Traffic(view.getBigUint64(at + 17, true), view.getBigUint64(at + 25, true)));
    }
    this.#byAddress = new Map([...all].slice(0, limit));
    return view.getBigUint64(0, true);
  }
}

function destination(version: number, address: Uint8Array): string {
  if (version === 6) return addressText(address);
  if (version !== 4 || address.subarray(0, 12).some((byte) => byte !== 0)) throw damaged();
  return addressText(address.subarray(12));
}

const damaged = (): Error => new Error("the saved state is damaged");
