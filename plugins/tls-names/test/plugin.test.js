import assert from "node:assert/strict";
import { test } from "node:test";

import { Event, tcp, text, uint } from "@ringtap/plugin";
import { Harness, PacketRecord } from "@ringtap/plugin/testing";

import * as plugin from "../src/plugin.js";
import { extension, hello, serverName, versions } from "./hellos.js";

const packet = PacketRecord.tcp("10.0.0.1:50000", "192.0.2.1:443", tcp.ACK).time(7n);
const whole = hello([serverName("a.test"), extension(16, [0, 3, 2, 0x68, 0x32]), versions(0x0304)]);

test("a hello is counted and told", () => {
  const host = new Harness(plugin);
  host.packets([packet.payload(whole), packet, packet.payload(Buffer.from("GET /"))]);
  assert.equal(host.metric("tls_names_hellos_total", { version: "1.3" }), 1);
  assert.equal(host.metric("tls_names_alpn_total", { alpn: "h2" }), 1);
  assert.deepEqual(host.metrics("tls_names_incomplete_total"), []);
  assert.deepEqual(host.takeEvents(), [
    new Event("tls", 7n, {
      src: text("10.0.0.1"),
      dst: text("192.0.2.1"),
      dst_port: uint(443),
      server_name: text("a.test"),
      alpn: text("h2"),
      version: text("1.3"),
      outcome: text("whole"),
    }),
  ]);
});

test("labels are from a fixed set, whatever is sent", () => {
  const host = new Harness(plugin, "events = false");
  const odd = [1, 2, 3].map((i) => hello([extension(16, [0, 3, 2, 0x78, 0x30 + i]), versions(i)]));
  host.packets(odd.map((bytes) => packet.payload(bytes)));
  host.packets([packet.payload(whole.subarray(0, 60)).sampled(10)]);
  assert.equal(host.metric("tls_names_alpn_total", { alpn: "other" }), 3);
  assert.equal(host.metric("tls_names_hellos_total", { version: "other" }), 3);
  assert.equal(host.metric("tls_names_hellos_total", { version: "unknown" }), 10);
  assert.equal(host.metric("tls_names_incomplete_total", { reason: "cut" }), 10);
  assert.deepEqual(host.takeEvents(), []);
});
