// What the plugin needs of a record, by the offsets of docs/record.md.

const MARK_PORTS: u32 = 1 << 8;
const MARK_GSO: u32 = 1 << 16;
const MARK_VLAN_IN_METADATA: u32 = 1 << 17;

// A record is an address in memory: these are loads, and nothing is allocated.

export function timestampNs(record: usize): u64 {
  return load<u64>(record, 0);
}

export function matches(record: usize, interest: u64): bool {
  return ((load<u64>(record, 40) >> interest) & 1) == 1;
}

export function wireLen(record: usize): u32 {
  return load<u32>(record, 48);
}

/** 4 or 6, or 0 where there was no whole IP header. */
export function addressVersion(record: usize): u8 {
  return load<u32>(record, 64) == 0 ? 0 : load<u8>(record, 141);
}

export function hasPorts(record: usize): bool {
  return (marks(record) & MARK_PORTS) != 0;
}

export function srcPort(record: usize): u16 {
  return load<u16>(record, 114);
}

function marks(record: usize): u32 {
  return load<u32>(record, 60);
}

function segments(record: usize): u64 {
  const count: u64 = (marks(record) & MARK_GSO) == 0 ? 1 : load<u16>(record, 130);
  return max<u64>(count, 1);
}

function sampleOneIn(record: usize): u64 {
  return max<u64>(load<u32>(record, 84), 1);
}

/** Packets that the record stands for. */
export function packets(record: usize): u64 {
  return segments(record) * sampleOneIn(record);
}

/** Bytes on the wire that the record stands for. */
export function wireBytes(record: usize): u64 {
  const tag: u64 = (marks(record) & MARK_VLAN_IN_METADATA) == 0 ? 0 : 4;
  const headers = <u64>load<u16>(record, 138) + tag;
  const bytes = <u64>wireLen(record) + (segments(record) - 1) * headers;
  // The product may be too much for 64 bits; it stops there.
  const low = (bytes & 0xffffffff) * sampleOneIn(record);
  const high = (bytes >> 32) * sampleOneIn(record) + (low >> 32);
  return high > 0xffffffff ? u64.MAX_VALUE : (high << 32) | (low & 0xffffffff);
}
