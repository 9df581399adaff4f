// As much of TOML as two whole numbers need: a key and a value on each line, and comments.

class Key {
  constructor(
    public name: string,
    public value: string,
  ) {}
}

export class Config {
  /** What is wrong first; empty where nothing is. */
  error: string = "";
  private keys: Key[] = [];
  private known: string[] = [];

  constructor(text: string) {
    const lines = text.split("\n");
    for (let i = 0; i < lines.length && this.error == ""; i++) {
      const reason = this.line(withoutComment(lines[i]).trim());
      if (reason != "") this.error = `the config is not TOML, line ${i + 1}: ${reason}`;
    }
  }

  private line(line: string): string {
    if (line == "") return "";
    if (line.startsWith("[")) return "there are no tables here";
    const equals = line.indexOf("=");
    if (equals < 0) return "key with no value";
    const name = line.substring(0, equals).trim();
    const value = line.substring(equals + 1).trim();
    if (name.includes(".")) return "there are no tables here";
    if (value == "") return "string values must be quoted";
    for (let i = 0; i < this.keys.length; i++) {
      if (this.keys[i].name == name) return "a key stands twice";
    }
    this.keys.push(new Key(name, value));
    return "";
  }

  integer(name: string, otherwise: u64, least: u64, most: u64): u64 {
    this.known.push(name);
    for (let i = 0; i < this.keys.length; i++) {
      if (this.keys[i].name != name) continue;
      const value = this.keys[i].value;
      this.keys.splice(i, 1);
      const number = numberOf(value);
      if (number >= <i64>least && number <= <i64>most) return <u64>number;
      this.refuse(`config key \`${name}\`: ${shown(value)} won't do, it must be a whole number from ${least} to ${most}`);
      break;
    }
    return otherwise;
  }

  /** Refuse the keys that nothing asked for. */
  finish(): void {
    if (this.keys.length > 0) {
      this.refuse(`config key \`${this.keys[0].name}\` is not known; there are: ${this.known.join(", ")}`);
    }
  }

  private refuse(words: string): void {
    if (this.error == "") this.error = words;
  }
}

function withoutComment(line: string): string {
  const hash = line.indexOf("#");
  return hash < 0 ? line : line.substring(0, hash);
}

/** Arrays and tables are not shown as they are, nor the radix of a number. */
function shown(value: string): string {
  if (value.startsWith("[") || value.startsWith("{")) return "an array or table";
  return (radixOf(value) == 10 ? value : value.substring(2)).replaceAll("_", "");
}

function radixOf(text: string): i64 {
  if (text.startsWith("0x")) return 16;
  if (text.startsWith("0o")) return 8;
  return text.startsWith("0b") ? 2 : 10;
}

function digitOf(code: i32): i64 {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 99;
}

/** -1 for what is no number, or more than a signed one of 64 bits holds. */
function numberOf(text: string): i64 {
  const radix = radixOf(text);
  let number: i64 = 0;
  let count = 0;
  const start = radix != 10 ? 2 : text.startsWith("+") ? 1 : 0;
  for (let i = start; i < text.length; i++) {
    if (text.charCodeAt(i) == 0x5f) continue;
    const digit = digitOf(text.charCodeAt(i));
    if (digit >= radix || number > (i64.MAX_VALUE - digit) / radix) return -1;
    number = number * radix + digit;
    count++;
  }
  return count == 0 ? -1 : number;
}
