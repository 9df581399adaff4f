/**
 * A value of a field, with its type: JavaScript's numbers do not tell whether they are whole. The
 * numbers of `int` and `uint` are BigInts.
 *
 * @typedef {{ tag: "text", val: string }
 *   | { tag: "int" | "uint", val: bigint }
 *   | { tag: "float", val: number }
 *   | { tag: "truth", val: boolean }
 *   | { tag: "bytes", val: Uint8Array }} Value
 */

/**
 * An event as it crosses to the host.
 *
 * @typedef {{ kind: string, timeNs: bigint, fields: Array<[string, Value]> }} RawEvent
 */

/** Fields by name; those that are `undefined` are left out. @typedef {{ [name: string]: Value | undefined }} Values */

/**
 * A text.
 *
 * @param {string} value
 * @returns {Value}
 */
export function text(value) {
  return { tag: "text", val: value };
}

/**
 * A whole number that may be negative, within 64 bits.
 *
 * @param {number | bigint} value
 * @returns {Value}
 */
export function int(value) {
  return { tag: "int", val: whole(value, -(2n ** 63n), 2n ** 63n - 1n) };
}

/**
 * A whole number that is not negative, within 64 bits.
 *
 * @param {number | bigint} value
 * @returns {Value}
 */
export function uint(value) {
  return { tag: "uint", val: whole(value, 0n, 2n ** 64n - 1n) };
}

/**
 * Any number.
 *
 * @param {number} value
 * @returns {Value}
 */
export function float(value) {
  return { tag: "float", val: value };
}

/**
 * True or false.
 *
 * @param {boolean} value
 * @returns {Value}
 */
export function truth(value) {
  return { tag: "truth", val: value };
}

/**
 * Bytes. They are copied when the event crosses to the host, at the end of the call at the latest.
 *
 * @param {Uint8Array} value
 * @returns {Value}
 */
export function bytes(value) {
  return { tag: "bytes", val: value };
}

/**
 * @param {number | bigint} value
 * @param {bigint} min
 * @param {bigint} max
 * @returns {bigint}
 */
function whole(value, min, max) {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is no whole number up to 2^53; beyond it takes a BigInt`);
  }
  const number = BigInt(value);
  if (number < min || number > max) throw new RangeError(`${value} is not from ${min} to ${max}`);
  return number;
}

/** A named row with typed fields. Told to the host by `emit`. */
export class Event {
  /**
   * @param {string} kind What the row is about, such as `flow`: 1 to 64 characters of `a-z 0-9 _ . -`.
   * @param {bigint} timeNs Unix time.
   * @param {Values | Array<[string, Value]>} fields In order. Names are 1 to 64 characters of
   *   `a-z A-Z 0-9 _`; `kind`, `time_ns` and `plugin` are the host's. Fields that are `undefined` are
   *   left out.
   */
  constructor(kind, timeNs, fields = {}) {
    this.kind = kind;
    this.timeNs = timeNs;
    /**
     * Names and values, in order.
     *
     * @type {Array<[string, Value]>}
     */
    this.fields = [];
    for (const [name, value] of Array.isArray(fields) ? fields : Object.entries(fields)) {
      if (value !== undefined) this.fields.push([name, value]);
    }
  }

  /**
   * @internal
   * @param {RawEvent} raw
   * @returns {Event}
   */
  static fromRaw({ kind, timeNs, fields }) {
    return new Event(kind, timeNs, fields);
  }

  /**
   * The value of a field, if there is one of that name.
   *
   * @param {string} name
   * @returns {Value | undefined}
   */
  value(name) {
    return this.fields.find(([known]) => known === name)?.[1];
  }

  /**
   * A field, if it is a text.
   *
   * @param {string} name
   * @returns {string | undefined}
   */
  text(name) {
    const value = this.value(name);
    return value?.tag === "text" ? value.val : undefined;
  }

  /**
   * A field, if it is a whole number that is not negative.
   *
   * @param {string} name
   * @returns {bigint | undefined}
   */
  uint(name) {
    const number = this.whole(name);
    return number !== undefined && number >= 0n ? number : undefined;
  }

  /**
   * A field, if it is a whole number within the range of 64 bits with a sign.
   *
   * @param {string} name
   * @returns {bigint | undefined}
   */
  int(name) {
    const number = this.whole(name);
    return number !== undefined && number < 2n ** 63n ? number : undefined;
  }

  /**
   * A field, if it is a number. A whole one beyond 2^53 is rounded.
   *
   * @param {string} name
   * @returns {number | undefined}
   */
  float(name) {
    const value = this.value(name);
    if (value?.tag === "float") return value.val;
    const number = this.whole(name);
    return number === undefined ? undefined : Number(number);
  }

  /**
   * A field, if it is true or false.
   *
   * @param {string} name
   * @returns {boolean | undefined}
   */
  truth(name) {
    const value = this.value(name);
    return value?.tag === "truth" ? value.val : undefined;
  }

  /**
   * A field, if it is bytes.
   *
   * @param {string} name
   * @returns {Uint8Array | undefined}
   */
  bytes(name) {
    const value = this.value(name);
    return value?.tag === "bytes" ? value.val : undefined;
  }

  /** @param {string} name */
  whole(name) {
    const value = this.value(name);
    return value?.tag === "int" || value?.tag === "uint" ? value.val : undefined;
  }

  /**
   * The same row of another kind.
   *
   * @param {string} kind
   * @returns {Event}
   */
  withKind(kind) {
    return new Event(kind, this.timeNs, this.fields);
  }

  /**
   * The row with a value in place of the one that the field has, or with the field added.
   *
   * @param {string} name
   * @param {Value} value
   * @returns {Event}
   */
  with(name, value) {
    const known = this.value(name) !== undefined;
    /** @type {Array<[string, Value]>} */
    const fields = this.fields.map((field) => (field[0] === name ? [name, value] : field));
    return new Event(this.kind, this.timeNs, known ? fields : [...fields, [name, value]]);
  }

  /**
   * The row without a field, if it has it.
   *
   * @param {string} name
   * @returns {Event}
   */
  without(name) {
    const fields = this.fields.filter(([known]) => known !== name);
    return new Event(this.kind, this.timeNs, fields);
  }
}
