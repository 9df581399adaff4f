/**
 * Where things end in TOML. `start` is where they start in `source`; the answer is behind their end.
 */
/**
 * @param {string} source
 * @param {number} start
 */
export function spaceEnd(source: string, start: number): number;
/**
 * A bare word: all up to what has a meaning, quotes left out, since one may have been forgotten.
 *
 * @param {string} source
 * @param {number} start
 */
export function wordEnd(source: string, start: number): number;
/**
 * @param {string} source
 * @param {number} start
 */
export function commentEnd(source: string, start: number): number;
/**
 * A string in quotes. One that is not closed ends with its line, or with the text.
 *
 * @param {string} source
 * @param {number} start
 */
export function stringEnd(source: string, start: number): number;
