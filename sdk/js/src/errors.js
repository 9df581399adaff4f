/** What the host refused. */
export class HostError extends Error {
  /**
   * @param {string} what What could not be done.
   * @param {unknown} thrown What the host's function threw.
   */
  constructor(what, thrown) {
    const reason = reasonOf(thrown);
    super(`${what}: ${reason}`);
    this.name = "HostError";
    /** The host's words. */
    this.reason = reason;
  }
}

/** What is wrong with the plugin's config. */
export class ConfigError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "ConfigError";
  }
}

/**
 * The text of a refusal by the host: bindings throw it as `payload`.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export function reasonOf(thrown) {
  const payload = /** @type {{ payload?: unknown } | undefined} */ (thrown)?.payload;
  return typeof payload === "string" ? payload : String(thrown);
}

/**
 * An error and what caused it, in one line. What is no error of ours or a plain one has its name in
 * front, since `x is undefined` alone says little to an operator.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export function chain(thrown) {
  if (!(thrown instanceof Error)) return reasonOf(thrown);
  const plain = ["Error", "HostError", "ConfigError"].includes(thrown.name);
  const own = plain ? thrown.message : `${thrown.name}: ${thrown.message}`;
  return thrown.cause === undefined ? own : `${own}: ${chain(thrown.cause)}`;
}
