import assert from "node:assert/strict";
import { test } from "node:test";

import { Batch, Packet, mark, tcp } from "@ringtap/plugin";
import { PacketRecord } from "@ringtap/plugin/testing";

/**
 * The record in a batch of a host whose records are 8 bytes longer, behind another.
 *
 * @param {PacketRecord} record
 */
function see(record) {
  /** @type {number[]} */
  const payload = [];
  const longer = [PacketRecord.frame(), record].flatMap((one) => [
    ...one.placed(payload),
    ...new Array(8).fill(0xff),
  ]);
  const head = {
    sequence: 0n,
    shedBefore: 0n,
    clockOffsetNs: 1000n,
    recordSize: 160,
    count: 2,
  };
  const bytes = payload.length > 0 ? payload : [...Buffer.from("payload")];
  const batch = new Batch(head, new Packet(Uint8Array.from(longer), Uint8Array.from(bytes), 1000n));
  assert.equal([...batch].length, 2);
  const packet = batch.at(1);
  assert.ok(packet);
  return packet;
}

test("what a packet does not have is undefined", () => {
  const packet = see(PacketRecord.frame());
  const { src, dst, srcBytes, protocol, srcPort, dstPort, tcpFlags, ethSrc, ethType } = packet;
  const { direction, ttl, ipId, icmpType, arp, gso, flowLabel, ipVersion } = packet;
  for (const value of [
    ...[src, dst, srcBytes, protocol, srcPort, dstPort, tcpFlags, ethSrc, ethType],
    ...[direction, ttl, ipId, icmpType, arp, gso, flowLabel, ipVersion],
  ]) {
    assert.equal(value, undefined);
  }
  assert.deepEqual([packet.vlanIds, packet.payload.length], [[], 0]);
  assert.deepEqual([packet.hook, packet.packets, packet.wireBytes], ["replay", 1, 100]);
});

test("an address needs a whole header", () => {
  const packet = see(PacketRecord.udp("10.0.0.1:1", "10.0.0.2:2").set("ipLen", 0));
  assert.deepEqual([packet.src, packet.ipVersion], [undefined, 4]);
});

test("a TCP packet", () => {
  const flags = tcp.SYN | tcp.ACK;
  const packet = see(PacketRecord.tcp("[fc00::1]:80", "[fc00::2]:1234", flags).time(5n));
  assert.deepEqual([packet.src, packet.dst], ["fc00::1", "fc00::2"]);
  assert.deepEqual([packet.srcPort, packet.dstPort], [80, 1234]);
  assert.deepEqual([packet.protocol, packet.tcpFlags], [6, flags]);
  assert.deepEqual([packet.timeNs, packet.ipId, packet.flowLabel], [1005n, undefined, 0]);
  assert.equal(packet.timeSeconds, 1005e-9);
});

test("an address has a text and bytes, and no two are taken for one", () => {
  const packet = see(PacketRecord.udp("192.0.2.200:1", "10.0.0.2:2"));
  assert.deepEqual([...(packet.srcBytes ?? [])], [192, 0, 2, 200]);
  const six = see(PacketRecord.udp("[::ffff:192.0.2.200]:1", "[2001:db8::2]:2"));
  assert.deepEqual([six.src, six.dst], ["::ffff:192.0.2.200", "2001:db8::2"]);
  assert.equal(Buffer.from(six.dstBytes ?? []).toString("hex"), "20010db8000000000000000000000002");
  for (let i = 0; i < 20_000; i += 1) {
    const text = `10.${i >> 12}.${(i >> 4) & 255}.${i & 15}`;
    assert.equal(see(PacketRecord.udp(`${text}:1`, `${text}:2`)).src, text);
    assert.equal(
      see(PacketRecord.udp(`[::a:${i.toString(16)}]:1`, "[::1]:2")).src,
      `::a:${i.toString(16)}`,
    );
  }
  assert.deepEqual(
    [
      see(PacketRecord.udp("0.0.0.1:1", "0.0.0.1:1")).src,
      see(PacketRecord.udp("[::1]:1", "[::1]:1")).src,
    ],
    ["0.0.0.1", "::1"],
  );
});

test("VLAN tags are taken apart", () => {
  const packet = see(PacketRecord.frame().vlan(0xb00a).vlan(20).mark(mark.SERVICE_TAG));
  assert.deepEqual(packet.vlanTags, [
    { id: 10, priority: 5, dropEligible: true, service: true },
    { id: 20, priority: 0, dropEligible: false, service: false },
  ]);
  assert.equal(see(PacketRecord.frame().set("vlanCount", 9)).vlanIds.length, 4);
});

