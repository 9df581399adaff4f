/** Addresses in records, as text. Kept apart from the record, which is generated. */

import { addressText as textOfBytes } from "./address-text.js";

/** As many addresses are remembered with their text; a power of two. */
const SLOTS = 4096;

/** An address is in one of so many slots, from the one that its hash says. */
const PROBES = 8;

/** The four words of the address in each slot. */
const known = new Uint32Array(SLOTS * 4);

/** Its version: 4, 6, or 0 for an empty slot. */
const versions = new Uint8Array(SLOTS);

/** @type {string[]} */
const texts = new Array(SLOTS).fill("");

/** Which of its slots the next address takes when all are taken. */
let victim = 0;

/**
 * The address of the 4 words at `at`, two little-endian numbers of 64 bits, the higher first. To write
 * an address as text costs many times what it costs to find it again, and leaves garbage; and most
 * packets are between few hosts.
 *
 * @param {Uint32Array} words
 * @param {number} at
 * @param {number} version 4 or 6
 * @returns {string}
 */
export function addressText(words, at, version) {
  const d = words[at + 2];
  let a = 0;
  let b = 0;
  let c = 0;
  if (version !== 4) {
    a = words[at + 1];
    b = words[at];
    c = words[at + 3];
  }
  const first = slotOf(a, b, c, d, version);
  let slot = first;
  for (let probe = 0; probe < PROBES; probe += 1) {
    slot = (first + probe) & (SLOTS - 1);
    if (versions[slot] === 0) return remember(slot, [a, b, c, d], version);
    const i = slot * 4;
    const same = known[i + 3] === d && known[i] === a && known[i + 1] === b && known[i + 2] === c;
    if (same && versions[slot] === version) return texts[slot];
  }
  victim = (victim + 1) % PROBES;
  return remember((first + victim) & (SLOTS - 1), [a, b, c, d], version);
}

/**
 * @param {number} slot
 * @param {number[]} words
 * @param {number} version
 */
function remember(slot, words, version) {
  known.set(words, slot * 4);
  versions[slot] = version;
  texts[slot] = textOfBytes(bigEndian(version === 4 ? words.slice(3) : words));
  return texts[slot];
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
 * @param {Uint32Array} words
 * @param {number} at As in `addressText`.
 * @param {number} version 4 or 6
 * @returns {Uint8Array}
 */
export function addressBytes(words, at, version) {
  if (version === 4) return bigEndian([words[at + 2]]);
  return bigEndian([words[at + 1], words[at], words[at + 3], words[at + 2]]);
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
 * @param {number} hi Bits 47 to 16.
 * @param {number} lo Bits 15 to 0.
 * @returns {string}
 */
export function macText(hi, lo) {
  const digits = hi.toString(16).padStart(8, "0") + lo.toString(16).padStart(4, "0");
  return digits.replace(/..(?=.)/g, "$&:");
}
