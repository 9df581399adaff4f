import { OVERFLOW_BIT, host, refuse } from "../recorder.js";

/** @import { Series } from "../recorder.js" */

/** What the labels of an overflow series say; see `wit/capabilities.wit`. */
const OVERFLOW = "(overflow)";

/** @typedef {Array<[string, string]>} Labels */

/**
 * @param {string} name
 * @param {string} _help
 * @param {Labels} labels
 */
export const counter = (name, _help, labels) => define("counter", name, labels);

/**
 * @param {string} name
 * @param {string} _help
 * @param {Labels} labels
 */
export const gauge = (name, _help, labels) => define("gauge", name, labels);

/**
 * @param {string} name
 * @param {string} _help
 * @param {number[]} _bounds
 * @param {Labels} labels
 */
export const histogram = (name, _help, _bounds, labels) => define("histogram", name, labels);

/**
 * @param {Series["kind"]} kind
 * @param {string} name
 * @param {Labels} labels
 * @returns {number}
 */
function define(kind, name, labels) {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) refuse(`${name} is no name of a metric`);
  const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
  const known = find(name, sorted);
  if (known >= 0) return known;
  const own = host.recorder.series.filter((series) => series && !series.overflow);
  if (own.length < host.recorder.maxSeries) return add(kind, name, sorted, false);
  const overflow = sorted.map(([label]) => /** @type {[string, string]} */ ([label, OVERFLOW]));
  const other = find(name, overflow);
  return ((other >= 0 ? other : add(kind, name, overflow, true)) | OVERFLOW_BIT) >>> 0;
}

/**
 * @param {string} name
 * @param {Labels} labels
 */
function find(name, labels) {
  const key = JSON.stringify([name, labels]);
  return host.recorder.series.findIndex(
    (series) => series && JSON.stringify([series.name, series.labels]) === key,
  );
}

/**
 * @param {Series["kind"]} kind
 * @param {string} name
 * @param {Labels} labels
 * @param {boolean} overflow
 */
function add(kind, name, labels, overflow) {
  return host.recorder.series.push({ kind, name, labels, overflow, value: 0 }) - 1;
}

/**
 * @param {Uint32Array} ids
 * @param {Float64Array} values
 */
export function update(ids, values) {
  host.recorder.calls += 1;
  for (const [index, id] of ids.entries()) {
    const series = host.recorder.series[id & ~OVERFLOW_BIT];
    if (series === undefined) return refuse(`no series has the handle ${id}`);
    if (series.kind !== "gauge") series.value += values[index];
    else if (!series.overflow) series.value = values[index];
  }
  return undefined;
}

/** @param {number[]} ids */
export function forget(ids) {
  for (const id of ids) {
    if (host.recorder.series[id] === undefined) refuse(`no series has the handle ${id}`);
    host.recorder.series[id] = undefined;
  }
}