test("a super-packet counts as its segments", () => {
  const cut = PacketRecord.udp("10.0.0.1:1", "10.0.0.2:2").len(3042).mark(mark.GSO);
  const record = cut.set("gsoSize", 1000).set("gsoSegments", 3).set("l7Offset", 42);
  const counts = (/** @type {PacketRecord} */ of) => [see(of).packets, see(of).wireBytes];
  assert.deepEqual(counts(record), [3, 3042 + 84]);
  assert.deepEqual(see(record).gso, { size: 1000, segments: 3 });
  const tagged = record.mark(mark.VLAN_IN_METADATA);
  assert.equal(see(tagged).wireBytes, 3042 + 92);
  const widest = tagged.set("l7Offset", 0xffff).set("gsoSegments", 0xffff).len(0xffff_ffff);
  assert.equal(see(widest).wireBytes, 0xffff_ffff + 0xfffe * 0x1_0003);
  assert.deepEqual(counts(record.set("gsoSegments", 0)), [1, 3042]);
  assert.deepEqual(counts(record.sampled(1000)), [3000, 3_126_000]);
  assert.deepEqual(counts(PacketRecord.frame().sampled(0)), [1, 100]);
});

test("a MAC address is put together", () => {
  const packet = see(PacketRecord.frame().macs("02:00:00:03:04:05", "ff:ff:ff:ff:ff:fe"));
  assert.deepEqual([packet.ethSrc, packet.ethDst], ["02:00:00:03:04:05", "ff:ff:ff:ff:ff:fe"]);
});

test("ARP has addresses of its own", () => {
  const record = PacketRecord.frame().mark(mark.ARP).set("icmpType", 1).set("srcLo", 0x0a00_0001);
  const expected = { operation: 1, sender: "10.0.0.1", target: "0.0.0.0" };
  assert.deepEqual([see(record).arp, see(record).src], [expected, undefined]);
});

test("payload outside the batch is empty", () => {
  const at = (/** @type {number} */ offset, /** @type {number} */ len) =>
    see(PacketRecord.frame().set("payloadOffset", offset).set("payloadLen", len)).payload;
  assert.equal(Buffer.from(at(1, 3)).toString(), "ayl");
  assert.deepEqual(
    [at(5, 3), at(100, 1), at(0xffff_ffff, 0xffff)].map((bytes) => bytes.length),
    [0, 0, 0],
  );
});

test("interests are told by their bits", () => {
  const packet = see(PacketRecord.frame().matched((1n << 63n) | (1n << 31n) | 2n));
  const matching = Array.from({ length: 200 }, (_, i) => i).filter((i) => packet.matches(i));
  assert.deepEqual(matching, [1, 31, 63]);
  assert.deepEqual(
    [packet.matches(-1), packet.matches(NaN), packet.matched],
    [false, false, (1n << 63n) | (1n << 31n) | 2n],
  );
});

test("a batch has one object for its packets, and a clone is another's", () => {
  const records = [1, 2, 3].map((len) => PacketRecord.frame().len(len).payload(Uint8Array.of(len)));
  /** @type {number[]} */
  const payload = [];
  const bytes = records.flatMap((record) => [...record.placed(payload)]);
  const head = { sequence: 7n, shedBefore: 2n, clockOffsetNs: -5n, recordSize: 152, count: 3 };
  const batch = new Batch(head, new Packet(Uint8Array.from(bytes), Uint8Array.from(payload), -5n));
  const seen = [];
  const kept = [];
  for (const packet of batch) {
    seen.push(packet);
    kept.push(packet.clone());
  }
  assert.equal(new Set(seen).size, 1);
  assert.deepEqual(
    kept.map((packet) => [packet.wireLen, packet.payload[0], packet.timeNs]),
    [
      [1, 1, 0n],
      [2, 2, 0n],
      [3, 3, 0n],
    ],
  );
  assert.deepEqual([batch.length, batch.sequence, batch.shedBefore], [3, 7n, 2n]);
  assert.deepEqual([batch.at(3), batch.at(-1), batch.at(0)?.wireLen], [undefined, undefined, 1]);
});

test("records that are too short are no records", () => {
  const head = { sequence: 0n, shedBefore: 0n, clockOffsetNs: 0n, recordSize: 151, count: 1 };
  assert.throws(
    () => new Batch(head, new Packet(new Uint8Array(152), new Uint8Array(0))),
    /151 bytes, not 152/,
  );
});
