/**
 * What a string in quotes says.
 *
 * @param {string} raw With its quotes.
 * @param {number} at Where it starts.
 * @returns {string}
 */
export function stringValue(raw: string, at: number): string;
/** @param {string} raw */
export function isLong(raw: string): boolean;
export type Kind = {
    quote: string;
    what: string;
};
