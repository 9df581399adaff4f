import * as host from "#host/metrics";

import { atEnd } from "./call.js";
import { HostError } from "./errors.js";

/**
 * A series and what the call in progress did to it.
 *
 * @typedef {object} Slot
 * @property {number} id
 * @property {number} value
 * @property {boolean} queued
 * @property {boolean} forgotten
 */

/** @type {Slot[]} */
const changed = [];

// What crosses next. Kept from call to call, and handed over as they are: an array of numbers would be
// made anew each time, and copied one by one.
let ids = new Uint32Array(256);
let values = new Float64Array(256);
let count = 0;

/** @type {number[]} */
let forgotten = [];

/**
 * @param {number} id
 * @returns {Slot}
 */
export function slot(id) {
  atEnd.metrics = flush;
  return { id, value: 0, queued: false, forgotten: false };
}

/**
 * @param {Slot} series
 * @param {number} value
 */
export function set(series, value) {
  series.value = value;
  if (!series.queued) {
    series.queued = true;
    changed.push(series);
  }
}

/**
 * @param {Slot} series
 * @param {number} value
 */
export function observe(series, value) {
  push(series.id, value);
}

/**
 * @param {number} id
 * @param {number} value
 */
function push(id, value) {
  if (count === ids.length) grow();
  ids[count] = id;
  values[count] = value;
  count += 1;
}

function grow() {
  const [oldIds, oldValues] = [ids, values];
  ids = new Uint32Array(count * 2);
  values = new Float64Array(count * 2);
  ids.set(oldIds);
  values.set(oldValues);
}

/**
 * Drop the series, and what the call did to it so far.
 *
 * @param {Slot} series
 */
export function forget(series) {
  series.forgotten = true;
  const all = count;
  count = 0;
  for (let i = 0; i < all; i += 1) if (ids[i] !== series.id) push(ids[i], values[i]);
  forgotten.push(series.id);
}

/**
 * Hand over what the call did. The host refuses only what the functions here do not let a plugin do,
 * or the use of a series through one handle after it was forgotten through another.
 */
function flush() {
  collect();
  if (count > 0) {
    const all = count;
    count = 0;
    hand("the host refused values of metrics", () => {
      host.update(ids.subarray(0, all), values.subarray(0, all));
    });
  }
  if (forgotten.length > 0) {
    const all = forgotten;
    forgotten = [];
    hand("the host refused to forget series", () => host.forget(all));
  }
}

function collect() {
  for (const series of changed) {
    series.queued = false;
    if (!series.forgotten) {
      push(series.id, series.value);
      series.value = 0;
    }
  }
  changed.length = 0;
}

/**
 * @param {string} what
 * @param {() => void} work
 */
function hand(what, work) {
  try {
    work();
  } catch (error) {
    throw new HostError(what, error);
  }
}
