import { Desk } from "./batch.js";
import { call, end } from "./call.js";
import { chain } from "./errors.js";
import { Event } from "./event.js";
import { Kept } from "./kept.js";

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
export function definePlugin(definition) {
  /** @type {Instance | undefined} */
  let running;
  const desk = new Desk();

  /**
   * @template {keyof Instance} Role
   * @param {Role} role
   * @returns {NonNullable<Instance[Role]>}
   */
  function method(role) {
    if (running === undefined) throw new Error("the host calls `init` first");
    const work = running[role];
    if (work === undefined)
      throw new Error(`the plugin exports a role whose \`${role}\` it has not`);
    return /** @type {NonNullable<Instance[Role]>} */ (work.bind(running));
  }

  return {
    lifecycle: {
      describe: () => describe(definition),
      /** @param {string} config */
      init(config) {
        refusing(() => {
          running = definition.init(config);
          end();
        });
      },
      /** @param {bigint} nowNs */
      tick: (nowNs) => call(() => running?.tick?.(nowNs)),
      /** @param {bigint} nowNs */
      stop: (nowNs) => call(() => running?.stop?.(nowNs)),
    },
    aggregate: {
      /**
       * @param {BatchHead} head
       * @param {Uint8Array} records
       * @param {Uint8Array} payload
       */
      onPackets(head, records, payload) {
        call(() => method("onPackets")(desk.put(head, records, payload)));
      },
    },
    filter: {
      /**
       * @param {BatchHead} head
       * @param {Uint8Array} records
       * @param {Uint8Array} payload
       */
      keep(head, records, payload) {
        const kept = call(() => {
          const batch = desk.put(head, records, payload);
          return running?.keepBatch === undefined
            ? Kept.of(batch, method("keep"))
            : method("keepBatch")(batch);
        });
        return kept.bits;
      },
    },
    exporter: {
      /** @param {Array<{ plugin: string, event: RawEvent }>} rows */
      onEvents(rows) {
        const events = rows.map(({ plugin, event }) => ({ plugin, event: Event.fromRaw(event) }));
        call(() => method("onEvents")(events));
      },
    },
    state: {
      /** @returns {Uint8Array} */
      save: () =>
        refusing(() => {
          const saved = method("save")();
          end();
          return saved;
        }),
      /**
       * @param {number} schema
       * @param {Uint8Array} saved
       */
      restore(schema, saved) {
        refusing(() => {
          method("restore")(schema, saved);
          end();
        });
      },
    },
  };
}

/** @param {Definition} definition */
function describe({ name, version, tickMs = 0, interests = [], stateSchema }) {
  return {
    name,
    version,
    tickMs,
    interests: interests.map((interest) => ({
      name: interest.name,
      filter: interest.filter ?? "",
      sampleOneIn: interest.sampleOneIn ?? 1,
      sampleBy: interest.sampleBy ?? "packet",
      payload: interest.payload ?? 0,
    })),
    state: stateSchema && {
      writes: stateSchema.writes,
      readsFrom: stateSchema.readsFrom ?? stateSchema.writes,
    },
  };
}

/**
 * Turn an error into an answer to the host, which shows it to the operator. Anything but an object with
 * `payload` would end the instance without a word.
 *
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function refusing(work) {
  try {
    return work();
  } catch (error) {
    throw Object.assign(new Error("refused", { cause: error }), { payload: chain(error) });
  }
}
