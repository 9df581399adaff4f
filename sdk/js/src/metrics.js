import * as host from "#host/metrics";

import { HostError } from "./errors.js";
import * as pending from "./pending.js";

/**
 * Metrics in the host's registry. They outlive the instance: a plugin that is replaced and defines the
 * same series again goes on counting where the old one stopped. Values are collected here and cross to
 * the host once, when the call ends.
 *
 * @module
 */

/** Label names and values. @typedef {{ [name: string]: string }} Labels */

/** Set in the handles of overflow series; see `wit/capabilities.wit`. */
const OVERFLOW_BIT = 0x8000_0000;

class Series {
  /**
   * @param {string} name
   * @param {() => number} define
   */
  constructor(name, define) {
    /** @protected */
    this.slot = pending.slot(defined(name, define));
  }

  /**
   * Whether it is the overflow series of its metric, which takes what is meant for labels for which the
   * host has no room.
   *
   * @returns {boolean}
   */
  get isOverflow() {
    return (this.slot.id & OVERFLOW_BIT) !== 0;
  }

  /**
   * Drop the series and its value, for labels that are of no interest any more. What the call in
   * progress did to it is dropped too. Leaves an overflow series as it is, since it is for others too.
   */
  forget() {
    if (!this.isOverflow) pending.forget(this.slot);
  }
}

/** A number that only grows. By convention its name ends in `_total`. */
export class Counter extends Series {
  /**
   * The series of that name and those labels: new, or known from before a reload. A host call.
   *
   * Names and label names are Prometheus': `[a-zA-Z_][a-zA-Z0-9_]*`. Refused: the prefix `ringtap_`, the
   * labels `plugin`, `le` and `__*`, a name that stands for another kind of metric already, and names,
   * labels and texts over the bounds in `wit/capabilities.wit`. The host adds the label `plugin`.
   *
   * Beyond the operator's limit of series, this is the overflow series of the metric, whose labels all
   * say `(overflow)`. What is set for a gauge there goes nowhere.
   *
   * @param {string} name
   * @param {string} help
   * @param {Labels} [labels]
   * @throws {HostError} A name or label breaks a rule.
   */
  constructor(name, help, labels = {}) {
    super(name, () => host.counter(name, help, Object.entries(labels)));
  }

  /**
   * The series of that name, told apart by the values of labels and made when first used.
   *
   * @param {string} name
   * @param {string} help
   * @param {string[]} labels
   * @returns {Family<Counter>}
   */
  static family(name, help, labels) {
    return familyOf(labels, (values) => new Counter(name, help, values));
  }

  /** Add one. */
  inc() {
    pending.set(this.slot, this.slot.value + 1);
  }

  /**
   * Add a number, whole or not. Exact up to 2^53, as Prometheus is.
   *
   * @param {number} delta Finite and not negative.
   */
  add(delta) {
    if (!(delta >= 0 && delta < Infinity)) throw new RangeError(`a counter can't grow by ${delta}`);
    pending.set(this.slot, this.slot.value + delta);
  }
}

/** A number that is set. */
export class Gauge extends Series {
  /**
   * As `Counter`'s.
   *
   * @param {string} name
   * @param {string} help
   * @param {Labels} [labels]
   * @throws {HostError} A name or label breaks a rule.
   */
  constructor(name, help, labels = {}) {
    super(name, () => host.gauge(name, help, Object.entries(labels)));
  }

  /**
   * As `Counter.family`.
   *
   * @param {string} name
   * @param {string} help
   * @param {string[]} labels
   * @returns {Family<Gauge>}
   */
  static family(name, help, labels) {
    return familyOf(labels, (values) => new Gauge(name, help, values));
  }

  /**
   * Set it. The last value of a call counts.
   *
   * @param {number} value
   */
  set(value) {
    pending.set(this.slot, value);
  }
}

