/**
 * The text of a refusal by the host: bindings throw it as `payload`.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export function reasonOf(thrown: unknown): string;
/**
 * An error and what caused it, in one line. What is no error of ours or a plain one has its name in
 * front, since `x is undefined` alone says little to an operator.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export function chain(thrown: unknown): string;
/** What the host refused. */
export class HostError extends Error {
    /**
     * @param {string} what What could not be done.
     * @param {unknown} thrown What the host's function threw.
     */
    constructor(what: string, thrown: unknown);
    /** The host's words. */
    reason: string;
}
/** What is wrong with the plugin's config. */
export class ConfigError extends Error {
    /** @param {string} message */
    constructor(message: string);
}
