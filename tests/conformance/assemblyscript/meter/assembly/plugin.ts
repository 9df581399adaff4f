// The plugin `meter` of tests/conformance: packets and bytes by destination. `exports.mjs` gives the
// functions here the names that the host calls them by.

import { ADDRESS_TEXT, addressText } from "./address";
import { Config } from "./config";
import { counter, flush, gauge, histogram, info, record as note } from "./host";
import { allocate, reset } from "./memory";
import * as packet from "./record";
import { Row } from "./row";
import { Table, bytesOf, count, counterOf, hiOf, loOf, packetsOf, setCounter, versionOf } from "./table";
import { storeSpan, storeText, textAt } from "./text";

/** Bytes of a record that is known here; a newer host's may be longer. */
const RECORD_SIZE: u32 = 152;
/** Bytes of a saved destination. */
const SAVED: usize = 33;
const DAMAGED = "the saved state is damaged";

let limit: u64 = 0;
let trapAfter: u64 = 0;
let records: u64 = 0;
let known = new Table(1);
let sizes: u32 = 0;
let destinations: u32 = 0;
/** The handle of the counter for all others and 1, or 0. */
let others: u32 = 0;

/** The host asks for memory here: for arguments before it calls, for answers of what is called. */
export function cabiRealloc(old: usize, oldSize: usize, _align: usize, size: usize): usize {
  const place = allocate(size);
  if (oldSize > 0) memory.copy(place, old, min(oldSize, size));
  return place;
}

/** The host has read an answer. */
export function answered(_answer: usize): void {
  reset();
}

/** A `types.description`. */
export function describe(): usize {
  const at = allocate(40);
  storeText(at, "meter");
  storeText(at + 8, "1.0.0");
  store<u32>(at, 1000, 16);
  const interests = allocate(2 * 28);
  interest(interests, "all", "", 0);
  interest(interests + 28, "dns", "udp port 53", 512);
  storeSpan(at + 20, interests, 2);
  store<u8>(at, 1, 28);
  store<u32>(at, 1, 32);
  store<u32>(at, 1, 36);
  return at;
}

function interest(at: usize, name: string, filter: string, payload: u32): void {
  storeText(at, name);
  storeText(at + 8, filter);
  store<u32>(at, 1, 16);
  store<u8>(at, 0, 20);
  store<u32>(at, payload, 24);
}

/** A `result<_, string>`, or a `result<list<u8>, string>` whose list is empty. */
function result(error: string): usize {
  const at = allocate(12);
  memory.fill(at, 0, 12);
  if (error != "") {
    store<u8>(at, 1);
    storeText(at + 4, error);
  }
  return at;
}

export function init(place: usize, length: usize): usize {
  const config = new Config(textAt(place, length));
  limit = config.integer("limit", 1000, 1, 100000);
  trapAfter = config.integer("trap_after", 0, 0, 1000000000);
  config.finish();
  if (config.error != "") return result(config.error);
  known = new Table(<u32>limit);
  info(`meter starts with limit ${limit}`);
  const bounds: StaticArray<f64> = [64, 128, 256, 512, 1024, 1518];
  sizes = histogram("meter_packet_bytes", "Sizes of packets.", bounds);
  destinations = gauge("meter_destinations", "Destinations that are known.");
  flush();
  return result("");
}

function counterFor(value: usize, length: usize): u32 {
  return counter("meter_bytes_total", "Bytes by destination.", "dst", value, length) + 1;
}

function countOther(bytes: u64): void {
  if (others == 0) {
    const text = allocate(8);
    storeText(text, "other");
    others = counterFor(load<usize>(text), load<usize>(text, 4));
  }
  note(others - 1, <f64>bytes);
}

function countPacket(record: usize, version: u8): void {
  const hi = load<u64>(record, 24);
  const lo = load<u64>(record, 32);
  const bytes = packet.wireBytes(record);
  let to = known.find(version, hi, lo);
  if (to == 0) {
    if (known.length == limit) return countOther(bytes);
    to = known.add(version, hi, lo);
  }
  if (counterOf(to) == 0) {
    const text = allocate(ADDRESS_TEXT);
    setCounter(to, counterFor(text, addressText(version, hi, lo, text)));
  }
  count(to, bytes, packet.packets(record));
  note(counterOf(to) - 1, <f64>bytes);
}

