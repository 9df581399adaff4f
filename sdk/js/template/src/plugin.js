/**
 * Counts packets and bytes by IP protocol.
 *
 * Metrics: `{{ident}}_packets_total` and `{{ident}}_bytes_total`, with the label `protocol`.
 *
 * Events: `protocol` for each of them, every so many seconds and at the end, with what was counted
 * since the plugin first ran, over all its versions.
 *
 * Config, with its default:
 *
 *     report_seconds = 60
 */

import { Config, Counter, Event, definePlugin, emit, log, text, uint } from "@ringtap/plugin";

import { restore, save } from "./saved.js";
import { Totals } from "./totals.js";

/** @import { Batch } from "@ringtap/plugin" */

/**
 * As IANA assigns the numbers; the others are one series, so that nobody who sends packets decides how
 * many there are.
 *
 * @type {ReadonlyMap<number | undefined, string>}
 */
const PROTOCOLS = new Map([
  [undefined, "none"],
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "icmp6"],
]);

class Protocols {
  packets = Counter.family("{{ident}}_packets_total", "Packets by IP protocol.", ["protocol"]);
  bytes = Counter.family("{{ident}}_bytes_total", "Bytes on the wire by IP protocol.", [
    "protocol",
  ]);
  totals = new Totals();
  /** Unix time of the last report, 0 before the first tick. */
  reportedNs = 0n;

  /** @param {number} reportSeconds */
  constructor(reportSeconds) {
    this.reportEveryNs = BigInt(reportSeconds) * 1_000_000_000n;
  }

  /** @param {Batch} batch */
  onPackets(batch) {
    for (const packet of batch) {
      const protocol = PROTOCOLS.get(packet.protocol) ?? "other";
      // Of one record, these can be more: it may stand for a sample or for a super-packet.
      const { packets, wireBytes } = packet;
      this.totals.add(protocol, packets, wireBytes);
      this.packets.with(protocol).add(packets);
      this.bytes.with(protocol).add(wireBytes);
    }
  }

  /** @param {bigint} nowNs */
  tick(nowNs) {
    if (this.reportedNs === 0n) this.reportedNs = nowNs;
    if (nowNs - this.reportedNs >= this.reportEveryNs) {
      this.reportedNs = nowNs;
      this.report(nowNs);
    }
  }

  /** @param {bigint} nowNs */
  stop(nowNs) {
    this.report(nowNs);
  }

  /** @param {bigint} nowNs */
  report(nowNs) {
    for (const { protocol, packets, bytes } of this.totals.list()) {
      const fields = { protocol: text(protocol), packets: uint(packets), bytes: uint(bytes) };
      emit(new Event("protocol", nowNs, fields));
    }
  }

  save() {
    return save(this.reportedNs, this.totals);
  }

  /**
   * @param {number} _schema
   * @param {Uint8Array} saved
   */
  restore(_schema, saved) {
    ({ reportedNs: this.reportedNs, totals: this.totals } = restore(saved));
  }
}

export const { lifecycle, aggregate, state } = definePlugin({
  name: "{{name}}",
  version: "0.1.0",
  tickMs: 1000,
  stateSchema: { writes: 1 },
  init(source) {
    log.reportErrors();
    const config = Config.parse(source);
    const reportSeconds = config.seconds("report_seconds", 60, 1, 86_400);
    config.finish();
    return new Protocols(reportSeconds);
  },
});
