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
export function addressText(view: DataView, at: number, version: number): string;
/**
 * The bytes of an address in network order.
 *
 * @param {DataView} view
 * @param {number} at As in `addressText`.
 * @param {number} version 4 or 6
 * @returns {Uint8Array}
 */
export function addressBytes(view: DataView, at: number, version: number): Uint8Array;
/**
 * @param {number} hi Bits 47 to 16.
 * @param {number} lo Bits 15 to 0.
 * @returns {string}
 */
export function macText(hi: number, lo: number): string;
