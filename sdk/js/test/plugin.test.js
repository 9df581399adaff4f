import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Counter,
  Event,
  Gauge,
  Histogram,
  Kept,
  bytes,
  definePlugin,
  emit,
  emitAll,
  float,
  int,
  interfaceName,
  kv,
  log,
  nowNs,
  randomU64,
  text,
  truth,
  uint,
} from "@ringtap/plugin";
import { Harness, PacketRecord } from "@ringtap/plugin/testing";

/** @import { Instance } from "../src/plugin.js" */

/**
 * A host with a plugin.
 *
 * @param {(config: string) => Instance} init
 * @param {string} [config]
 */
function start(init, config) {
  return new Harness(definePlugin({ name: "p", version: "1", init }), config);
}

/**
 * A host whose plugin does this in a tick.
 *
 * @param {() => void} tick
 */
const doing = (tick) => start(() => ({ tick }));

/** @param {number[]} lengths */
const frames = (...lengths) => lengths.map((len) => PacketRecord.frame().len(len));

test("values cross once when the call ends", () => {
  const host = start(() => {
    const counter = new Counter("c_total", "");
    const gauge = new Gauge("g", "");
    const histogram = new Histogram("h", "", [1]);
    return {
      onPackets(batch) {
        for (const packet of batch) {
          counter.inc();
          counter.add(packet.wireBytes);
          counter.add(0.5);
          gauge.set(packet.wireLen);
          histogram.observe(0.25);
        }
      },
    };
  });
  assert.deepEqual([host.metric("c_total"), host.calls], [0, 0]);
  host.packets(frames(10, 20));
  assert.deepEqual([host.metric("c_total"), host.metric("g"), host.metric("h")], [33, 20, 0.5]);
  assert.equal(host.calls, 1);
  host.packets(frames(1));
  assert.deepEqual([host.metric("c_total"), host.calls], [35.5, 2]);
});

test("a forgotten series is gone with what it was about to get", () => {
  const host = doing(() => {
    const counter = new Counter("c_total", "");
    const one = new Histogram("h", "", [], { l: "1" });
    const two = new Histogram("h", "", []);
    counter.inc();
    one.observe(1);
    two.observe(2);
    counter.forget();
    one.forget();
  });
  host.tick(1n);
  assert.deepEqual([host.metric("c_total"), host.metric("h", { l: "1" })], [undefined, undefined]);
  assert.equal(host.metric("h"), 2);
});

test("a family defines each series once", () => {
  const family = Counter.family("c_total", "", ["a", "b"]);
  let uses = 2;
  const host = doing(() => {
    for (; uses > 0; uses -= 1) {
      family.with("x", "yz").inc();
      family.with("xy", "z").inc();
    }
  });
  host.tick(1n);
  assert.equal(host.metric("c_total", { b: "yz", a: "x" }), 2);
  assert.equal(host.metric("c_total", { a: "xy", b: "z" }), 2);
  family.forget("x", "yz");
  family.forget("never", "used");
  assert.throws(() => family.with("x"), RangeError);
  host.tick(2n);
  assert.deepEqual([family.size, host.metrics("c_total").length], [1, 1]);
});

test("a family remembers none of the values that overflow", () => {
  const family = Counter.family("c_total", "", ["a"]);
  const gauges = Gauge.family("g", "", ["a"]);
  let value = "";
  const host = doing(() => {
    family.with(value).inc();
    gauges.with(value).set(1);
  });
  host.limitSeries(4);
  for (value of ["x", "y", "p", "q", "p"]) host.tick(1n);
  assert.equal(host.metric("c_total", { a: "(overflow)" }), 3);
  assert.equal(host.metric("g", { a: "(overflow)" }), 0);
  family.forget("p");
  family.with("r").forget();
  family.forget("x");
  value = "y";
  host.tick(2n);
  assert.deepEqual([family.size, host.metrics("c_total").length], [1, 2]);
  value = "p";
  host.tick(3n);
  assert.deepEqual([family.size, host.metric("c_total", { a: "p" })], [2, 1]);
});

test("what a metric can't take is refused where it is said", () => {
  const host = doing(() => {
    assert.throws(() => new Counter("1", ""), {
      name: "HostError",
      message: "can't define the metric 1: 1 is no name of a metric",
      reason: "1 is no name of a metric",
    });
    const counter = new Counter("c_total", "");
    for (const bad of [-1, NaN, Infinity]) assert.throws(() => counter.add(bad), RangeError);
    assert.throws(() => new Histogram("h", "", []).observe(NaN), RangeError);
  });
  host.tick(1n);
});