/** Counts of observations under upper bounds. */
export class Histogram extends Series {
  /**
   * As `Counter`'s.
   *
   * @param {string} name
   * @param {string} help
   * @param {number[]} bounds Upper bounds, finite and growing, at most 64; `+Inf` is added.
   * @param {Labels} [labels]
   * @throws {HostError} A name, a label or the bounds break a rule.
   */
  constructor(name, help, bounds, labels = {}) {
    super(name, () => host.histogram(name, help, bounds, Object.entries(labels)));
  }

  /**
   * As `Counter.family`.
   *
   * @param {string} name
   * @param {string} help
   * @param {number[]} bounds
   * @param {string[]} labels
   * @returns {Family<Histogram>}
   */
  static family(name, help, bounds, labels) {
    return familyOf(labels, (values) => new Histogram(name, help, bounds, values));
  }

  /**
   * Count a value.
   *
   * @param {number} value Not NaN.
   */
  observe(value) {
    if (Number.isNaN(value)) throw new RangeError("a histogram can't observe NaN");
    pending.observe(this.slot, value);
  }
}

/**
 * Series of one name, told apart by the values of labels. Each is defined when it is first used; later
 * uses find it here, without a host call.
 *
 * Holds as many series as there are values: with values from packets, drop those that don't matter any
 * more with `forget`, or the host's limit will be reached. Then the values of new ones go into the
 * overflow series of the metric, at the price of a host call for each use.
 *
 * @template {Counter | Gauge | Histogram} M
 */
export class Family {
  /**
   * @internal
   * @param {string[]} labels
   * @param {(values: Labels) => M} make
   */
  constructor(labels, make) {
    /** @protected */
    this.labels = labels;
    /** @protected */
    this.make = make;
    /**
     * @protected
     * @type {Map<string, M>}
     */
    this.byValues = new Map();
  }

  /**
   * The series with these values of the labels, in the order in which the labels were named.
   *
   * @param {...string} values
   * @returns {M}
   * @throws {HostError} A name or label breaks a rule.
   */
  with(...values) {
    const key = keyOf(values);
    return this.byValues.get(key) ?? this.define(key, values);
  }

  /**
   * @protected
   * @param {string} key
   * @param {string[]} values
   */
  define(key, values) {
    if (values.length !== this.labels.length) {
      throw new RangeError(`there are ${this.labels.length} labels, not ${values.length}`);
    }
    const series = this.make(Object.fromEntries(this.labels.map((name, i) => [name, values[i]])));
    // Nothing bounds how many overflow, and there may be room for them later: they are not remembered.
    if (!series.isOverflow) this.byValues.set(key, series);
    return series;
  }

  /**
   * Drop the series with these values, if there is one.
   *
   * @param {...string} values
   */
  forget(...values) {
    const key = keyOf(values);
    this.byValues.get(key)?.forget();
    this.byValues.delete(key);
  }

  /** How many series there are, without the one for overflow. */
  get size() {
    return this.byValues.size;
  }
}

/**
 * With one label. Most are such, and a list of one value for each use is a list too many.
 *
 * @template {Counter | Gauge | Histogram} M
 * @extends {Family<M>}
 */
class SingleFamily extends Family {
  /**
   * @override
   * @param {string} value
   * @returns {M}
   */
  with(value) {
    return this.byValues.get(value) ?? this.define(value, [value]);
  }
}

/**
 * @template {Counter | Gauge | Histogram} M
 * @param {string[]} labels
 * @param {(values: Labels) => M} make
 * @returns {Family<M>}
 */
function familyOf(labels, make) {
  return labels.length === 1 ? new SingleFamily(labels, make) : new Family(labels, make);
}

/**
 * The values with half a surrogate between them, which is in no text that can cross to the host.
 *
 * @param {string[]} values
 */
function keyOf(values) {
  return values.length === 1 ? values[0] : values.join("\ud800");
}

/**
 * @param {string} name
 * @param {() => number} define
 */
function defined(name, define) {
  try {
    return define();
  } catch (error) {
    throw new HostError(`can't define the metric ${name}`, error);
  }
}
