/** @import { RawEvent } from "../../event.js" */
/** @param {RawEvent[]} rows */
export function emit(rows: RawEvent[]): void;
import type { RawEvent } from "../../event.js";
