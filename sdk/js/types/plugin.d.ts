/** @import { Batch, BatchHead } from "./batch.js" */
/** @import { RawEvent } from "./event.js" */
/** @import { Packet } from "./packet.js" */
/**
 * Packets that a plugin wants to see: those that a filter takes, all or a sample of them, and how much
 * of each. The operator may narrow each, and never widens it.
 *
 * @typedef {object} Interest
 * @property {string} name For people: 1 to 64 characters of `a-z 0-9 _ -`, unique within the plugin.
 * @property {string} [filter] In pcap-filter's language, as in `tcpdump`; default: every packet. It is
 *   evaluated in the kernel, so a packet that no plugin wants costs little.
 * @property {number} [sampleOneIn] Keep one in so many: 1 (all, the default) to 1,000,000.
 * @property {"packet" | "flow"} [sampleBy] What decides: chance for every packet (the default), or a
 *   hash of addresses, protocol and ports, so that flows are kept whole, both directions. The same for
 *   all interests of a plugin.
 * @property {number} [payload] Bytes from behind the headers of each packet, 0 (the default) to 1,500.
 *   The operator has to grant them, or the plugin is refused. See `Packet.payload`.
 */
/**
 * An event of another plugin.
 *
 * @typedef {object} Received
 * @property {string} plugin The plugin that emitted it, as the host calls it.
 * @property {Event} event As it was emitted. Emit it to let it pass.
 */
/**
 * What a running plugin can be called for. Each is optional, and a plugin has at most one of
 * `onPackets`, `keep` (or `keepBatch`) and `onEvents`. Calls never overlap, and each has a deadline in
 * CPU time; one that throws or overruns ends the instance and leaves no trace in metrics or events.
 *
 * @typedef {object} Instance
 * @property {(batch: Batch) => void} [onPackets] The role `aggregate`: 1 to 1024 packets.
 * @property {(packet: Packet) => boolean} [keep] The role `filter`: whether the packet goes on to the
 *   plugins whose `input` this plugin is. What interests can say, let them say: they discard in the
 *   kernel.
 * @property {(batch: Batch) => Kept} [keepBatch] In place of `keep`, to know more than one packet at a
 *   time.
 * @property {(events: Received[]) => void} [onEvents] The role `exporter`: 1 to 1024 events of the
 *   plugins that are configured as its `input`; those of one plugin in the order in which it emitted
 *   them. They go nowhere else: what is to reach a sink, this plugin emits.
 * @property {(nowNs: bigint) => void} [tick] Called about every `tickMs`, between batches; missed ticks
 *   are not made up for. Unix time, in replay the capture's.
 * @property {(nowNs: bigint) => void} [stop] Called once, last: the plugin is unloaded or replaced, or
 *   the runtime or the capture ends. Emit what is still held. Not called after a failed call, nor where
 *   `save` has handed on what is held.
 * @property {() => Uint8Array} [save] The role `state`: what the next version gets. Where that one
 *   takes over, this is the last call; where it fails, this instance goes on, so leave in place what
 *   you save. What is done through capabilities is undone. An error keeps this version.
 * @property {(schema: number, saved: Uint8Array) => void} [restore] Called at most once, before all
 *   other calls, with what the version before saved, in a form that `stateSchema` names. Take nothing
 *   on trust. An error refuses this version, and the one before goes on.
 */
/**
 * What a plugin says about itself. It can depend on nothing, the config included: the host asks on an
 * instance of its own that can call no capability.
 *
 * @typedef {object} Definition
 * @property {string} name For people; the host calls an instance by its file. 1 to 64 characters.
 * @property {string} version The plugin's own version, for people. Up to 64 characters.
 * @property {number} [tickMs] How often `tick` is called, in ms; the host rounds up to 10. Default: 0,
 *   never.
 * @property {Interest[]} [interests] Which packets it wants, at most 64; `Packet.matches` tells by their
 *   index which of them took a packet. Default: none, which is every packet, headers only.
 * @property {{ writes: number, readsFrom?: number }} [stateSchema] For a plugin with the role `state`:
 *   the form that `save` writes, and the oldest that `restore` takes (default: that one only).
 * @property {(config: string) => Instance} init Called once, first of all that may call the host, with
 *   the text of `NAME.toml` beside `NAME.wasm`, or an empty one; see `Config`. An error refuses the
 *   plugin, and its message is shown to the operator.
 */
/**
 * Make of a plugin what its component exports. Take those that the plugin has, and no others:
 *
 * ```js
 * export const { lifecycle, aggregate } = definePlugin({
 *   name: "fragments",
 *   version: "1.0.0",
 *   init() {
 *     const fragments = new Counter("fragments_total", "IP fragments seen.");
 *     return {
 *       onPackets(batch) {
 *         for (const packet of batch) if (packet.isFragment) fragments.inc();
 *       },
 *     };
 *   },
 * });
 * ```
 *
 * @param {Definition} definition
 */
