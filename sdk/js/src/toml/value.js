/**
 * A value as it stands in the config: `digits` are decimal or of another radix, with a sign if one
 * stands there; `other` is a float or a date; `nested` an array or an inline table.
 *
 * @typedef {{ type: "text", text: string }
 *   | { type: "truth", truth: boolean }
 *   | { type: "integer", digits: string, radix: number }
 *   | { type: "other", text: string }
 *   | { type: "nested" }} TomlValue
 */

/** What is wrong with the text, and where. Turned into a `ConfigError` with a line. */
export class Refusal extends Error {
  /**
   * @param {number} at
   * @param {string} reason
   */
  constructor(at, reason) {
    super(reason);
    this.at = at;
  }
}
