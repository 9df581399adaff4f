export { PacketRecord };
/** @typedef {Partial<ReturnType<typeof definePlugin>>} Exports What the plugin's module exports. */
/**
 * Run a plugin in a test, with a host that keeps what it is told.
 *
 * ```js
 * import * as plugin from "../src/plugin.js";
 *
 * const host = new Harness(plugin, "");
 * host.packets([PacketRecord.udp("10.0.0.1:5000", "10.0.0.2:53").len(70)]);
 * assert.equal(host.metric("bytes_total"), 70);
 * ```
 *
 * One at a time: the host is the thread's.
 */
export class Harness {
    /**
     * Start a plugin on a host that knows of nothing yet.
     *
     * @param {Exports} plugin
     * @param {string} [config]
     * @throws {Error} The plugin refused to start; the message is what an operator reads.
     */
    constructor(plugin: Exports, config?: string);
    /** @private */
    private plugin;
    /** @private */
    private sequence;
    /** What the plugin says about itself. */
    describe(): {
        name: string;
        version: string;
        tickMs: number;
        interests: {
            name: string;
            filter: string;
            sampleOneIn: number;
            sampleBy: "packet" | "flow";
            payload: number;
        }[];
        state: {
            writes: number;
            readsFrom: number;
        } | undefined;
    };
    /**
     * Hand over a batch.
     *
     * @param {PacketRecord[]} records
     */
    packets(records: PacketRecord[]): void;
    /**
     * Hand over a batch, and ask which of its packets go on.
     *
     * @param {PacketRecord[]} records
     * @returns {boolean[]}
     */
    keep(records: PacketRecord[]): boolean[];
    /**
     * Hand over events, each with the plugin that emitted it.
     *
     * @param {Array<[string, Event]>} events
     */
    events(events: Array<[string, Event]>): void;
    /**
     * Set the clock and call `tick`.
     *
     * @param {bigint} nowNs
     */
    tick(nowNs: bigint): void;
    /**
     * Set the clock and call `stop`.
     *
     * @param {bigint} nowNs
     */
    stop(nowNs: bigint): void;
    /**
     * Call `save`, whose effects on the host are undone.
     *
     * @returns {Uint8Array}
     */
    save(): Uint8Array;
    /**
     * Call `restore`: of a plugin that was just started.
     *
     * @param {number} schema
     * @param {Uint8Array} saved
     */
    restore(schema: number, saved: Uint8Array): void;
    /**
     * Replace the instance as the host does: it is saved, and another one starts with that config and
     * restores. Since a module is one plugin here, after an error there is none; the host is as it was.
     *
     * @param {string} [config]
     */
    reload(config?: string): void;
    /**
     * Give an interface a name.
     *
     * @param {number} ifindex
     * @param {string} name
     */
    nameInterface(ifindex: number, name: string): void;
    /**
     * Refuse all events from now on, or take them again.
     *
     * @param {boolean} refuse
     */
    refuseEvents(refuse: boolean): void;
    /**
     * Refuse to store anything from now on, or take it again.
     *
     * @param {boolean} refuse
     */
    refuseKv(refuse: boolean): void;
    /**
     * What the plugin's store has under a key.
     *
     * @param {string} key
     * @returns {Uint8Array | undefined}
     */
    stored(key: string): Uint8Array | undefined;
    /**
     * Give no more series than this; what is beyond goes into overflow series, whose labels all say
     * `(overflow)`.
     *
     * @param {number} max
     */
    limitSeries(max: number): void;
    /**
     * Sum of a counter or histogram, or value of a gauge; `undefined` if there is no such series.
     *
     * @param {string} name
     * @param {{ [label: string]: string }} [labels]
     * @returns {number | undefined}
     */
    metric(name: string, labels?: {
        [label: string]: string;
    }): number | undefined;
    /**
     * Labels, sorted by name, and value of each series of a metric, in the order of definition.
     *
     * @param {string} name
     * @returns {Array<{ labels: Array<[string, string]>, value: number }>}
     */
    metrics(name: string): Array<{
        labels: Array<[string, string]>;
        value: number;
    }>;
    /**
     * Events since the last time this was asked.
     *
     * @returns {Event[]}
     */
    takeEvents(): Event[];
    /**
     * Lines of the log since the last time this was asked.
     *
     * @returns {Array<[Level, string]>}
     */
    takeLog(): Array<[Level, string]>;
    /** How many calls of the host have carried metrics or events so far. */
    get calls(): number;
    /**
     * @private
     * @template {keyof ReturnType<typeof definePlugin>} Role
     * @param {Role} role
     * @returns {ReturnType<typeof definePlugin>[Role]}
     */
    private role;
    /**
     * A batch as the host would hand it over.
     *
     * @private
     * @param {PacketRecord[]} packets
     * @returns {[import("../batch.js").BatchHead, Uint8Array, Uint8Array]}
     */
    private batch;
}
/**
 * What the plugin's module exports.
 */
export type Exports = Partial<ReturnType<typeof definePlugin>>;
import { PacketRecord } from "./record.js";
import { Event } from "../event.js";
import type { Level } from "../log.js";
import type { definePlugin } from "../plugin.js";
