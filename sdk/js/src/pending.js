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
let changed = [];

/** @type {number[]} */
let ids = [];

/** @type {number[]} */
let values = [];

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
  ids.push(series.id);
  values.push(value);
}

/**
 * Drop the series, and what the call did to it so far.
 *
 * @param {Slot} series
 */
export function forget(series) {
  series.forgotten = true;
  values = values.filter((_, index) => ids[index] !== series.id);
  ids = ids.filter((id) => id !== series.id);
  forgotten.push(series.id);
}

/**
 * Hand over what the call did. The host refuses only what the functions here do not let a plugin do,
 * or the use of a series through one handle after it was forgotten through another.
 */
function flush() {
  collect();
  if (ids.length > 0) {
    const [allIds, allValues] = [ids, values];
    [ids, values] = [[], []];
    hand("the host refused values of metrics", () => host.update(allIds, allValues));
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
      ids.push(series.id);
      values.push(series.value);
      series.value = 0;
    }
  }
  changed = [];
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
