/**
 * Emit a row when the call ends. Where the host refuses it then, the call fails, which ends the
 * instance: a kind or field breaks a rule, or the call emits more rows than the host takes.
 *
 * @param {Event} event
 */
export function emit(event: Event): void;
/**
 * Emit rows now, in order: all of them, or, if the host refuses one, none.
 *
 * @param {Event[]} rows
 * @throws {HostError} The host refused them.
 */
export function emitAll(rows: Event[]): void;
import type { Event } from "./event.js";
