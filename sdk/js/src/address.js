/** Addresses in records, as text. Kept apart from the record, which is generated. */

import { addressText as textOfBytes } from "./address-text.js";

/** As many addresses are remembered with their text; a power of two. */
const SLOTS = 1024;

/** The four words of the address in each slot. */
const known = new Uint32Array(SLOTS * 4);

/** @type {Array<string | undefined>} */
const texts = new Array(SLOTS).fill(undefined);

/**
 * The address of 16 bytes at `at`, two little-endian numbers of 64 bits, the higher first. To write
 * an address as text costs many times what it costs to find it again, and most packets are between
 * few hosts.
 *
 * @param {DataView} view
 * @param {number} at
 * @param {number} version 4 or 6
 * @returns {string}
 */
export function addressText(view, at, version) {
  const a = version === 4 ? 0 : view.getUint32(at + 4, true);
  const b = version === 4 ? 0 : view.getUint32(at, true);
  const c = version === 4 ? 0 : view.getUint32(at + 12, true);
  const d = view.getUint32(at + 8, true);
  const slot = slotOf(a, b, c, d, version);
  const text = texts[slot];
  const i = slot * 4;
  const same = known[i] === a && known[i + 1] === b && known[i + 2] === c && known[i + 3] === d;
  if (text !== undefined && same && text.includes(":") === (version === 6)) return text;
  return remember(slot, [a, b, c, d], textOfBytes(addressBytes(view, at, version)));
}

/**
 * @param {number} slot
 * @param {number[]} words
 * @param {string} text
 */
function remember(slot, words, text) {
  known.set(words, slot * 4);
  texts[slot] = text;
  return text;
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} c
 * @param {number} d
 * @param {number} version
 */
function slotOf(a, b, c, d, version) {
  // Odd constants of the golden ratio and of xxHash spread neighbours over the slots.
  const mixed =
    Math.imul(a ^ Math.imul(b, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(c + version, 0xc2b2ae35);
  const all = Math.imul(mixed ^ d, 0x9e3779b1);
  return (all ^ (all >>> 15)) & (SLOTS - 1);
}

/**
 * The bytes of an address in network order.
 *
 * @param {DataView} view
 * @param {number} at As in `addressText`.
 * @param {number} version 4 or 6
 * @returns {Uint8Array}
 */
export function addressBytes(view, at, version) {
  if (version === 4) return bigEndian([view.getUint32(at + 8, true)]);
  return bigEndian([4, 0, 12, 8].map((word) => view.getUint32(at + word, true)));
}

/** @param {number[]} words */
function bigEndian(words) {
  const bytes = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, index) => bytes.setUint32(index * 4, word));
  return new Uint8Array(bytes.buffer);
}

/**
 * A MAC address as text.
 *
 * @param {DataView} view
 * @param {number} hi Where bits 47 to 16 are.
 * @param {number} lo Where bits 15 to 0 are.
 * @returns {string}
 */
export function macText(view, hi, lo) {
  const high = view.getUint32(hi, true).toString(16).padStart(8, "0");
  const low = view.getUint16(lo, true).toString(16).padStart(4, "0");
  return (high + low).replace(/..(?=.)/g, "$&:");
}
