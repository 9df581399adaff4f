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
export function text(value: string): Value;
/**
 * A whole number that may be negative, within 64 bits.
 *
 * @param {number | bigint} value
 * @returns {Value}
 */
export function int(value: number | bigint): Value;
/**
 * A whole number that is not negative, within 64 bits.
 *
 * @param {number | bigint} value
 * @returns {Value}
 */
export function uint(value: number | bigint): Value;
/**
 * Any number.
 *
 * @param {number} value
 * @returns {Value}
 */
export function float(value: number): Value;
/**
 * True or false.
 *
 * @param {boolean} value
 * @returns {Value}
 */
export function truth(value: boolean): Value;
/**
 * Bytes. They are copied when the event crosses to the host, at the end of the call at the latest.
 *
 * @param {Uint8Array} value
 * @returns {Value}
 */
export function bytes(value: Uint8Array): Value;
/** A named row with typed fields. Told to the host by `emit`. */
export class Event {
    /**
     * @internal
     * @param {RawEvent} raw
     * @returns {Event}
     */
    static fromRaw({ kind, timeNs, fields }: RawEvent): Event;
    /**
     * @param {string} kind What the row is about, such as `flow`: 1 to 64 characters of `a-z 0-9 _ . -`.
     * @param {bigint} timeNs Unix time.
     * @param {Values | Array<[string, Value]>} fields In order. Names are 1 to 64 characters of
     *   `a-z A-Z 0-9 _`; `kind`, `time_ns` and `plugin` are the host's. Fields that are `undefined` are
     *   left out.
     */
    constructor(kind: string, timeNs: bigint, fields?: Values | Array<[string, Value]>);
    kind: string;
    timeNs: bigint;
    /**
     * Names and values, in order.
     *
     * @type {Array<[string, Value]>}
     */
    fields: Array<[string, Value]>;
    /**
     * The value of a field, if there is one of that name.
     *
     * @param {string} name
     * @returns {Value | undefined}
     */
    value(name: string): Value | undefined;
    /**
     * A field, if it is a text.
     *
     * @param {string} name
     * @returns {string | undefined}
     */
    text(name: string): string | undefined;
    /**
     * A field, if it is a whole number that is not negative.
     *
     * @param {string} name
     * @returns {bigint | undefined}
     */
    uint(name: string): bigint | undefined;
    /**
     * A field, if it is a whole number within the range of 64 bits with a sign.
     *
     * @param {string} name
     * @returns {bigint | undefined}
     */
    int(name: string): bigint | undefined;
    /**
     * A field, if it is a number. A whole one beyond 2^53 is rounded.
     *
     * @param {string} name
     * @returns {number | undefined}
     */
    float(name: string): number | undefined;
    /**
     * A field, if it is true or false.
     *
     * @param {string} name
     * @returns {boolean | undefined}
     */
    truth(name: string): boolean | undefined;
    /**
     * A field, if it is bytes.
     *
     * @param {string} name
     * @returns {Uint8Array | undefined}
     */
    bytes(name: string): Uint8Array | undefined;
    /** @param {string} name */
    whole(name: string): bigint | undefined;
    /**
     * The same row of another kind.
     *
     * @param {string} kind
     * @returns {Event}
     */
    withKind(kind: string): Event;
    /**
     * The row with a value in place of the one that the field has, or with the field added.
     *
     * @param {string} name
     * @param {Value} value
     * @returns {Event}
     */
    with(name: string, value: Value): Event;
    /**
     * The row without a field, if it has it.
     *
     * @param {string} name
     * @returns {Event}
     */
    without(name: string): Event;
}
/**
 * A value of a field, with its type: JavaScript's numbers do not tell whether they are whole. The
 * numbers of `int` and `uint` are BigInts.
 */
export type Value = {
    tag: "text";
    val: string;
} | {
    tag: "int" | "uint";
    val: bigint;
} | {
    tag: "float";
    val: number;
} | {
    tag: "truth";
    val: boolean;
} | {
    tag: "bytes";
    val: Uint8Array;
};
/**
 * An event as it crosses to the host.
 */
export type RawEvent = {
    kind: string;
    timeNs: bigint;
    fields: Array<[string, Value]>;
};
/**
 * Fields by name; those that are `undefined` are left out.
 */
export type Values = {
    [name: string]: Value | undefined;
};
