/**
 * An IP address as text (RFC 5952), an IPv4-mapped one with its last part dotted:
 * `::ffff:192.0.2.1`.
 *
 * @param {Uint8Array} bytes 4 or 16 of them, in network order.
 * @returns {string}
 */
export function addressText(bytes: Uint8Array): string;
/**
 * The bytes of an IP address, 4 or 16 in network order; `undefined` where the text is none.
 *
 * @param {string} text
 * @returns {Uint8Array | undefined}
 */
export function parseAddress(text: string): Uint8Array | undefined;
