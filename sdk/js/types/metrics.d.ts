/** A number that only grows. By convention its name ends in `_total`. */
export class Counter extends Series {
    /**
     * The series of that name, told apart by the values of labels and made when first used.
     *
     * @param {string} name
     * @param {string} help
     * @param {string[]} labels
     * @returns {Family<Counter>}
     */
    static family(name: string, help: string, labels: string[]): Family<Counter>;
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
    constructor(name: string, help: string, labels?: Labels);
    /** Add one. */
    inc(): void;
    /**
     * Add a number, whole or not. Exact up to 2^53, as Prometheus is.
     *
     * @param {number} delta Finite and not negative.
     */
    add(delta: number): void;
}
/** A number that is set. */
export class Gauge extends Series {
    /**
     * As `Counter.family`.
     *
     * @param {string} name
     * @param {string} help
     * @param {string[]} labels
     * @returns {Family<Gauge>}
     */
    static family(name: string, help: string, labels: string[]): Family<Gauge>;
    /**
     * As `Counter`'s.
     *
     * @param {string} name
     * @param {string} help
     * @param {Labels} [labels]
     * @throws {HostError} A name or label breaks a rule.
     */
    constructor(name: string, help: string, labels?: Labels);
    /**
     * Set it. The last value of a call counts.
     *
     * @param {number} value
     */
    set(value: number): void;
}
/** Counts of observations under upper bounds. */
export class Histogram extends Series {
    /**
     * As `Counter.family`.
     *
     * @param {string} name
     * @param {string} help
     * @param {number[]} bounds
     * @param {string[]} labels
     * @returns {Family<Histogram>}
     */
    static family(name: string, help: string, bounds: number[], labels: string[]): Family<Histogram>;
    /**
     * As `Counter`'s.
     *
     * @param {string} name
     * @param {string} help
     * @param {number[]} bounds Upper bounds, finite and growing, at most 64; `+Inf` is added.
     * @param {Labels} [labels]
     * @throws {HostError} A name, a label or the bounds break a rule.
     */
    constructor(name: string, help: string, bounds: number[], labels?: Labels);
    /**
     * Count a value.
     *
     * @param {number} value Not NaN.
     */
    observe(value: number): void;
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
export class Family<M extends Counter | Gauge | Histogram> {
    /**
     * @internal
     * @param {string[]} labels
     * @param {(values: Labels) => M} make
     */
    constructor(labels: string[], make: (values: Labels) => M);
    /** @protected */
    protected labels: string[];
    /** @protected */
    protected make: (values: Labels) => M;
    /**
     * @protected
     * @type {Map<string, M>}
     */
    protected byValues: Map<string, M>;
    /**
     * The series with these values of the labels, in the order in which the labels were named.
     *
     * @param {...string} values
     * @returns {M}
     * @throws {HostError} A name or label breaks a rule.
     */
    with(...values: string[]): M;
    /**
     * @protected
     * @param {string} key
     * @param {string[]} values
     */
    protected define(key: string, values: string[]): M;
    /**
     * Drop the series with these values, if there is one.
     *
     * @param {...string} values
     */
    forget(...values: string[]): void;
    /** How many series there are, without the one for overflow. */
    get size(): number;
}
/**
 * Label names and values.
 */
export type Labels = {
    [name: string]: string;
};
declare class Series {
    /**
     * @param {string} name
     * @param {() => number} define
     */
    constructor(name: string, define: () => number);
    /** @protected */
    protected slot: pending.Slot;
    /**
     * Whether it is the overflow series of its metric, which takes what is meant for labels for which the
     * host has no room.
     *
     * @returns {boolean}
     */
    get isOverflow(): boolean;
    /**
     * Drop the series and its value, for labels that are of no interest any more. What the call in
     * progress did to it is dropped too. Leaves an overflow series as it is, since it is for others too.
     */
    forget(): void;
}
import * as pending from "./pending.js";
export {};
