import * as host from "#host/events";

import { atEnd } from "./call.js";
import { HostError } from "./errors.js";

/** @import { Event } from "./event.js" */

/** Rows that are handed over together, at most: what waits for the end of a call stays small. */
const ROWS_AT_ONCE = 64;

/** @type {Event[]} */
let pending = [];

/**
 * Emit a row when the call ends. Where the host refuses it then, the call fails, which ends the
 * instance: a kind or field breaks a rule, or the call emits more rows than the host takes.
 *
 * @param {Event} event
 */
export function emit(event) {
  pending.push(event);
  atEnd.events = flush;
  if (pending.length === ROWS_AT_ONCE) flush();
}

/**
 * Emit rows now, in order: all of them, or, if the host refuses one, none.
 *
 * @param {Event[]} rows
 * @throws {HostError} The host refused them.
 */
export function emitAll(rows) {
  flush();
  hand(rows);
}

function flush() {
  const rows = pending;
  pending = [];
  if (rows.length > 0) hand(rows);
}

/** @param {Event[]} rows */
function hand(rows) {
  try {
    host.emit(rows.map(({ kind, timeNs, fields }) => ({ kind, timeNs, fields })));
  } catch (error) {
    throw new HostError(`the host refused ${rows.length} events`, error);
  }
}
