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
     * Read the text that `init` got. Empty is valid; tables are not, nor more than 256 keys.
     *
     * @param {string} source
     * @returns {Config}
     * @throws {ConfigError} It is no such text.
     */
    static parse(source: string): Config;
    /**
     * @private
     * @param {Map<string, TomlValue>} keys
     */
    private constructor();
    /** @private */
    private keys;
    /**
     * @private
     * @type {string[]}
     */
    private known;
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
    integer(key: string, fallback: number, min: number, max: number): number;
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
    seconds(key: string, fallback: number, min: number, max: number): number;
    /**
     * `true` or `false`.
     *
     * @param {string} key
     * @param {boolean} fallback
     * @returns {boolean}
     * @throws {ConfigError} Something else stands there.
     */
    truth(key: string, fallback: boolean): boolean;
    /**
     * A text.
     *
     * @param {string} key
     * @param {string} fallback
     * @returns {string}
     * @throws {ConfigError} Something else stands there.
     */
    text(key: string, fallback: string): string;
    /**
     * Refuse the keys that nothing asked for: they are misspelt.
     *
     * @throws {ConfigError} There is one.
     */
    finish(): void;
    /**
     * @private
     * @template T
     * @param {string} key
     * @param {T} fallback
     * @param {string} expected
     * @param {(value: TomlValue) => T | undefined} read
     * @returns {T}
     */
    private read;
}
