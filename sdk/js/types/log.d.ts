/** @typedef {"debug" | "info" | "warn" | "error"} Level */
/**
 * For the plugin's author.
 *
 * @param {string} line
 */
export function debug(line: string): void;
/**
 * Worth knowing.
 *
 * @param {string} line
 */
export function info(line: string): void;
/**
 * Something may be wrong.
 *
 * @param {string} line
 */
export function warn(line: string): void;
/**
 * Something is wrong.
 *
 * @param {string} line
 */
export function error(line: string): void;
/**
 * Log an error that ends the instance, with its stack. For the start of `init`.
 *
 * Not done by itself, because it makes every plugin ask for the capability `log`. Without it the
 * operator reads only that the plugin hit an `unreachable` instruction.
 */
export function reportErrors(): void;
export type Level = "debug" | "info" | "warn" | "error";
