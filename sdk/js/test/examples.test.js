import assert from "node:assert/strict";
import { test } from "node:test";

import { Event, mark, text, uint } from "@ringtap/plugin";
import { Harness, PacketRecord } from "@ringtap/plugin/testing";

import * as fragments from "../examples/fragments.js";
import * as long from "../examples/long.js";
import * as newHosts from "../examples/new-hosts.js";
import * as odd from "../examples/odd.js";
import * as ports from "../examples/ports.js";
import * as services from "../examples/services.js";

const udp = PacketRecord.udp("10.0.0.1:50000", "10.0.0.2:53");

test("fragments are counted", () => {
  const host = new Harness(fragments);
  host.packets([udp, udp.mark(mark.FRAGMENT)]);
  assert.equal(host.metric("fragments_total"), 1);
});

test("services are told apart by interests", () => {
  const host = new Harness(services);
  const dns = udp.matched(2);
  host.packets([udp, dns, dns.payload(Uint8Array.of(0, 0, 0x80)), dns.payload(new Uint8Array(3))]);
  assert.equal(host.metric("services_web_packets_total"), 1);
  assert.equal(host.metric("services_answers_total"), 1);
});

test("odd packets go on", () => {
  const packets = [udp, PacketRecord.udp("10.0.0.1:50000", "10.0.0.2:60000"), PacketRecord.frame()];
  assert.deepEqual(new Harness(odd).keep(packets), [false, true, false]);
});

test("long flows are told", () => {
  const host = new Harness(long);
  const flow = (/** @type {number} */ last) =>
    new Event("flow", 9n, { src: text("a"), first_ns: uint(0), last_ns: uint(last) });
  host.events([
    ["flow-log", flow(1e9)],
    ["flow-log", flow(1)],
    ["flow-log", new Event("other", 9n)],
  ]);
  assert.deepEqual(host.takeEvents(), [
    new Event("long_flow", 9n, { first_ns: uint(0), last_ns: uint(1e9), from: text("flow-log") }),
  ]);
});

test("ports are handed on", () => {
  const host = new Harness(ports);
  host.packets([udp, PacketRecord.udp("10.0.0.1:1", "10.0.0.2:443")]);
  host.reload();
  assert.deepEqual([...host.save()], [53, 0, 187, 1]);
  assert.throws(() => host.restore(1, new Uint8Array(3)), /in the middle/);
});

test("a host is new once", () => {
  const host = new Harness(newHosts);
  host.packets([udp, udp, PacketRecord.frame()]);
  host.packets([udp]);
  assert.deepEqual(
    host.takeEvents().map((event) => event.text("host")),
    ["10.0.0.1"],
  );
  assert.equal(host.stored("host/10.0.0.1")?.length, 0);
});
