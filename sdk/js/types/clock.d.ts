/**
 * Unix time in ns. In replay the time of the capture, which stands still during a call.
 *
 * @returns {bigint}
 */
export function nowNs(): bigint;
