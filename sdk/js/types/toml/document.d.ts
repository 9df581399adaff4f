/**
 * Read TOML 1.1 without tables. What is refused is refused in the words of the Rust SDK, so that an
 * operator reads the same whatever a plugin is written in.
 *
 * @param {string} source
 * @returns {Map<string, TomlValue>}
 * @throws {ConfigError} It is no such text; the message has the line.
 */
export function parse(source: string): Map<string, TomlValue>;
import type { TomlValue } from "./value.js";
