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
import type { Batch, Instance } from "@ringtap/plugin";

import { restore, save } from "./saved.ts";
import { Totals } from "./totals.ts";

/**
 * As IANA assigns the numbers; the others are one series, so that nobody who sends packets decides how
 * many there are.
 */
const PROTOCOLS: ReadonlyMap<number | undefined, string> = new Map([
  [undefined, "none"],
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "icmp6"],
]);

class Protocols implements Instance {
  private readonly packets = Counter.family("{{ident}}_packets_total", "Packets by IP protocol.", [
    "protocol",
  ]);
  private readonly bytes = Counter.family(
    "{{ident}}_bytes_total",
    "Bytes on the wire by IP protocol.",
    ["protocol"],
  );
  private readonly reportEveryNs: bigint;
  private totals = new Totals();
  /** Unix time of the last report, 0 before the first tick. */
  private reportedNs = 0n;

  constructor(reportSeconds: number) {
    this.reportEveryNs = BigInt(reportSeconds) * 1_000_000_000n;
  }

  onPackets(batch: Batch): void {
    for (const packet of batch) {
      const protocol = PROTOCOLS.get(packet.protocol) ?? "other";
      // Of one record, these can be more: it may stand for a sample or for a super-packet.
      const { packets, wireBytes } = packet;
      this.totals.add(protocol, packets, wireBytes);
      this.packets.with(protocol).add(packets);
      this.bytes.with(protocol).add(wireBytes);
    }
  }

  tick(nowNs: bigint): void {
    if (this.reportedNs === 0n) this.reportedNs = nowNs;
    if (nowNs - this.reportedNs >= this.reportEveryNs) {
      this.reportedNs = nowNs;
      this.report(nowNs);
    }
  }

  stop(nowNs: bigint): void {
    this.report(nowNs);
  }

  save(): Uint8Array {
    return save(this.reportedNs, this.totals);
  }

  restore(_schema: number, saved: Uint8Array): void {
    ({ reportedNs: this.reportedNs, totals: this.totals } = restore(saved));
  }

  private report(nowNs: bigint): void {
    for (const { protocol, packets, bytes } of this.totals.list()) {
      const fields = { protocol: text(protocol), packets: uint(packets), bytes: uint(bytes) };
      emit(new Event("protocol", nowNs, fields));
    }
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
