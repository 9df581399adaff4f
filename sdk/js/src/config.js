import { ConfigError } from "./errors.js";
import { quoted } from "./quoted.js";
import { parse } from "./toml/document.js";

/** @import { TomlValue } from "./toml/value.js" */

/**
 * A plugin's config: TOML with one level of keys, read key by key.
 *
 * ```js
 * const config = Config.parse(text);
 * const top = config.integer("top", 20, 1, 1000);
 * config.finish();
 * ```
 */
export class Config {
  /**
   * @private
   * @param {Map<string, TomlValue>} keys
   */
  constructor(keys) {
    /** @private */
    this.keys = keys;
    /**
     * @private
     * @type {string[]}
     */
    this.known = [];
  }

  /**
   * Read the text that `init` got. Empty is valid; tables are not, nor more than 256 keys.
   *
   * @param {string} source
   * @returns {Config}
   * @throws {ConfigError} It is no such text.
   */
  static parse(source) {
    return new Config(parse(source));
  }

  /**
   * A whole number in a range, both ends in it; up to 2^53.
   *
   * @param {string} key
   * @param {number} fallback Where the key is not there.
   * @param {number} min
   * @param {number} max
   * @returns {number}
   * @throws {ConfigError} Something else stands there.
   */
  integer(key, fallback, min, max) {
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0)) {
      throw new RangeError(`the range of \`${key}\` has to be within 0 and 2^53`);
    }
    return this.read(key, fallback, `a whole number from ${min} to ${max}`, (value) => {
      const number = value.type === "integer" ? wholeNumber(value.digits, value.radix) : undefined;
      return number !== undefined && number >= min && number <= max ? Number(number) : undefined;
    });
  }

  /**
   * A time in seconds, whole ones, in a range.
   *
   * @param {string} key
   * @param {number} fallback
   * @param {number} min
   * @param {number} max
   * @returns {number} Seconds.
   * @throws {ConfigError} Something else stands there.
   */
  seconds(key, fallback, min, max) {
    return this.integer(key, fallback, min, max);
  }

  /**
   * `true` or `false`.
   *
   * @param {string} key
   * @param {boolean} fallback
   * @returns {boolean}
   * @throws {ConfigError} Something else stands there.
   */
  truth(key, fallback) {
    return this.read(key, fallback, "true or false", (value) =>
      value.type === "truth" ? value.truth : undefined,
    );
  }

  /**
   * A text.
   *
   * @param {string} key
   * @param {string} fallback
   * @returns {string}
   * @throws {ConfigError} Something else stands there.
   */
  text(key, fallback) {
    return this.read(key, fallback, "a text in quotes", (value) =>
      value.type === "text" ? value.text : undefined,
    );
  }

  /**
   * Refuse the keys that nothing asked for: they are misspelt.
   *
   * @throws {ConfigError} There is one.
   */
  finish() {
    for (const key of this.keys.keys()) {
      throw new ConfigError(
        `config key \`${key}\` is not known; there are: ${this.known.join(", ")}`,
      );
    }
  }

  /**
   * @private
   * @template T
   * @param {string} key
   * @param {T} fallback
   * @param {string} expected
   * @param {(value: TomlValue) => T | undefined} read
   * @returns {T}
   */
  read(key, fallback, expected, read) {
    this.known.push(key);
    const value = this.keys.get(key);
    if (value === undefined) return fallback;
    this.keys.delete(key);
    const good = read(value);
    if (good === undefined) {
      throw new ConfigError(
        `config key \`${key}\`: ${shown(value)} won't do, it must be ${expected}`,
      );
    }
    return good;
  }
}

const DIGITS = new Map([
  [2, /^\+?[01]+$/],
  [8, /^\+?[0-7]+$/],
  [10, /^\+?[0-9]+$/],
  [16, /^\+?[0-9a-fA-F]+$/],
]);

const PREFIX = new Map([
  [2, "0b"],
  [8, "0o"],
  [10, ""],
  [16, "0x"],
]);

/**
 * @param {string} digits
 * @param {number} radix
 * @returns {bigint | undefined}
 */
function wholeNumber(digits, radix) {
  if (!DIGITS.get(radix)?.test(digits)) return undefined;
  return BigInt(PREFIX.get(radix) + digits.replace("+", ""));
}

/** @param {TomlValue} value */
function shown(value) {
  switch (value.type) {
    case "text":
      return quoted(value.text);
    case "truth":
      return String(value.truth);
    case "integer":
      return value.digits;
    case "other":
      return value.text;
    default:
      return "an array or table";
  }
}
