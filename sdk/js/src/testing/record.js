import { parseAddress } from "../address-text.js";
import { FIELDS, RECORD_SIZE, mark } from "../record.js";

/**
 * A packet for a test: 100 bytes on interface 1, in a capture, at time 0, wanted by the plugin's first
 * interest, not sampled and without payload, unless said otherwise. Each method answers with a changed
 * copy.
 */
export class PacketRecord {
  /**
   * @private
   * @param {Uint8Array} bytes
   * @param {Uint8Array | undefined} payload
   */
  constructor(bytes, payload) {
    /** @private */
    this.bytes = bytes;
    /** @private */
    this.bytesBehind = payload;
  }

  /** A frame that is no IP. */
  static frame() {
    const record = new PacketRecord(new Uint8Array(RECORD_SIZE), undefined);
    return record.set("hook", 3).set("ifindex", 1).set("matched", 1).set("sampleOneIn", 1).len(100);
  }

  /**
   * An IP packet of a protocol.
   *
   * @param {string} src
   * @param {string} dst
   * @param {number} protocol
   */
  static ip(src, dst, protocol) {
    const version = src.includes(":") ? 6 : 4;
    const record = PacketRecord.frame().set("ipVersion", version).set("ipLen", 86);
    return record.address("src", src).address("dst", dst).set("protocol", protocol).set("ttl", 64);
  }

  /**
   * A TCP packet between two sockets such as `10.0.0.1:80` or `[fc00::1]:80`.
   *
   * @param {string} src
   * @param {string} dst
   * @param {number} flags Bits of `tcp`.
   */
  static tcp(src, dst, flags) {
    const marks = mark.TCP_SEQ | mark.TCP_ACK | mark.TCP_FLAGS | mark.TCP_WINDOW;
    return PacketRecord.between(src, dst, 6).mark(marks).set("tcpFlags", flags);
  }

  /**
   * A UDP packet between two sockets.
   *
   * @param {string} src
   * @param {string} dst
   */
  static udp(src, dst) {
    return PacketRecord.between(src, dst, 17);
  }

  /**
   * @private
   * @param {string} src
   * @param {string} dst
   * @param {number} protocol
   */
  static between(src, dst, protocol) {
    const [[from, fromPort], [to, toPort]] = [socket(src), socket(dst)];
    const record = PacketRecord.ip(from, to, protocol).mark(mark.PORTS);
    return record.set("srcPort", fromPort).set("dstPort", toPort);
  }

  /**
   * Bytes on the wire.
   *
   * @param {number} bytes
   */
  len(bytes) {
    return this.set("wireLen", bytes).set("capLen", bytes);
  }

  /**
   * Unix time in ns.
   *
   * @param {bigint} timeNs
   */
  time(timeNs) {
    return this.set("timestampNs", timeNs);
  }

  /**
   * The interests that took it: bit i for the i-th.
   *
   * @param {number | bigint} interests
   */
  matched(interests) {
    return this.set("matched", interests);
  }

  /**
   * One of a sample, in which one in so many was kept.
   *
   * @param {number} oneIn
   */
  sampled(oneIn) {
    return this.set("sampleOneIn", oneIn);
  }

  /**
   * With these first bytes behind its headers, which some interest asked for and was granted.
   *
   * @param {Uint8Array} bytes
   */
  payload(bytes) {
    return new PacketRecord(this.bytes, bytes.slice());
  }

  /**
   * Set bits of `marks`.
   *
   * @param {number} marks
   */
  mark(marks) {
    return this.set("marks", (Number(this.read("marks")) | marks) >>> 0);
  }

  /**
   * Add a VLAN tag inside those that there are.
   *
   * @param {number} id
   */
  vlan(id) {
    const count = Number(this.read("vlanCount"));
    return this.set(`vlan${count}`, id).set("vlanCount", count + 1);
  }

  /**
   * Source and destination MAC address, such as `02:00:00:00:00:01`.
   *
   * @param {string} src
   * @param {string} dst
   */
  macs(src, dst) {
    return this.mark(mark.ETH_SRC | mark.ETH_DST)
      .mac("ethSrc", src)
      .mac("ethDst", dst);
  }

  /**
   * Set a field of the record by its name in `Fields`.
   *
   * @param {string} name
   * @param {number | bigint} value
   */
  set(name, value) {
    const [, offset, size] = place(name);
    const record = new PacketRecord(this.bytes.slice(), this.bytesBehind);
    let rest = BigInt(value);
    for (let i = 0; i < size; i += 1, rest >>= 8n) record.bytes[offset + i] = Number(rest & 255n);
    if (rest !== 0n) throw new RangeError(`${name} has ${size} bytes: ${value}`);
    return record;
  }

  /**
   * The record as it stands in a batch, its payload behind what is in `all` already.
   *
   * @internal
   * @param {number[]} all
   * @returns {Uint8Array}
   */
  placed(all) {
    if (this.bytesBehind === undefined) return this.bytes;
    const record = this.set("payloadOffset", all.length);
    all.push(...this.bytesBehind);
    return record.set("payloadLen", this.bytesBehind.length).bytes;
  }

  /**
   * @private
   * @param {string} name
   */
  read(name) {
    const [, offset, size] = place(name);
    const bytes = [...this.bytes.subarray(offset, offset + size)].reverse();
    return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  /**
   * @private
   * @param {"src" | "dst"} end
   * @param {string} text
   */
  address(end, text) {
    const bytes = parseAddress(text);
    if (bytes === undefined) throw new RangeError(`${text} is no IP address`);
    const number = [...bytes].reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    return this.set(`${end}Hi`, number >> 64n).set(`${end}Lo`, BigInt.asUintN(64, number));
  }

  /**
   * @private
   * @param {"ethSrc" | "ethDst"} end
   * @param {string} text
   */
  mac(end, text) {
    const number = Number(`0x${text.replaceAll(":", "")}`);
    return this.set(`${end}Hi`, Math.floor(number / 65536)).set(`${end}Lo`, number % 65536);
  }
}

/**
 * @param {string} text
 * @returns {[string, number]}
 */
function socket(text) {
  const colon = text.lastIndexOf(":");
  return [text.slice(0, colon).replace(/^\[|\]$/g, ""), Number(text.slice(colon + 1))];
}

/** @param {string} name */
function place(name) {
  const known = FIELDS.find(([field]) => field === name);
  if (known === undefined) throw new RangeError(`no field is called ${name}`);
  return known;
}
