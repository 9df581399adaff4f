import { Refusal } from "./value.js";

/** @import { TomlValue } from "./value.js" */

/** @type {ReadonlyMap<string, { radix: number, digits: RegExp, what: string }>} */
const RADICES = new Map([
  ["x", { radix: 16, digits: /[0-9a-fA-F_]/, what: "invalid hexadecimal number" }],
  ["o", { radix: 8, digits: /[0-7_]/, what: "invalid octal number" }],
  ["b", { radix: 2, digits: /[01_]/, what: "invalid binary number" }],
]);

/** Words by their first letter. @type {ReadonlyMap<string, [string, string]>} */
const WORDS = new Map([
  ["t", ["true", "invalid boolean"]],
  ["f", ["false", "invalid boolean"]],
  ["i", ["inf", "invalid float"]],
  ["n", ["nan", "invalid float"]],
]);

/**
 * What a value without quotes is.
 *
 * @param {string} raw
 * @param {number} at Where it starts. Values are on one line, so this is as good as any place in it.
 * @returns {TomlValue}
 */
export function scalar(raw, at) {
  const first = raw[0] ?? "";
  if (first === "" || (!isDigit(first) && raw.includes(" "))) return refuseWord(raw, at);
  if (first === "+" || first === "-") return signed(raw, at);
  if (first === "0" && raw.length > 1) return afterZero(raw, raw, at);
  if (first === ".") return number(raw, raw, at);
  if (first === "_" || isDigit(first)) return dateOrNumber(raw, raw, at);
  return word(raw, raw, at);
}

/**
 * @param {string} raw
 * @param {number} at
 * @returns {never}
 */
function refuseWord(raw, at) {
  const isOpen = raw.endsWith("'") || raw.endsWith('"');
  throw new Refusal(at, isOpen ? "missing opening quote" : "string values must be quoted");
}

/**
 * @param {string} raw
 * @param {number} at
 */
function signed(raw, at) {
  const value = raw.slice(1);
  const first = value[0] ?? "";
  if (first === "+" || first === "-") throw new Refusal(at, "redundant numeric sign");
  if (first === "0" && value.length > 1) return afterZero(value, raw, at);
  // The sign is no digit of a mantissa.
  if (first === ".") return number(raw, raw, at);
  if (first === "_" || isDigit(first)) return dateOrNumber(value, raw, at);
  return "iInN".includes(first) && first !== "" ? word(value, raw, at) : refuseWord(raw, at);
}

/**
 * @param {string} value Without a sign.
 * @param {string} raw
 * @param {number} at
 * @returns {TomlValue}
 */
function word(value, raw, at) {
  const known = WORDS.get(value[0].toLowerCase());
  if (known === undefined) return refuseWord(raw, at);
  const [text, what] = known;
  if (value !== text) throw new Refusal(at, what);
  return what === "invalid boolean"
    ? { type: "truth", truth: text === "true" }
    : { type: "other", text: raw };
}

/**
 * @param {string} value Without a sign: a 0 and something else.
 * @param {string} raw
 * @param {number} at
 * @returns {TomlValue}
 */
function afterZero(value, raw, at) {
  const letter = value[1].toLowerCase();
  const known = RADICES.get(letter);
  if (known === undefined && letter !== "d") return dateOrNumber(value, raw, at);
  if (value.includes(" ")) return refuseWord(raw, at);
  if (value !== raw) throw new Refusal(at, "integers with a radix cannot be signed");
  if (known === undefined) throw new Refusal(at, "redundant integer number prefix");
  if (value[1] !== letter) throw new Refusal(at, "radix must be lowercase");
  const digits = value.slice(2);
  if (/^[+-]/.test(digits)) throw new Refusal(at, "unexpected sign");
  if (![...digits].every((digit) => known.digits.test(digit))) throw new Refusal(at, known.what);
  return { type: "integer", digits: joined(digits, /[0-9a-fA-F]/, at), radix: known.radix };
}

/**
 * @param {string} value Without a sign.
 * @param {string} raw
 * @param {number} at
 * @returns {TomlValue}
 */
function dateOrNumber(value, raw, at) {
  const rest = value.replace(/^[0-9]*/, "");
  if (rest.startsWith("-") || rest.startsWith(":")) return { type: "other", text: raw };
  if (rest.includes(" ")) return refuseWord(raw, at);
  if (/[.eE]/.test(rest)) return number(value, raw, at);
  if (rest !== "" && !rest.startsWith("_")) return refuseWord(raw, at);
  if (value.startsWith("0") && value !== "0") throw new Refusal(at, "unexpected leading zero");
  return { type: "integer", digits: joined(raw, /[0-9a-fA-F]/, at), radix: 10 };
}

/**
 * A float.
 *
 * @param {string} value
 * @param {string} raw
 * @param {number} at
 * @returns {TomlValue}
 */
function number(value, raw, at) {
  const parts = /^([0-9_]*)(?:(\.)([0-9_]*))?(?:([eE])[+-]?([0-9_]*))?(.*)$/s.exec(value) ?? [];
  const [, mantissa = "", dot, fraction = "", e, exponent = "", rest] = parts;
  needDigits(mantissa, "invalid mantissa", at);
  if (/[0-9].*[0-9]/.test(mantissa) && mantissa.startsWith("0")) {
    throw new Refusal(at, "unexpected leading zero");
  }
  if (dot !== undefined) needDigits(fraction, "invalid fraction", at);
  if (e !== undefined) needDigits(exponent, "invalid exponent", at);
  if (rest !== "") throw new Refusal(at, "invalid float");
  return { type: "other", text: joined(raw, /[0-9]/, at) };
}

/**
 * @param {string} part
 * @param {string} what
 * @param {number} at
 */
function needDigits(part, what, at) {
  if (!/[0-9]/.test(part)) throw new Refusal(at, what);
}

/**
 * A number without the underscores between its digits.
 *
 * @param {string} value
 * @param {RegExp} digit
 * @param {number} at
 */
function joined(value, digit, at) {
  for (let i = value.indexOf("_"); i >= 0; i = value.indexOf("_", i + 1)) {
    const before = value[i - 1] === "_" || digit.test(value[i - 1] ?? "");
    if (!before || !digit.test(value[i + 1] ?? "")) {
      throw new Refusal(at, "`_` may only go between digits");
    }
  }
  return value.replaceAll("_", "");
}

/** @param {string} character */
function isDigit(character) {
  return character >= "0" && character <= "9";
}
