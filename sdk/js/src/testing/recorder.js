/** @import { RawEvent } from "../event.js" */
/** @import { Level } from "../log.js" */

/** Set in the handles of overflow series; see `wit/capabilities.wit`. */
export const OVERFLOW_BIT = 0x8000_0000;

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {Array<[string, string]>} labels Sorted by name.
 * @property {"counter" | "gauge" | "histogram"} kind
 * @property {boolean} overflow
 * @property {number} value The sum of a counter or histogram, the last value of a gauge.
 */

/** A host for tests that keeps what it is told and refuses what it is asked to. */
export class Recorder {
  nowNs = 0n;
  /** @type {Map<number, string>} */
  interfaces = new Map();
  /** @type {Array<[Level, string]>} */
  lines = [];
  /** @type {RawEvent[]} */
  events = [];
  refuseEvents = false;
  /** By handle; `undefined` when forgotten. @type {Array<Series | undefined>} */
  series = [];
  maxSeries = Infinity;
  /** @type {Map<string, Uint8Array>} */
  store = new Map();
  refuseKv = false;
  /** Random numbers drawn so far. */
  drawn = 0n;
  /** Calls of the host so far that carried metrics or events. */
  calls = 0;

  /** As it is now, for `undo`. */
  copy() {
    const copy = Object.assign(new Recorder(), this);
    copy.events = [...this.events];
    copy.series = this.series.map((series) => series && { ...series });
    copy.store = new Map(this.store);
    copy.interfaces = new Map(this.interfaces);
    return copy;
  }
}

/** The host, one for a thread: what a plugin calls has no other way to find it. */
export const host = { recorder: new Recorder() };

/**
 * As the bindings throw a refusal.
 *
 * @param {string} reason
 * @returns {never}
 */
export function refuse(reason) {
  throw Object.assign(new Error(reason), { payload: reason });
}
