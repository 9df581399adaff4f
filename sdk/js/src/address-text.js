/**
 * An IP address as text (RFC 5952), an IPv4-mapped one with its last part dotted:
 * `::ffff:192.0.2.1`.
 *
 * @param {Uint8Array} bytes 4 or 16 of them, in network order.
 * @returns {string}
 */
export function addressText(bytes) {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16)
    throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1]);
  const [start, length] = longestZeros(groups);
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** @param {Uint8Array} bytes */
function isMapped(bytes) {
  return (
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  );
}

/** @param {number[]} groups */
function hex(groups) {
  return groups.map((group) => group.toString(16)).join(":");
}

/**
 * Where the first of the longest runs of zeros starts, and how long it is.
 *
 * @param {number[]} groups
 * @returns {[number, number]}
 */
function longestZeros(groups) {
  /** @type {[number, number]} */
  let best = [0, 0];
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best[1]) best = [index + 1 - length, length];
  });
  return best;
}

/**
 * The bytes of an IP address, 4 or 16 in network order; `undefined` where the text is none.
 *
 * @param {string} text
 * @returns {Uint8Array | undefined}
 */
export function parseAddress(text) {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

/** @param {string} text */
function parseV4(text) {
  const parts = text.split(".");
  // A leading 0 would be octal to some.
  const good = parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
  return good && parts.length === 4 ? Uint8Array.from(parts, Number) : undefined;
}

/** @param {string} text */
function parseV6(text) {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail ?? []).length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array(missing).fill(0), ...(tail ?? [])];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/**
 * @param {string} half
 * @param {boolean} isLast Whether an IPv4 address may end it.
 * @returns {number[] | undefined}
 */
function groupsOf(half, isLast) {
  if (half === "") return [];
  const parts = half.split(":");
  const groups = [];
  for (const [index, part] of parts.entries()) {
    const v4 = isLast && index === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push((v4[0] << 8) | v4[1], (v4[2] << 8) | v4[3]);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