export function definePlugin(definition: Definition): {
    lifecycle: {
        describe: () => {
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
        /** @param {string} config */
        init(config: string): void;
        /** @param {bigint} nowNs */
        tick: (nowNs: bigint) => void | undefined;
        /** @param {bigint} nowNs */
        stop: (nowNs: bigint) => void | undefined;
    };
    aggregate: {
        /**
         * @param {BatchHead} head
         * @param {Uint8Array} records
         * @param {Uint8Array} payload
         */
        onPackets(head: BatchHead, records: Uint8Array, payload: Uint8Array): void;
    };
    filter: {
        /**
         * @param {BatchHead} head
         * @param {Uint8Array} records
         * @param {Uint8Array} payload
         */
        keep(head: BatchHead, records: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBufferLike>;
    };
    exporter: {
        /** @param {Array<{ plugin: string, event: RawEvent }>} rows */
        onEvents(rows: Array<{
            plugin: string;
            event: RawEvent;
        }>): void;
    };
    state: {
        /** @returns {Uint8Array} */
        save: () => Uint8Array;
        /**
         * @param {number} schema
         * @param {Uint8Array} saved
         */
        restore(schema: number, saved: Uint8Array): void;
    };
};
/**
 * Packets that a plugin wants to see: those that a filter takes, all or a sample of them, and how much
 * of each. The operator may narrow each, and never widens it.
 */
export type Interest = {
    /**
     * For people: 1 to 64 characters of `a-z 0-9 _ -`, unique within the plugin.
     */
    name: string;
    /**
     * In pcap-filter's language, as in `tcpdump`; default: every packet. It is
     * evaluated in the kernel, so a packet that no plugin wants costs little.
     */
    filter?: string | undefined;
    /**
     * Keep one in so many: 1 (all, the default) to 1,000,000.
     */
    sampleOneIn?: number | undefined;
    /**
     * What decides: chance for every packet (the default), or a
     * hash of addresses, protocol and ports, so that flows are kept whole, both directions. The same for
     * all interests of a plugin.
     */
    sampleBy?: "packet" | "flow" | undefined;
    /**
     * Bytes from behind the headers of each packet, 0 (the default) to 1,500.
     * The operator has to grant them, or the plugin is refused. See `Packet.payload`.
     */
    payload?: number | undefined;
};
/**
 * An event of another plugin.
 */
export type Received = {
    /**
     * The plugin that emitted it, as the host calls it.
     */
    plugin: string;
    /**
     * As it was emitted. Emit it to let it pass.
     */
    event: Event;
};
/**
 * What a running plugin can be called for. Each is optional, and a plugin has at most one of
 * `onPackets`, `keep` (or `keepBatch`) and `onEvents`. Calls never overlap, and each has a deadline in
 * CPU time; one that throws or overruns ends the instance and leaves no trace in metrics or events.
 */
export type Instance = {
    /**
     * The role `aggregate`: 1 to 1024 packets.
     */
    onPackets?: ((batch: Batch) => void) | undefined;
    /**
     * The role `filter`: whether the packet goes on to the
     * plugins whose `input` this plugin is. What interests can say, let them say: they discard in the
     * kernel.
     */
    keep?: ((packet: Packet) => boolean) | undefined;
    /**
     * In place of `keep`, to know more than one packet at a
     * time.
     */
    keepBatch?: ((batch: Batch) => Kept) | undefined;
    /**
     * The role `exporter`: 1 to 1024 events of the
     * plugins that are configured as its `input`; those of one plugin in the order in which it emitted
     * them. They go nowhere else: what is to reach a sink, this plugin emits.
     */
    onEvents?: ((events: Received[]) => void) | undefined;
    /**
     * Called about every `tickMs`, between batches; missed ticks
     * are not made up for. Unix time, in replay the capture's.
     */
    tick?: ((nowNs: bigint) => void) | undefined;
    /**
     * Called once, last: the plugin is unloaded or replaced, or
     * the runtime or the capture ends. Emit what is still held. Not called after a failed call, nor where
     * `save` has handed on what is held.
     */
    stop?: ((nowNs: bigint) => void) | undefined;
    /**
     * The role `state`: what the next version gets. Where that one
     * takes over, this is the last call; where it fails, this instance goes on, so leave in place what
     * you save. What is done through capabilities is undone. An error keeps this version.
     */
    save?: (() => Uint8Array) | undefined;
    /**
     * Called at most once, before all
     * other calls, with what the version before saved, in a form that `stateSchema` names. Take nothing
     * on trust. An error refuses this version, and the one before goes on.
     */
    restore?: ((schema: number, saved: Uint8Array) => void) | undefined;
};
/**
 * What a plugin says about itself. It can depend on nothing, the config included: the host asks on an
 * instance of its own that can call no capability.
 */
export type Definition = {
    /**
     * For people; the host calls an instance by its file. 1 to 64 characters.
     */
    name: string;
    /**
     * The plugin's own version, for people. Up to 64 characters.
     */
    version: string;
    /**
     * How often `tick` is called, in ms; the host rounds up to 10. Default: 0,
     * never.
     */
    tickMs?: number | undefined;
    /**
     * Which packets it wants, at most 64; `Packet.matches` tells by their
     * index which of them took a packet. Default: none, which is every packet, headers only.
     */
    interests?: Interest[] | undefined;
    /**
     * For a plugin with the role `state`:
     * the form that `save` writes, and the oldest that `restore` takes (default: that one only).
     */
    stateSchema?: {
        writes: number;
        readsFrom?: number;
    } | undefined;
    /**
     * Called once, first of all that may call the host, with
     * the text of `NAME.toml` beside `NAME.wasm`, or an empty one; see `Config`. An error refuses the
     * plugin, and its message is shown to the operator.
     */
    init: (config: string) => Instance;
};
import type { BatchHead } from "./batch.js";
import type { RawEvent } from "./event.js";
import { Event } from "./event.js";
import type { Batch } from "./batch.js";
import type { Packet } from "./packet.js";
import { Kept } from "./kept.js";
