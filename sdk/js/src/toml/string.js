import { Refusal } from "./value.js";

/** @typedef {{ quote: string, what: string }} Kind */

/** @type {ReadonlyArray<Kind>} The longer quotes first. */
const KINDS = [
  { quote: "'''", what: "invalid multi-line literal string" },
  { quote: '"""', what: "invalid multi-line basic string" },
  { quote: "'", what: "invalid literal string" },
  { quote: '"', what: "invalid basic string" },
];

/** @type {ReadonlyMap<string, string>} */
const ESCAPES = new Map([
  ["b", "\b"],
  ["e", "\u001b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["\\", "\\"],
  ['"', '"'],
]);

/** @type {ReadonlyMap<string, number>} */
const HEX_DIGITS = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/**
 * What a string in quotes says.
 *
 * @param {string} raw With its quotes.
 * @param {number} at Where it starts.
 * @returns {string}
 */
export function stringValue(raw, at) {
  const kind = kindOf(raw);
  const start = kind.quote.length;
  const isClosed = raw.length >= 2 * start && raw.endsWith(kind.quote);
  if (!isClosed) throw new Refusal(at + raw.length, kind.what);
  const reader = new Reader(raw.slice(0, raw.length - start), at, kind);
  reader.index = start + (start === 3 ? newlineLength(raw, start) : 0);
  return kind.quote.startsWith("'") ? reader.literal() : reader.basic();
}

/** @param {string} raw */
export function isLong(raw) {
  return kindOf(raw).quote.length === 3;
}

/** @param {string} raw */
function kindOf(raw) {
  const kind = KINDS.find(({ quote }) => raw.startsWith(quote));
  if (kind === undefined) throw new Error("no string");
  return kind;
}

/**
 * @param {string} text
 * @param {number} index
 */
function newlineLength(text, index) {
  if (text[index] === "\n") return 1;
  return text.startsWith("\r\n", index) ? 2 : 0;
}

class Reader {
  /**
   * @param {string} raw Up to the closing quotes.
   * @param {number} at
   * @param {Kind} kind
   */
  constructor(raw, at, kind) {
    this.raw = raw;
    this.at = at;
    this.kind = kind;
    this.index = 0;
    this.isLong = kind.quote.length === 3;
  }

  literal() {
    const start = this.index;
    for (; this.index < this.raw.length; this.index += 1) this.check(this.raw[this.index]);
    return this.raw.slice(start);
  }

  basic() {
    let value = "";
    while (this.index < this.raw.length) {
      const character = this.raw[this.index];
      if (character === "\\") {
        this.index += 1;
        value += this.escape();
      } else {
        this.check(character);
        value += character;
        this.index += 1;
      }
    }
    return value;
  }

  /** @param {string} character */
  check(character) {
    if (this.isLong && (character === "\n" || character === this.kind.quote[0])) return;
    if (this.isLong && character === "\r") this.newline();
    else if (!isShown(character) || character === this.kind.quote[0]) this.refuse(this.kind.what);
  }

  /** A carriage return stands at the index. */
  newline() {
    if (this.raw[this.index + 1] !== "\n") {
      throw new Refusal(this.at + this.index + 1, "carriage return must be followed by newline");
    }
  }

  /** What stands behind a backslash. */
  escape() {
    const character = this.raw[this.index] ?? "";
    if (this.isLong && character !== "" && " \t\r\n".includes(character)) return this.joinedLine();
    const known = ESCAPES.get(character);
    const digits = HEX_DIGITS.get(character);
    if (known === undefined && digits === undefined) this.refuse("missing escaped value");
    this.index += 1;
    return known ?? this.hex(digits ?? 0);
  }

  /** @param {number} digits */
  hex(digits) {
    const found = /^[0-9a-fA-F]*/.exec(this.raw.slice(this.index, this.index + digits));
    const text = found?.[0] ?? "";
    if (text.length !== digits) {
      throw new Refusal(this.at + this.index + text.length, "too few unicode value digits");
    }
    const number = parseInt(text, 16);
    const isSurrogate = number >= 0xd800 && number <= 0xdfff;
    if (number > 0x10ffff || isSurrogate) this.refuse("invalid value");
    this.index += digits;
    return String.fromCodePoint(number);
  }

  /** A backslash at the end of a line: all space up to the next character is left out. */
  joinedLine() {
    while (this.raw[this.index] === " " || this.raw[this.index] === "\t") this.index += 1;
    if (this.raw[this.index] === "\r") this.newline();
    else if (this.raw[this.index] !== "\n") this.refuse(this.kind.what);
    for (; " \t\r\n".includes(this.raw[this.index] ?? "x"); this.index += 1) {
      if (this.raw[this.index] === "\r") this.newline();
    }
    return "";
  }

  /**
   * @param {string} reason
   * @returns {never}
   */
  refuse(reason) {
    throw new Refusal(this.at + this.index, reason);
  }
}

/** @param {string} character */
function isShown(character) {
  return character === "\t" || (character >= " " && character !== "\u007f");
}
