import { Event } from "../event.js";
import { RECORD_SIZE } from "../record.js";
import { PacketRecord } from "./record.js";
import { Recorder, host } from "./recorder.js";

/** @import { Level } from "../log.js" */
/** @import { definePlugin } from "../plugin.js" */

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
  constructor(plugin, config = "") {
    host.recorder = new Recorder();
    /** @private */
    this.plugin = plugin;
    /** @private */
    this.sequence = 0n;
    saying(() => this.role("lifecycle").init(config));
  }

  /** What the plugin says about itself. */
  describe() {
    return this.role("lifecycle").describe();
  }

  /**
   * Hand over a batch.
   *
   * @param {PacketRecord[]} records
   */
  packets(records) {
    this.role("aggregate").onPackets(...this.batch(records));
  }

  /**
   * Hand over a batch, and ask which of its packets go on.
   *
   * @param {PacketRecord[]} records
   * @returns {boolean[]}
   */
  keep(records) {
    const bits = this.role("filter").keep(...this.batch(records));
    return records.map((_, index) => ((bits[index >> 3] >> (index & 7)) & 1) === 1);
  }

  /**
   * Hand over events, each with the plugin that emitted it.
   *
   * @param {Array<[string, Event]>} events
   */
  events(events) {
    this.role("exporter").onEvents(events.map(([plugin, event]) => ({ plugin, event })));
  }

  /**
   * Set the clock and call `tick`.
   *
   * @param {bigint} nowNs
   */
  tick(nowNs) {
    host.recorder.nowNs = nowNs;
    this.role("lifecycle").tick(nowNs);
  }

  /**
   * Set the clock and call `stop`.
   *
   * @param {bigint} nowNs
   */
  stop(nowNs) {
    host.recorder.nowNs = nowNs;
    this.role("lifecycle").stop(nowNs);
  }

  /**
   * Call `save`, whose effects on the host are undone.
   *
   * @returns {Uint8Array}
   */
  save() {
    const before = host.recorder.copy();
    try {
      return saying(() => this.role("state").save());
    } finally {
      undo(before);
    }
  }

  /**
   * Call `restore`: of a plugin that was just started.
   *
   * @param {number} schema
   * @param {Uint8Array} saved
   */
  restore(schema, saved) {
    saying(() => this.role("state").restore(schema, saved));
  }

  /**
   * Replace the instance as the host does: it is saved, and another one starts with that config and
   * restores. Since a module is one plugin here, after an error there is none; the host is as it was.
   *
   * @param {string} [config]
   */
  reload(config = "") {
    const saved = this.save();
    const before = host.recorder.copy();
    try {
      saying(() => this.role("lifecycle").init(config));
      this.restore(this.describe().state?.writes ?? 0, saved);
    } catch (error) {
      undo(before);
      throw error;
    }
  }

  /**
   * Give an interface a name.
   *
   * @param {number} ifindex
   * @param {string} name
   */
  nameInterface(ifindex, name) {
    host.recorder.interfaces.set(ifindex, name);
  }

  /**
   * Refuse all events from now on, or take them again.
   *
   * @param {boolean} refuse
   */
  refuseEvents(refuse) {
    host.recorder.refuseEvents = refuse;
  }

  /**
   * Refuse to store anything from now on, or take it again.
   *
   * @param {boolean} refuse
   */
  refuseKv(refuse) {
    host.recorder.refuseKv = refuse;
  }

  /**
   * What the plugin's store has under a key.
   *
   * @param {string} key
   * @returns {Uint8Array | undefined}
   */
  stored(key) {
    return host.recorder.store.get(key);
  }

  /**
   * Give no more series than this; what is beyond goes into overflow series, whose labels all say
   * `(overflow)`.
   *
   * @param {number} max
   */
  limitSeries(max) {
    host.recorder.maxSeries = max;
  }

  /**
   * Sum of a counter or histogram, or value of a gauge; `undefined` if there is no such series.
   *
   * @param {string} name
   * @param {{ [label: string]: string }} [labels]
   * @returns {number | undefined}
   */
  metric(name, labels = {}) {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    return this.metrics(name).find((series) => JSON.stringify(series.labels) === key)?.value;
  }

  /**
   * Labels, sorted by name, and value of each series of a metric, in the order of definition.
   *
   * @param {string} name
   * @returns {Array<{ labels: Array<[string, string]>, value: number }>}
   */
  metrics(name) {
    const all = host.recorder.series.flatMap((series) => series ?? []);
    return all
      .filter((series) => series.name === name)
      .map(({ labels, value }) => ({ labels, value }));
  }

  /**
   * Events since the last time this was asked.
   *
   * @returns {Event[]}
   */
  takeEvents() {
    return host.recorder.events.splice(0).map((event) => Event.fromRaw(event));
  }

  /**
   * Lines of the log since the last time this was asked.
   *
   * @returns {Array<[Level, string]>}
   */
  takeLog() {
    return host.recorder.lines.splice(0);
  }

  /** How many calls of the host have carried metrics or events so far. */
  get calls() {
    return host.recorder.calls;
  }

  /**
   * @private
   * @template {keyof ReturnType<typeof definePlugin>} Role
   * @param {Role} role
   * @returns {ReturnType<typeof definePlugin>[Role]}
   */
  role(role) {
    const exported = this.plugin[role];
    if (exported === undefined) throw new Error(`the plugin does not export \`${role}\``);
    return /** @type {ReturnType<typeof definePlugin>[Role]} */ (exported);
  }

  /**
   * A batch as the host would hand it over.
   *
   * @private
   * @param {PacketRecord[]} packets
   * @returns {[import("../batch.js").BatchHead, Uint8Array, Uint8Array]}
   */
  batch(packets) {
    /** @type {number[]} */
    const payload = [];
    const records = packets.flatMap((record) => [...record.placed(payload)]);
    const head = {
      sequence: this.sequence,
      shedBefore: 0n,
      clockOffsetNs: 0n,
      recordSize: RECORD_SIZE,
      count: packets.length,
    };
    this.sequence += BigInt(packets.length);
    return [head, Uint8Array.from(records), Uint8Array.from(payload)];
  }
}

/** @param {Recorder} before */
function undo(before) {
  before.lines = host.recorder.lines;
  host.recorder = before;
}

/**
 * A refusal as an error with the text that the operator reads.
 *
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function saying(work) {
  try {
    return work();
  } catch (error) {
    const { payload } = /** @type {{ payload?: unknown }} */ (error);
    if (typeof payload !== "string") throw error;
    throw new Error(payload, { cause: error });
  }
}
