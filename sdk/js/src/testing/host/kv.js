import { host, refuse } from "../recorder.js";

/** Bytes of a value, at most. */
const MAX_VALUE = 64 << 10;

/** @param {string} key */
export const get = (key) => host.recorder.store.get(key)?.slice();

/**
 * @param {string} key
 * @param {Uint8Array} value
 */
export function set(key, value) {
  const length = Buffer.byteLength(key);
  if (host.recorder.refuseKv) refuse("told to refuse");
  if (length < 1 || length > 256) refuse(`it has ${length} bytes, not 1 to 256`);
  if (value.length > MAX_VALUE) refuse(`its value has ${value.length} bytes, at most ${MAX_VALUE}`);
  host.recorder.store.set(key, value.slice());
}

/** @param {string} key */
export function remove(key) {
  host.recorder.store.delete(key);
}

/** @param {string} prefix */
export function keys(prefix) {
  const all = [...host.recorder.store.keys()].filter((key) => key.startsWith(prefix));
  return all.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
