/** @import { Level } from "../../log.js" */
/**
 * @param {Level} level
 * @param {string} message
 */
export function write(level: Level, message: string): void;
import type { Level } from "../../log.js";
