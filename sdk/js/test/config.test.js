import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Config } from "@ringtap/plugin";

import { quoted } from "../src/quoted.js";

/** What the Rust SDK says to each text; see `tests/conformance`. */
const cases = readFileSync(
  new URL("../../../tests/conformance/config.tsv", import.meta.url),
  "utf8",
);

/** @type {{ [escape: string]: string }} */
const ESCAPES = { "\\N": "\n", "\\R": "\r", "\\T": "\t", "\\Z": "\u0001" };

/** @param {string} text */
function outcome(text) {
  try {
    const config = Config.parse(text);
    const n = config.integer("n", 7, 1, 100);
    const b = config.truth("b", false);
    const s = config.text("s", "def");
    const z = config.seconds("z", 3, 1, 60);
    config.finish();
    return `n=${n} b=${b} s=${quoted(s)} z=${z}`;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

test("a config is read, and refused, as by the Rust SDK", () => {
  const lines = cases.split("\n").filter((line) => line !== "");
  assert.ok(lines.length > 200);
  for (const line of lines) {
    const [escaped, expected] = line.split("\t");
    const text = escaped.replace(/\\[NRTZ]/g, (escape) => ESCAPES[escape]);
    assert.equal(outcome(text), expected, JSON.stringify(text));
  }
});

test("there are at most 256 keys, and depth is no danger", () => {
  const many = Array.from({ length: 257 }, (_, i) => `k${i} = 1\n`).join("");
  assert.equal(outcome(many), "the config is not TOML, line 257: there are too many keys");
  const deep = `n = ${"[".repeat(100_000)}5${"]".repeat(100_000)}`;
  assert.match(outcome(deep), /an array or table won't do/);
});

test("a range that a number can't hold is a mistake of the plugin", () => {
  assert.throws(() => Config.parse("").integer("n", 1, 0, 2 ** 60), RangeError);
});
