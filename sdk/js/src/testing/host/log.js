import { host } from "../recorder.js";

/** @import { Level } from "../../log.js" */

/**
 * @param {Level} level
 * @param {string} message
 */
export function write(level, message) {
  host.recorder.lines.push([level, message]);
}
