/** Counts bytes by destination, tells of DNS, and hands on what it knows. */

import {
  Config,
  Counter,
  Event,
  Gauge,
  Histogram,
  bytes,
  definePlugin,
  emit,
  float,
  int,
  log,
  text,
  truth,
  uint,
} from "@ringtap/plugin";
import type { Batch, Instance, Packet } from "@ringtap/plugin";

import { Known } from "./known.ts";

/** The interest of DNS. */
const DNS = 1;

/** In the third byte of a DNS message (RFC 1035, 4.1.1). */
const ANSWER = 0x80;

class Meter implements Instance {
  sizes = new Histogram("meter_packet_bytes", "Sizes of packets.", [64, 128, 256, 512, 1024, 1518]);
  destinations = new Gauge("meter_destinations", "Destinations that are known.");
  byDestination = Counter.family("meter_bytes_total", "Bytes by destination.", ["dst"]);
  known = new Known();
  limit: number;
  /** The record at which it traps; 0 for none. */
  trapAfter: number;
  records = 0n;
  /** Since the number was last asked for. */
  recordsSince = 0;

  constructor(limit: number, trapAfter: number) {
    this.limit = limit;
    this.trapAfter = trapAfter;
  }

  onPackets(batch: Batch): void {
    const trapsAt = this.trapAfter === 0 ? Infinity : this.trapAfter - Number(this.allRecords());
    for (const packet of batch) {
      this.recordsSince += 1;
      if (this.recordsSince >= trapsAt) throw new Error("as configured");
      this.sizes.observe(packet.wireLen);
      this.count(packet);
      if (packet.matches(DNS)) tellDns(packet);
    }
    this.destinations.set(this.known.size);
  }

  count(packet: Packet): void {
    const { dst } = packet;
    if (dst === undefined) return;
    const { wireBytes } = packet;
    const known = this.known.add(dst, wireBytes, packet.packets, this.limit);
    this.byDestination.with(known ? dst : "other").add(wireBytes);
  }

  allRecords(): bigint {
    this.records = BigInt.asUintN(64, this.records + BigInt(this.recordsSince));
    this.recordsSince = 0;
    return this.records;
  }

  tick(nowNs: bigint): void {
    emit(
      new Event("tick", nowNs, {
        destinations: uint(this.known.size),
        records: uint(this.allRecords()),
        share: float(this.known.shareOfFirst()),
      }),
    );
  }

  stop(nowNs: bigint): void {
    for (const [dst, traffic] of this.known.list()) {
      emit(
        new Event("total", nowNs, {
          dst: text(dst),
          bytes: uint(traffic.bytes),
          packets: uint(traffic.packets),
          delta: int(BigInt.asIntN(64, traffic.packets - traffic.bytes)),
        }),
      );
    }
  }

  save(): Uint8Array {
    return this.known.save(this.allRecords());
  }

  restore(_schema: number, saved: Uint8Array): void {
    this.records = this.known.restore(saved, this.limit);
  }
}

function tellDns(packet: Packet): void {
  const { src, dst, srcPort, payload } = packet;
  emit(
    new Event("dns", packet.timeNs, {
      src: src === undefined ? undefined : text(src),
      dst: dst === undefined ? undefined : text(dst),
      src_port: srcPort === undefined ? undefined : uint(srcPort),
      payload: bytes(payload),
      is_answer: truth(((payload[2] ?? 0) & ANSWER) !== 0),
    }),
  );
}

export const { lifecycle, aggregate, state } = definePlugin({
  name: "meter",
  version: "1.0.0",
  tickMs: 1000,
  interests: [{ name: "all" }, { name: "dns", filter: "udp port 53", payload: 512 }],
  stateSchema: { writes: 1 },
  init(source) {
    const config = Config.parse(source);
    const limit = config.integer("limit", 1000, 1, 100_000);
    const trapAfter = config.integer("trap_after", 0, 0, 1_000_000_000);
    config.finish();
    log.info(`meter starts with limit ${limit}`);
    return new Meter(limit, trapAfter);
  },
});
