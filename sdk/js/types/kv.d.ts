/**
 * The value of a key, what this call set included. A host call, as all here: keep the answer.
 *
 * @param {string} key
 * @returns {Uint8Array | undefined}
 */
export function get(key: string): Uint8Array | undefined;
/**
 * Give a key a value.
 *
 * @param {string} key
 * @param {Uint8Array} value
 * @throws {HostError} The key, the value or the store is at a bound.
 */
export function set(key: string, value: Uint8Array): void;
/**
 * Drop a key and its value. Nothing happens where there is no such key.
 *
 * @param {string} key
 */
export function remove(key: string): void;
/**
 * Keys that start with `prefix`, in the order of their bytes. All of them with an empty one.
 *
 * @param {string} [prefix]
 * @returns {string[]}
 */
export function keys(prefix?: string): string[];
