import assert from "node:assert/strict";
import { test } from "node:test";

import { addressText, parseAddress } from "@ringtap/plugin";

test("an address is written as RFC 5952 has it", () => {
  const same = [
    "0.0.0.0",
    "192.0.2.255",
    "::",
    "::1",
    "1::",
    "2001:db8::1",
    "2001:db8:0:1:1:1:1:1",
    "2001:0:0:1::1",
    "1:0:0:2::",
    "::ffff:192.0.2.1",
    "::192:1",
    "fe80::1:0:0:1",
    "1:2:3:4:5:6:7:8",
    "::fffe:c000:201",
  ];
  for (const text of same)
    assert.equal(addressText(/** @type {Uint8Array} */ (parseAddress(text))), text);
});

test("what else may be written is read", () => {
  /** @type {Array<[string, string]>} */
  const other = [
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["0:0:0:0:0:ffff:c000:201", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ];
  for (const [text, expected] of other) {
    assert.equal(addressText(/** @type {Uint8Array} */ (parseAddress(text))), expected);
  }
});

test("what is no address is none", () => {
  const none = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "a.b.c.d",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "::1.2.3",
    "1.2.3.4::",
    ":1::",
    "::1:",
    "fe80::1%eth0",
  ];
  for (const text of none) assert.equal(parseAddress(text), undefined, text);
  assert.throws(() => addressText(new Uint8Array(5)), RangeError);
});
