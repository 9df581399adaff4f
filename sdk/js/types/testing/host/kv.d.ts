/**
 * @param {string} key
 * @param {Uint8Array} value
 */
export function set(key: string, value: Uint8Array): void;
/** @param {string} key */
export function remove(key: string): void;
/** @param {string} prefix */
export function keys(prefix: string): string[];
export function get(key: string): Uint8Array<ArrayBuffer> | undefined;
