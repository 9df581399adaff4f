// Rows: `types.event` as it lies in memory.

import { ADDRESS_TEXT, addressText } from "./address";
import { emit } from "./host";
import { allocate } from "./memory";
import { storeSpan, storeText } from "./text";

/** Bytes of a name and a value. */
const FIELD: usize = 24;
/** More than any row here has. */
const FIELDS: usize = 8;

// As `value` counts.
const TEXT: u8 = 0;
const INT: u8 = 1;
const UINT: u8 = 2;
const FLOAT: u8 = 3;
const TRUTH: u8 = 4;
const BYTES: u8 = 5;

/** A row of at most eight fields. It is gone when the call ends. */
export class Row {
  private at: usize = allocate(24);
  private fields: usize = allocate(FIELDS * FIELD);
  private count: usize = 0;

  constructor(kind: string, timeNs: u64) {
    storeText(this.at, kind);
    store<u64>(this.at, timeNs, 8);
  }

  /** Where the next field's value goes. */
  private next(name: string, type: u8): usize {
    const field = this.fields + this.count * FIELD;
    this.count++;
    storeText(field, name);
    store<u8>(field, type, 8);
    return field + 16;
  }

  text(name: string, place: usize, length: usize): Row {
    storeSpan(this.next(name, TEXT), place, length);
    return this;
  }

  address(name: string, version: u8, hi: u64, lo: u64): Row {
    const place = allocate(ADDRESS_TEXT);
    return this.text(name, place, addressText(version, hi, lo, place));
  }

  int(name: string, value: i64): Row {
    store<i64>(this.next(name, INT), value);
    return this;
  }

  uint(name: string, value: u64): Row {
    store<u64>(this.next(name, UINT), value);
    return this;
  }

  float(name: string, value: f64): Row {
    store<f64>(this.next(name, FLOAT), value);
    return this;
  }

  truth(name: string, value: bool): Row {
    store<u8>(this.next(name, TRUTH), value ? 1 : 0);
    return this;
  }

  bytes(name: string, place: usize, length: usize): Row {
    storeSpan(this.next(name, BYTES), place, length);
    return this;
  }

  /** When the call ends. */
  emit(): void {
    storeSpan(this.at + 16, this.fields, this.count);
    emit(this.at);
  }
}
