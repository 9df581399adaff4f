/**
 * A small store of the plugin's own, which outlives its instances and the runtime.
 *
 * Not granted unless the operator says so (`kv` in the plugin's `grants`): a plugin that calls any of
 * this is refused without. Keys are texts of 1 to 256 bytes, values at most 64 KiB, and there are as
 * many of both as the operator's limit allows. What a call sets or deletes is kept when it returns; a
 * call that throws or overruns leaves the store as it was. In replay it starts empty and is not kept.
 *
 * @module
 */

import * as host from "#host/kv";

import { HostError } from "./errors.js";
import { quoted } from "./quoted.js";

/**
 * The value of a key, what this call set included. A host call, as all here: keep the answer.
 *
 * @param {string} key
 * @returns {Uint8Array | undefined}
 */
export function get(key) {
  return host.get(key);
}

/**
 * Give a key a value.
 *
 * @param {string} key
 * @param {Uint8Array} value
 * @throws {HostError} The key, the value or the store is at a bound.
 */
export function set(key, value) {
  try {
    host.set(key, value);
  } catch (error) {
    throw new HostError(`can't store the key ${quoted(key)}`, error);
  }
}

/**
 * Drop a key and its value. Nothing happens where there is no such key.
 *
 * @param {string} key
 */
export function remove(key) {
  host.remove(key);
}

/**
 * Keys that start with `prefix`, in the order of their bytes. All of them with an empty one.
 *
 * @param {string} [prefix]
 * @returns {string[]}
 */
export function keys(prefix = "") {
  return host.keys(prefix);
}
