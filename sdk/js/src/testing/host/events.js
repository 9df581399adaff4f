import { host, refuse } from "../recorder.js";

/** @import { RawEvent } from "../../event.js" */

/** @param {RawEvent[]} rows */
export function emit(rows) {
  host.recorder.calls += 1;
  if (host.recorder.refuseEvents) refuse("told to refuse");
  host.recorder.events.push(...rows.map((row) => structuredClone(row)));
}
