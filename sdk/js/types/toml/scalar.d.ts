/**
 * What a value without quotes is.
 *
 * @param {string} raw
 * @param {number} at Where it starts. Values are on one line, so this is as good as any place in it.
 * @returns {TomlValue}
 */
export function scalar(raw: string, at: number): TomlValue;
import type { TomlValue } from "./value.js";
