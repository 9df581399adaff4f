// The host's functions, with parameters as the canonical ABI flattens them: a list or a text is an address
// and a length, and an answer of more than one word goes to an address that comes last.

import { allocate } from "./memory";
import { storeSpan, storeText, textAt } from "./text";

// @ts-ignore: decorator
@external("ringtap:plugin/log@0.1.0", "write")
declare function logWrite(level: u32, line: usize, length: usize): void;

// @ts-ignore: decorator
@external("ringtap:plugin/metrics@0.1.0", "counter")
declare function metricsCounter(
  name: usize,
  nameLength: usize,
  help: usize,
  helpLength: usize,
  labels: usize,
  labelCount: usize,
  answer: usize,
): void;

// @ts-ignore: decorator
@external("ringtap:plugin/metrics@0.1.0", "gauge")
declare function metricsGauge(
  name: usize,
  nameLength: usize,
  help: usize,
  helpLength: usize,
  labels: usize,
  labelCount: usize,
  answer: usize,
): void;

// @ts-ignore: decorator
@external("ringtap:plugin/metrics@0.1.0", "histogram")
declare function metricsHistogram(
  name: usize,
  nameLength: usize,
  help: usize,
  helpLength: usize,
  bounds: usize,
  boundCount: usize,
  labels: usize,
  labelCount: usize,
  answer: usize,
): void;

// @ts-ignore: decorator
@external("ringtap:plugin/metrics@0.1.0", "update")
declare function metricsUpdate(
  ids: usize,
  idCount: usize,
  values: usize,
  valueCount: usize,
  answer: usize,
): void;

// @ts-ignore: decorator
@external("ringtap:plugin/events@0.1.0", "emit")
declare function eventsEmit(rows: usize, count: usize, answer: usize): void;

/** Write a line into the operator's log. */
export function info(line: string): void {
  const span = allocate(8);
  storeText(span, line);
  logWrite(1, load<usize>(span), load<usize>(span, 4));
}

/** The handle of a `result<series, string>`. The names here break no rule, so an error is a bug. */
function series(answer: usize): u32 {
  if (load<u8>(answer) != 0) refused(answer);
  return load<u32>(answer, 4);
}

function refused(answer: usize): void {
  info(textAt(load<usize>(answer, 4), load<usize>(answer, 8)));
  unreachable();
}

/** A counter with one label, whose value is a text at an address. */
export function counter(name: string, help: string, label: string, value: usize, length: usize): u32 {
  const at = allocate(48);
  storeText(at, name);
  storeText(at + 8, help);
  storeText(at + 16, label);
  storeSpan(at + 24, value, length);
  const answer = at + 32;
  metricsCounter(
    load<usize>(at),
    load<usize>(at, 4),
    load<usize>(at, 8),
    load<usize>(at, 12),
    at + 16,
    1,
    answer,
  );
  return series(answer);
}

export function gauge(name: string, help: string): u32 {
  const at = allocate(32);
  storeText(at, name);
  storeText(at + 8, help);
  const answer = at + 16;
  metricsGauge(load<usize>(at), load<usize>(at, 4), load<usize>(at, 8), load<usize>(at, 12), 0, 0, answer);
  return series(answer);
}

export function histogram(name: string, help: string, bounds: StaticArray<f64>): u32 {
  const at = allocate(32);
  storeText(at, name);
  storeText(at + 8, help);
  const answer = at + 16;
  metricsHistogram(
    load<usize>(at),
    load<usize>(at, 4),
    load<usize>(at, 8),
    load<usize>(at, 12),
    changetype<usize>(bounds),
    bounds.length,
    0,
    0,
    answer,
  );
  return series(answer);
}

/** Values that wait for the end of the call: two for each record and one more, and there is room for more. */
const VALUES: usize = 4096;
const ids: usize = heap.alloc(VALUES * 4);
const values: usize = heap.alloc(VALUES * 8);
let waiting: usize = 0;

/** Add to a counter, set a gauge, or observe, when the call ends. */
export function record(id: u32, value: f64): void {
  if (waiting == VALUES) flushValues();
  store<u32>(ids + waiting * 4, id);
  store<f64>(values + waiting * 8, value);
  waiting++;
}

/** Rows that wait for the end of the call. */
const ROWS: usize = 64;
const ROW: usize = 24;
const rows: usize = heap.alloc(ROWS * ROW);
let rowCount: usize = 0;

/** Emit a row that lies at an address, when the call ends. Its fields stay where they are. */
export function emit(row: usize): void {
  memory.copy(rows + rowCount * ROW, row, ROW);
  rowCount++;
  if (rowCount == ROWS) flushRows();
}

function flushValues(): void {
  const answer = allocate(16);
  metricsUpdate(ids, waiting, values, waiting, answer);
  if (load<u8>(answer) != 0) refused(answer);
  waiting = 0;
}

function flushRows(): void {
  const answer = allocate(16);
  eventsEmit(rows, rowCount, answer);
  if (load<u8>(answer) != 0) refused(answer);
  rowCount = 0;
}

/** Hand over what waits. */
export function flush(): void {
  if (rowCount > 0) flushRows();
  if (waiting > 0) flushValues();
}
