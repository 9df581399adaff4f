import { ConfigError } from "../errors.js";
import { scalar } from "./scalar.js";
import { isLong, stringValue } from "./string.js";
import { commentEnd, spaceEnd, stringEnd, wordEnd } from "./token.js";
import { Refusal } from "./value.js";

/** @import { TomlValue } from "./value.js" */

/** As many as a config may have. */
const MAX_KEYS = 256;

/**
 * Read TOML 1.1 without tables. What is refused is refused in the words of the Rust SDK, so that an
 * operator reads the same whatever a plugin is written in.
 *
 * @param {string} source
 * @returns {Map<string, TomlValue>}
 * @throws {ConfigError} It is no such text; the message has the line.
 */
export function parse(source) {
  try {
    return new Document(source).read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const line = source.slice(0, error.at).split("\n").length;
    throw new ConfigError(`the config is not TOML, line ${line}: ${error.message}`);
  }
}

class Document {
  /** @param {string} source */
  constructor(source) {
    this.source = source;
    this.at = source.startsWith("\ufeff") ? 1 : 0;
    /** @type {Map<string, TomlValue>} */
    this.keys = new Map();
  }

  read() {
    while (this.at < this.source.length) this.expression();
    return this.keys;
  }

  get next() {
    return this.source[this.at] ?? "";
  }

  skipSpace() {
    this.at = spaceEnd(this.source, this.at);
  }

  expression() {
    switch (this.next) {
      case "[":
        return this.refuse("there are no tables here");
      case "]":
        return this.refuse("missing table open");
      case ",":
      case "{":
      case "}":
        return this.refuse("invalid key-value pair");
      case " ":
      case "\t":
        return this.skipSpace();
      case "\r":
      case "\n":
        this.at += 1;
        return undefined;
      case "#":
        this.at = commentEnd(this.source, this.at);
        return undefined;
      default:
        return this.keyAndValue();
    }
  }

  keyAndValue() {
    const key = this.key();
    this.skipSpace();
    if (this.next === ".") this.refuse("there are no tables here");
    if (this.next !== "=") this.refuse("key with no value");
    this.at += 1;
    this.skipSpace();
    if (this.next === "=") this.refuse("extra `=`");
    const at = this.at;
    const value = this.value();
    if (this.keys.has(key)) throw new Refusal(at, "a key stands twice");
    if (this.keys.size === MAX_KEYS) throw new Refusal(at, "there are too many keys");
    this.keys.set(key, value);
    if (value.type === "nested") this.skipNested();
    this.endOfLine();
  }

  key() {
    const at = this.at;
    if (this.next === '"' || this.next === "'") {
      const raw = this.take(stringEnd(this.source, at));
      if (isLong(raw)) {
        const kind = raw.startsWith("'") ? "literal" : "basic";
        throw new Refusal(at, `keys cannot be multi-line ${kind} strings`);
      }
      return stringValue(raw, at);
    }
    const raw = this.take(wordEnd(this.source, at));
    if (raw === "") throw new Refusal(at, "unquoted keys cannot be empty");
    if (!/^[A-Za-z0-9_-]+$/.test(raw)) throw new Refusal(at, "invalid unquoted key");
    return raw;
  }

  /** @returns {TomlValue} */
  value() {
    const at = this.at;
    switch (this.next) {
      case "]":
        return this.refuse("missing array opening");
      case "}":
        return this.refuse("missing inline table opening");
      case "[":
      case "{":
        return { type: "nested" };
      case '"':
      case "'":
        return { type: "text", text: stringValue(this.take(stringEnd(this.source, at)), at) };
      default:
        return scalar(this.take(this.scalarEnd()), at);
    }
  }

  /** A value without quotes has dots, and spaces where a word follows, as a date may. */
  scalarEnd() {
    let end = this.at;
    for (;;) {
      const space = spaceEnd(this.source, end);
      if (this.source[end] === ".") end += 1;
      else if (this.isWord(space)) end = wordEnd(this.source, space);
      else return end;
    }
  }

  /**
   * Whether a bare word starts there. It may have a quote inside, but not in front.
   *
   * @param {number} at
   */
  isWord(at) {
    const first = this.source[at];
    return first !== '"' && first !== "'" && wordEnd(this.source, at) > at;
  }

  /** An array or an inline table, which no key takes: only where it ends matters. */
  skipNested() {
    const closing = this.next === "[" ? "]" : "}";
    let [arrays, tables] = [0, 0];
    this.at += 1;
    while (this.at < this.source.length) {
      const character = this.next;
      const isOuter = (closing === "]" ? arrays : tables) === 0;
      this.at = this.tokenEnd();
      if (character === closing && isOuter) return;
      if (character === "[") arrays += 1;
      else if (character === "]") arrays = Math.max(arrays - 1, 0);
      else if (character === "{") tables += 1;
      else if (character === "}") tables = Math.max(tables - 1, 0);
    }
  }

  tokenEnd() {
    if (this.next === "#") return commentEnd(this.source, this.at);
    if (this.next === '"' || this.next === "'") return stringEnd(this.source, this.at);
    return Math.max(wordEnd(this.source, this.at), this.at + 1);
  }

  endOfLine() {
    this.skipSpace();
    if (this.next === "#") this.at = commentEnd(this.source, this.at);
    const isEnd = this.next === "" || this.next === "\n" || this.next === "\r";
    if (!isEnd) this.refuse("unexpected key or value");
  }

  /** @param {number} end */
  take(end) {
    const start = this.at;
    this.at = end;
    return this.source.slice(start, end);
  }

  /**
   * @param {string} reason
   * @returns {never}
   */
  refuse(reason) {
    throw new Refusal(this.at, reason);
  }
}
