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
export function addressText(words: Uint32Array, at: number, version: number): string;
/**
 * The bytes of an address in network order.
 *
 * @param {Uint32Array} words
 * @param {number} at As in `addressText`.
 * @param {number} version 4 or 6
 * @returns {Uint8Array}
 */
export function addressBytes(words: Uint32Array, at: number, version: number): Uint8Array;
/**
 * A MAC address as text.
 *
 * @param {number} hi Bits 47 to 16.
 * @param {number} lo Bits 15 to 0.
 * @returns {string}
 */
export function macText(hi: number, lo: number): string;
