// Destinations, in the order in which they came.

/** A destination, as an address in memory that lives on. */
export const DESTINATION: usize = 48;

@inline
export function hiOf(destination: usize): u64 {
  return load<u64>(destination, 0);
}

@inline
export function loOf(destination: usize): u64 {
  return load<u64>(destination, 8);
}

@inline
export function bytesOf(destination: usize): u64 {
  return load<u64>(destination, 16);
}

@inline
export function packetsOf(destination: usize): u64 {
  return load<u64>(destination, 24);
}

@inline
export function versionOf(destination: usize): u8 {
  return load<u8>(destination, 32);
}

/** The handle of its counter and 1, or 0 where it has none yet. */
@inline
export function counterOf(destination: usize): u32 {
  return load<u32>(destination, 36);
}

@inline
export function setCounter(destination: usize, counter: u32): void {
  store<u32>(destination, counter, 36);
}

export function count(destination: usize, bytes: u64, packets: u64): void {
  store<u64>(destination, bytesOf(destination) + bytes, 16);
  store<u64>(destination, packetsOf(destination) + packets, 24);
}

/** A list of at most so many destinations, and where to find them. */
export class Table {
  length: u32 = 0;
  private all: usize;
  private places: usize;
  private mask: u32 = 1023;

  constructor(most: u32) {
    while (this.mask < 2 * most) this.mask = this.mask * 2 + 1;
    this.all = heap.alloc(<usize>most * DESTINATION);
    const bytes = (<usize>this.mask + 1) * 4;
    this.places = heap.alloc(bytes);
    memory.fill(this.places, 0, bytes);
  }

  free(): void {
    heap.free(this.all);
    heap.free(this.places);
  }

  at(number: u32): usize {
    return this.all + <usize>number * DESTINATION;
  }

  /** Where its number is, counted from 1, or 0 where there is none. */
  private placeOf(version: u8, hi: u64, lo: u64): usize {
    const mixed = (hi ^ (lo * 0x9e3779b97f4a7c15)) * 0xbf58476d1ce4e5b9;
    let place = <u32>(mixed >> 32) & this.mask;
    while (true) {
      const at = this.places + <usize>place * 4;
      const number = load<u32>(at);
      if (number == 0) return at;
      const there = this.at(number - 1);
      if (loOf(there) == lo && hiOf(there) == hi && versionOf(there) == version) return at;
      place = (place + 1) & this.mask;
    }
  }

  /** 0 where it is not known. */
  find(version: u8, hi: u64, lo: u64): usize {
    const number = load<u32>(this.placeOf(version, hi, lo));
    return number == 0 ? 0 : this.at(number - 1);
  }

  /** One that is not there yet. */
  add(version: u8, hi: u64, lo: u64): usize {
    const place = this.placeOf(version, hi, lo);
    const added = this.at(this.length);
    this.length++;
    store<u32>(place, this.length);
    memory.fill(added, 0, DESTINATION);
    store<u64>(added, hi, 0);
    store<u64>(added, lo, 8);
    store<u8>(added, version, 32);
    return added;
  }
}