test("events cross when the call ends or many wait, and keep their order", () => {
  const host = doing(() => {
    emit(new Event("a", 1n));
    emitAll([new Event("b", 2n)]);
    for (let i = 0; i < 64; i += 1) emit(new Event("c", 3n));
    emit(new Event("d", nowNs()));
  });
  host.tick(9n);
  const kinds = host.takeEvents().map((event) => event.kind);
  assert.deepEqual([kinds.length, kinds[0], kinds[1], kinds.at(-1)], [67, "a", "b", "d"]);
  assert.equal(host.calls, 4);
});

test("a refusal is an error of who asked for one, or fails the call", () => {
  const host = doing(() => {
    assert.throws(() => emitAll([new Event("a", 1n), new Event("b", 1n)]), {
      message: "the host refused 2 events: told to refuse",
    });
    emit(new Event("c", 1n));
  });
  host.refuseEvents(true);
  assert.throws(() => host.tick(1n), /the host refused 1 events: told to refuse/);
});

test("a field is read as what it can be", () => {
  const row = new Event("flow", 7n, {
    src: text("10.0.0.1"),
    bytes: uint(9),
    delta: int(-2),
    ratio: float(0.5),
    fresh: truth(true),
    raw: bytes(Uint8Array.of(1)),
    none: undefined,
  });
  assert.equal(row.fields.length, 6);
  assert.deepEqual([row.text("src"), row.text("bytes")], ["10.0.0.1", undefined]);
  assert.deepEqual([row.uint("bytes"), row.uint("delta")], [9n, undefined]);
  assert.deepEqual([row.int("bytes"), row.int("delta")], [9n, -2n]);
  const floats = ["bytes", "delta", "ratio", "src"].map((name) => row.float(name));
  assert.deepEqual(floats, [9, -2, 0.5, undefined]);
  assert.deepEqual([row.truth("fresh"), row.truth("raw")], [true, undefined]);
  assert.deepEqual([row.bytes("raw"), row.bytes("src")], [Uint8Array.of(1), undefined]);
  assert.equal(new Event("big", 0n, { n: uint(2n ** 64n - 1n) }).int("n"), undefined);
});

test("a number that is not whole or too large is none", () => {
  for (const bad of [0.5, NaN, 2 ** 53, -1, -1n, 2n ** 64n])
    assert.throws(() => uint(bad), RangeError);
  for (const bad of [0.5, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n]) {
    assert.throws(() => int(bad), RangeError);
  }
  assert.deepEqual(int(-(2n ** 63n)), { tag: "int", val: -(2n ** 63n) });
});

test("a row is reshaped and keeps its order", () => {
  const row = new Event("flow", 7n, { src: text("a"), bytes: uint(9), delta: int(-2) });
  const other = row.withKind("export").with("bytes", text("many")).with("by", text("edge"));
  const last = other.without("delta").without("absent");
  assert.deepEqual([last.kind, last.timeNs], ["export", 7n]);
  assert.deepEqual(
    last.fields.map(([name]) => name),
    ["src", "bytes", "by"],
  );
  assert.deepEqual([last.text("bytes"), row.uint("bytes")], ["many", 9n]);
});

test("a plugin says what it wants", () => {
  const plugin = definePlugin({
    name: "p",
    version: "2",
    tickMs: 500,
    interests: [
      { name: "all" },
      { name: "dns", filter: "udp", sampleOneIn: 9, sampleBy: "flow", payload: 64 },
    ],
    stateSchema: { writes: 3 },
    init: () => ({}),
  });
  assert.deepEqual(plugin.lifecycle.describe(), {
    name: "p",
    version: "2",
    tickMs: 500,
    interests: [
      { name: "all", filter: "", sampleOneIn: 1, sampleBy: "packet", payload: 0 },
      { name: "dns", filter: "udp", sampleOneIn: 9, sampleBy: "flow", payload: 64 },
    ],
    state: { writes: 3, readsFrom: 3 },
  });
});

