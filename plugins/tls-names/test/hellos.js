/** @param {number} number */
const u16 = (number) => [number >> 8, number & 255];

/**
 * @param {number} type
 * @param {number[]} body
 */
export const extension = (type, body) => [...u16(type), ...u16(body.length), ...body];

/** @param {string} name */
export function serverName(name) {
  return extension(0, [...u16(name.length + 3), 0, ...u16(name.length), ...Buffer.from(name)]);
}

/** @param {...number} all */
export const versions = (...all) => extension(43, [all.length * 2, ...all.flatMap(u16)]);

/**
 * A ClientHello.
 *
 * @param {number[][] | undefined} extensions
 * @param {number} [version] The legacy one.
 * @returns {Uint8Array}
 */
export function hello(extensions, version = 0x0303) {
  const start = [...u16(version), ...new Array(32).fill(9), 0, 0, 2, 0x13, 1, 1, 0];
  const all = (extensions ?? []).flat();
  const body = extensions === undefined ? start : [...start, ...u16(all.length), ...all];
  const message = [1, 0, ...u16(body.length), ...body];
  return Uint8Array.from([22, 3, 1, ...u16(message.length), ...message]);
}