function tellDns(record: usize, version: u8, timeNs: u64, payload: usize, payloadLength: usize): void {
  const offset: usize = load<u32>(record, 88);
  const wanted: usize = load<u16>(record, 126);
  const isThere = offset <= payloadLength && wanted <= payloadLength - offset;
  const length = isThere ? wanted : 0;
  const row = new Row("dns", timeNs);
  if (version != 0) {
    row.address("src", version, load<u64>(record, 8), load<u64>(record, 16));
    row.address("dst", version, load<u64>(record, 24), load<u64>(record, 32));
  }
  if (packet.hasPorts(record)) row.uint("src_port", packet.srcPort(record));
  row
    .bytes("payload", payload + offset, length)
    .truth("is_answer", length > 2 && (load<u8>(payload + offset, 2) & 0x80) != 0)
    .emit();
}

/** Unix time, which neither falls below 0 nor grows beyond 64 bits. */
function unixTime(timestampNs: u64, offset: i64): u64 {
  if (offset < 0) {
    const back = 0 - <u64>offset;
    return timestampNs < back ? 0 : timestampNs - back;
  }
  const sum = timestampNs + <u64>offset;
  return sum < timestampNs ? u64.MAX_VALUE : sum;
}

export function onPackets(
  _sequence: u64,
  _shedBefore: u64,
  clockOffsetNs: i64,
  recordSize: u32,
  recordCount: u32,
  all: usize,
  _allLength: usize,
  payload: usize,
  payloadLength: usize,
): void {
  if (recordSize < RECORD_SIZE) unreachable();
  for (let i: u32 = 0; i < recordCount; i++) {
    const record = all + <usize>i * recordSize;
    records++;
    if (trapAfter > 0 && records == trapAfter) unreachable();
    note(sizes, <f64>packet.wireLen(record));
    const version = packet.addressVersion(record);
    if (version != 0) countPacket(record, version);
    if (packet.matches(record, 1)) {
      const timeNs = unixTime(packet.timestampNs(record), clockOffsetNs);
      tellDns(record, version, timeNs, payload, payloadLength);
    }
  }
  note(destinations, <f64>known.length);
  flush();
  reset();
}

export function tick(nowNs: u64): void {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < known.length; i++) sum += bytesOf(known.at(i));
  const share = sum == 0 ? 0 : <f64>bytesOf(known.at(0)) / <f64>sum;
  new Row("tick", nowNs)
    .uint("destinations", known.length)
    .uint("records", records)
    .float("share", share)
    .emit();
  flush();
  reset();
}

export function stop(nowNs: u64): void {
  for (let i: u32 = 0; i < known.length; i++) {
    const to = known.at(i);
    new Row("total", nowNs)
      .address("dst", versionOf(to), hiOf(to), loOf(to))
      .uint("bytes", bytesOf(to))
      .uint("packets", packetsOf(to))
      .int("delta", <i64>(packetsOf(to) - bytesOf(to)))
      .emit();
  }
  flush();
  reset();
}

export function save(): usize {
  const bytes: usize = 12 + <usize>known.length * SAVED;
  const saved = allocate(bytes);
  store<u64>(saved, records);
  store<u32>(saved, known.length, 8);
  for (let i: u32 = 0; i < known.length; i++) {
    const at = saved + 12 + <usize>i * SAVED;
    const to = known.at(i);
    const isV4 = versionOf(to) == 4;
    store<u8>(at, versionOf(to));
    // Network order. IPv4's four bytes come last, behind zeros.
    store<u64>(at, bswap<u64>(isV4 ? 0 : hiOf(to)), 1);
    store<u64>(at, bswap<u64>(loOf(to)), 9);
    store<u64>(at, bytesOf(to), 17);
    store<u64>(at, packetsOf(to), 25);
  }
  const answer = result("");
  storeSpan(answer + 4, saved, bytes);
  return answer;
}

/** An address as `save` writes it. */
function isAddress(version: u8, hi: u64, lo: u64): bool {
  return version == 6 || (version == 4 && hi == 0 && lo >> 32 == 0);
}

export function restore(_schema: u32, saved: usize, length: usize): usize {
  if (length < 12) return result(DAMAGED);
  const saveCount = load<u32>(saved, 8);
  if (<u64>length != 12 + <u64>saveCount * SAVED) return result(DAMAGED);
  // More than the limit, maybe: an address that stands twice is wrong there too.
  const seen = new Table(max<u32>(saveCount, 1));
  for (let i: u32 = 0; i < saveCount; i++) {
    const at = saved + 12 + <usize>i * SAVED;
    const version = load<u8>(at);
    const hi = bswap(load<u64>(at, 1));
    const lo = bswap(load<u64>(at, 9));
    if (!isAddress(version, hi, lo) || seen.find(version, hi, lo) != 0) return result(DAMAGED);
    seen.add(version, hi, lo);
    if (known.length < limit) count(known.add(version, hi, lo), load<u64>(at, 17), load<u64>(at, 25));
  }
  seen.free();
  records = load<u64>(saved);
  return result("");
}