test("a refusal to start is told with its causes, a mistake with its name", () => {
  const refusal = (/** @type {unknown} */ thrown) => {
    try {
      start(() => {
        throw thrown;
      });
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
    return "";
  };
  assert.equal(refusal(new Error("no", { cause: new Error("why") })), "no: why");
  assert.equal(refusal(new TypeError("x is undefined")), "TypeError: x is undefined");
  assert.equal(refusal("just so"), "just so");
});

test("a filter says of each packet whether it goes on", () => {
  let last = 0;
  const grows = start(() => ({
    keep(packet) {
      const before = last;
      last = packet.wireLen;
      return last > before;
    },
  }));
  assert.deepEqual(grows.keep(frames(60, 70, 70, 90)), [true, true, false, true]);
  assert.deepEqual(grows.keep(frames(80, 81)), [false, true]);
  const whole = start(() => ({
    keepBatch: (batch) => ([...batch].length > 2 ? Kept.all(batch) : Kept.none(batch)),
  }));
  assert.deepEqual(whole.keep(frames(1, 2, 3)), [true, true, true]);
  assert.deepEqual(whole.keep(frames(1, 2)), [false, false]);
  const odd = start(() => ({ keep: (packet) => packet.wireLen % 2 === 1 }));
  const lengths = Array.from({ length: 1024 }, (_, i) => i);
  assert.deepEqual(
    odd.keep(frames(...lengths)),
    lengths.map((len) => len % 2 === 1),
  );
});

test("an exporter takes the events of others", () => {
  const host = start(() => ({
    onEvents(events) {
      for (const { plugin, event } of events)
        emit(event.withKind("copy").with("from", text(plugin)));
    },
  }));
  host.events([["other", new Event("flow", 3n, { n: uint(1) })]]);
  assert.deepEqual(host.takeEvents(), [new Event("copy", 3n, { n: uint(1), from: text("other") })]);
});

test("state goes from one instance to the next", () => {
  const plugin = definePlugin({
    name: "p",
    version: "1",
    stateSchema: { writes: 3 },
    init(config) {
      let seen = 0;
      const packets = new Counter("packets_total", "");
      if (config === "bad") throw new Error("told to refuse");
      return {
        onPackets(batch) {
          seen += batch.length;
          packets.add(batch.length);
        },
        save() {
          packets.add(1000);
          return Uint8Array.of(seen);
        },
        restore(schema, saved) {
          if (schema !== 3 || saved.length !== 1) throw new Error("damaged");
          [seen] = saved;
        },
      };
    },
  });
  const host = new Harness(plugin);
  host.packets(frames(1, 2, 3));
  host.reload();
  host.packets(frames(4));
  assert.deepEqual([...host.save()], [4]);
  assert.equal(host.metric("packets_total"), 4);
  assert.throws(() => host.restore(3, new Uint8Array(2)), { message: "damaged" });
  assert.throws(() => host.reload("bad"), { message: "told to refuse" });
});

test("the store keeps what was set, and a bound names the key", () => {
  const host = doing(() => {
    kv.set("b/2", Uint8Array.of(2));
    kv.set("b/1", new Uint8Array(0));
    kv.set("a", Uint8Array.of(1));
    assert.deepEqual([kv.get("a"), kv.get("c")], [Uint8Array.of(1), undefined]);
    assert.deepEqual([kv.keys("b/"), kv.keys("c")], [["b/1", "b/2"], []]);
    kv.remove("b/1");
    kv.remove("never there");
    assert.deepEqual(kv.keys(), ["a", "b/2"]);
    assert.throws(() => kv.set("", new Uint8Array(0)), {
      message: 'can\'t store the key "": it has 0 bytes, not 1 to 256',
    });
    assert.throws(
      () => kv.set("k", new Uint8Array(65537)),
      /its value has 65537 bytes, at most 65536/,
    );
  });
  host.tick(1n);
  assert.deepEqual(host.stored("b/2"), Uint8Array.of(2));
  host.refuseKv(true);
  assert.throws(() => host.tick(2n), /told to refuse/);
});

test("the log, the clock, names and chance", () => {
  const host = doing(() => {
    log.debug("d");
    log.info("i");
    log.warn(interfaceName(1) ?? "none");
    log.error(`${nowNs()} ${interfaceName(2)} ${randomU64()}`);
  });
  host.nameInterface(1, "eth0");
  host.tick(5n);
  assert.deepEqual(host.takeLog(), [
    ["debug", "d"],
    ["info", "i"],
    ["warn", "eth0"],
    ["error", "5 undefined 16294208416658607535"],
  ]);
});

test("an error that ends the instance is logged on demand", () => {
  const host = start(() => {
    log.reportErrors();
    return {
      tick() {
        throw new RangeError("too late");
      },
      stop() {},
    };
  });
  assert.throws(() => host.tick(1n), RangeError);
  const [[level, line]] = host.takeLog();
  assert.equal(level, "error");
  assert.match(line, /^RangeError: too late\n.*plugin\.test\.js/s);
  host.stop(2n);
});

test("a role that the plugin does not have is told so", () => {
  const host = start(() => ({}));
  assert.throws(() => host.packets(frames(1)), /exports a role whose `onPackets` it has not/);
});

test("batches of all sizes have their own records and payload", () => {
  /** @type {Array<[number, string]>} */
  let seen = [];
  const host = start(() => ({
    onPackets(batch) {
      seen = Array.from(batch, (packet) => [
        packet.wireLen,
        Buffer.from(packet.payload).toString(),
      ]);
    },
  }));
  for (const count of [1, 40, 3, 100, 0, 7]) {
    const expected = Array.from({ length: count }, (_, i) => [i, "x".repeat(i * count)]);
    const records = expected.map(([len, payload]) =>
      PacketRecord.frame()
        .len(Number(len))
        .payload(Buffer.from(String(payload))),
    );
    host.packets(records);
    assert.deepEqual(seen, expected);
  }
});
