/**
 * Write ringtap plugins in JavaScript and TypeScript.
 *
 * `definePlugin` makes what a component exports of a plugin. What a plugin may do is call the
 * capabilities below; a bundler leaves out those that it does not use, and with them the imports
 * that the operator would have to grant.
 *
 * | capability     | here                                                 | import                      |
 * | -------------- | ---------------------------------------------------- | --------------------------- |
 * | metrics        | `Counter`, `Gauge`, `Histogram`, and their `family`  | `ringtap:plugin/metrics`    |
 * | events         | `emit`, `emitAll`                                    | `ringtap:plugin/events`     |
 * | log            | `log`                                                | `ringtap:plugin/log`        |
 * | clock          | `nowNs`                                              | `ringtap:plugin/clock`      |
 * | interfaces     | `interfaceName`                                      | `ringtap:plugin/interfaces` |
 * | random         | `randomU64`                                          | `ringtap:plugin/random`     |
 * | kv, if granted | `kv`                                                 | `ringtap:plugin/kv`         |
 *
 * @module
 */

export { addressText, parseAddress } from "./address-text.js";
export { Batch } from "./batch.js";
export { nowNs } from "./clock.js";
export { Config } from "./config.js";
export { emit, emitAll } from "./emit.js";
export { ConfigError, HostError } from "./errors.js";
export { Event, bytes, float, int, text, truth, uint } from "./event.js";
export { interfaceName } from "./interfaces.js";
export { Kept } from "./kept.js";
export * as kv from "./kv.js";
export * as log from "./log.js";
export { Counter, Family, Gauge, Histogram } from "./metrics.js";
export { Packet } from "./packet.js";
export { definePlugin } from "./plugin.js";
export { randomU64 } from "./random.js";
export { Fields, RECORD_SIZE, mark, tcp } from "./record.js";

/** @typedef {import("./batch.js").BatchHead} BatchHead */
/** @typedef {import("./event.js").Value} Value */
/** @typedef {import("./log.js").Level} Level */
/** @typedef {import("./metrics.js").Labels} Labels */
/** @typedef {import("./packet.js").Arp} Arp */
/** @typedef {import("./packet.js").Gso} Gso */
/** @typedef {import("./packet.js").VlanTag} VlanTag */
/** @typedef {import("./plugin.js").Definition} Definition */
/** @typedef {import("./plugin.js").Instance} Instance */
/** @typedef {import("./plugin.js").Interest} Interest */
/** @typedef {import("./plugin.js").Received} Received */
