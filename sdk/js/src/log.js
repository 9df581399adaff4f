/**
 * Lines in the operator's log, under the plugin's name. Written at once, also when the call fails
 * later. The host keeps at most 1 KiB of a line.
 *
 * @module
 */

import * as host from "#host/log";

import { atEnd } from "./call.js";
import { chain } from "./errors.js";

/** @typedef {"debug" | "info" | "warn" | "error"} Level */

/**
 * For the plugin's author.
 *
 * @param {string} line
 */
export function debug(line) {
  host.write("debug", line);
}

/**
 * Worth knowing.
 *
 * @param {string} line
 */
export function info(line) {
  host.write("info", line);
}

/**
 * Something may be wrong.
 *
 * @param {string} line
 */
export function warn(line) {
  host.write("warn", line);
}

/**
 * Something is wrong.
 *
 * @param {string} line
 */
export function error(line) {
  host.write("error", line);
}

/**
 * Log an error that ends the instance, with its stack. For the start of `init`.
 *
 * Not done by itself, because it makes every plugin ask for the capability `log`. Without it the
 * operator reads only that the plugin hit an `unreachable` instruction.
 */
export function reportErrors() {
  atEnd.report = (thrown) => {
    const stack = thrown instanceof Error && thrown.stack ? `\n${thrown.stack}` : "";
    error(chain(thrown) + stack);
  };
}
