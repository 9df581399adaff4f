import assert from "node:assert/strict";
import { test } from "node:test";

import { Event, text, uint } from "@ringtap/plugin";
import { Harness, PacketRecord } from "@ringtap/plugin/testing";

import * as plugin from "../src/plugin.ts";

const udp = PacketRecord.udp("10.0.0.1:5000", "10.0.0.2:53").len(70);
const frame = PacketRecord.frame().len(60);

function row(timeNs: bigint, protocol: string, packets: number, bytes: number): Event {
  const fields = { protocol: text(protocol), packets: uint(packets), bytes: uint(bytes) };
  return new Event("protocol", timeNs, fields);
}

test("packets and bytes are counted by protocol", () => {
  const host = new Harness(plugin);
  host.packets([udp, frame, udp.sampled(10)]);
  assert.equal(host.metric("{{ident}}_packets_total", { protocol: "udp" }), 11);
  assert.equal(host.metric("{{ident}}_bytes_total", { protocol: "udp" }), 770);
  assert.equal(host.metric("{{ident}}_packets_total", { protocol: "none" }), 1);
});

test("a report comes when it is due, and at the end", () => {
  const host = new Harness(plugin, "report_seconds = 2");
  host.packets([udp]);
  host.tick(1_000_000_000n);
  host.tick(2_999_999_999n);
  assert.deepEqual(host.takeEvents(), []);
  host.tick(3_000_000_000n);
  host.stop(4_000_000_000n);
  assert.deepEqual(host.takeEvents(), [
    row(3_000_000_000n, "udp", 1, 70),
    row(4_000_000_000n, "udp", 1, 70),
  ]);
});

test("totals are handed to the next version", () => {
  const host = new Harness(plugin);
  host.packets([udp, frame]);
  host.reload();
  host.packets([udp]);
  host.stop(5n);
  assert.deepEqual(host.takeEvents(), [row(5n, "none", 1, 60), row(5n, "udp", 2, 140)]);
});

test("a state that is damaged is refused", () => {
  const host = new Harness(plugin);
  for (const bad of ["", "x\n", "1", "1\nudp 1 2", "1\nudp 1 -2\n", "1\n\n", "1\nudp 1 2 3\n"]) {
    assert.throws(() => host.restore(1, Buffer.from(bad)), {
      message: "the saved state is damaged",
    });
  }
});

test("a config that makes no sense is refused", () => {
  assert.throws(() => new Harness(plugin, "report_seconds = 0"), {
    message: "config key `report_seconds`: 0 won't do, it must be a whole number from 1 to 86400",
  });
});
