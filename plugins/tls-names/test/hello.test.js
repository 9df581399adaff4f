import assert from "node:assert/strict";
import { test } from "node:test";

import { clientHello } from "../src/hello.js";
import { extension, hello, serverName, versions } from "./hellos.js";

test("a ClientHello says whom it wants, and how", () => {
  const bytes = hello([
    extension(0x3a3a, []),
    serverName("www.Example.org"),
    extension(16, [0, 12, 2, 0x68, 0x32, 8, ...Buffer.from("http/1.1")]),
    versions(0x7a7a, 0x0304, 0x0303),
  ]);
  assert.deepEqual(clientHello(bytes), {
    serverName: "www.example.org",
    alpn: ["h2", "http/1.1"],
    version: "1.3",
    outcome: "whole",
  });
});

test("an old one has a version and no more", () => {
  const whole = { serverName: undefined, alpn: [], outcome: "whole" };
  assert.deepEqual(clientHello(hello([], 0x0301)), { ...whole, version: "1.0" });
  assert.deepEqual(clientHello(hello(undefined, 0x0300)), { ...whole, version: "3.0" });
  assert.deepEqual(clientHello(hello([versions(0x7f1c)])), { ...whole, version: "other" });
});

test("what is no ClientHello is nothing", () => {
  const bytes = hello([]);
  assert.equal(clientHello(new Uint8Array(0)), undefined);
  assert.equal(clientHello(Buffer.from("GET / HTTP/1.1\r\n")), undefined);
  assert.equal(clientHello(bytes.with(0, 23)), undefined);
  assert.equal(clientHello(bytes.with(5, 2)), undefined);
  assert.equal(clientHello(bytes.slice(0, 5)), undefined);
});

test("a cut one is read as far as it goes, wherever it ends", () => {
  const bytes = hello([
    serverName("a.test"),
    versions(0x0304),
    extension(51, new Array(1200).fill(7)),
  ]);
  for (let end = 6; end < bytes.length; end += 1) {
    const cut = clientHello(bytes.subarray(0, end));
    assert.equal(cut?.outcome, "cut", String(end));
    assert.ok([undefined, "a.test"].includes(cut.serverName));
    assert.ok([undefined, "1.3"].includes(cut.version));
  }
  const cut = clientHello(bytes.subarray(0, 400));
  assert.deepEqual([cut?.serverName, cut?.version], ["a.test", "1.3"]);
});

test("lengths that contradict each other are malformed", () => {
  const bytes = hello([serverName("a.test")]);
  const name = bytes.length - 6;
  // The name, the list of names, the extension, the extensions, the message.
  for (const place of [name - 1, name - 4, name - 6, name - 10, 8]) {
    const longer = bytes.with(place, bytes[place] + 1);
    assert.equal(clientHello(longer)?.outcome, "malformed", String(place));
  }
  assert.equal(clientHello(hello([serverName("a b")]))?.outcome, "malformed");
  assert.equal(clientHello(hello([serverName("")]))?.outcome, "malformed");
});

test("no bytes are too odd", () => {
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 24;
  const bytes = hello([serverName("a.test"), versions(0x0304)]);
  for (let i = 0; i < 20_000; i += 1) {
    const odd = bytes.with(6 + (random() % (bytes.length - 6)), random());
    assert.ok(["whole", "cut", "malformed"].includes(clientHello(odd)?.outcome ?? ""));
  }
});
