/** The plugin returns from a call. */
export function end(): void;
/**
 * Run a call of the plugin. An error ends the instance; the log may be told before.
 *
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function call<T>(work: () => T): T;
/**
 * What waits for the end of a call of the plugin, to cross to the host once instead of each time.
 * Set by the code that makes such work, never by the glue: a bundler then leaves out the host
 * function of a capability that the plugin does not use.
 *
 * @type {{ events?: () => void, metrics?: () => void, report?: (error: unknown) => void }}
 */
export const atEnd: {
    events?: () => void;
    metrics?: () => void;
    report?: (error: unknown) => void;
};
