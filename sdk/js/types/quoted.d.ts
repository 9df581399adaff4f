/**
 * A text in quotes, as messages show it.
 *
 * @param {string} value
 * @returns {string}
 */
export function quoted(value: string): string;
