/**
 * As the bindings throw a refusal.
 *
 * @param {string} reason
 * @returns {never}
 */
export function refuse(reason: string): never;
/** @import { RawEvent } from "../event.js" */
/** @import { Level } from "../log.js" */
/** Set in the handles of overflow series; see `wit/capabilities.wit`. */
export const OVERFLOW_BIT: 2147483648;
/**
 * @typedef {object} Series
 * @property {string} name
 * @property {Array<[string, string]>} labels Sorted by name.
 * @property {"counter" | "gauge" | "histogram"} kind
 * @property {boolean} overflow
 * @property {number} value The sum of a counter or histogram, the last value of a gauge.
 */
/** A host for tests that keeps what it is told and refuses what it is asked to. */
export class Recorder {
    nowNs: bigint;
    /** @type {Map<number, string>} */
    interfaces: Map<number, string>;
    /** @type {Array<[Level, string]>} */
    lines: Array<[Level, string]>;
    /** @type {RawEvent[]} */
    events: RawEvent[];
    refuseEvents: boolean;
    /** By handle; `undefined` when forgotten. @type {Array<Series | undefined>} */
    series: Array<Series | undefined>;
    maxSeries: number;
    /** @type {Map<string, Uint8Array>} */
    store: Map<string, Uint8Array>;
    refuseKv: boolean;
    /** Random numbers drawn so far. */
    drawn: bigint;
    /** Calls of the host so far that carried metrics or events. */
    calls: number;
    /** As it is now, for `undo`. */
    copy(): Recorder & this;
}
export namespace host {
    let recorder: Recorder;
}
export type Series = {
    name: string;
    /**
     * Sorted by name.
     */
    labels: Array<[string, string]>;
    kind: "counter" | "gauge" | "histogram";
    overflow: boolean;
    /**
     * The sum of a counter or histogram, the last value of a gauge.
     */
    value: number;
};
import type { Level } from "../log.js";
import type { RawEvent } from "../event.js";
