// Texts of IP addresses, as RFC 5952 has them.

/** Bytes of the longest one. */
export const ADDRESS_TEXT: usize = 48;

/** Write the address of a version, by its halves; answers how many bytes it has. */
export function addressText(version: u8, hi: u64, lo: u64, to: usize): usize {
  const end = version == 4 ? v4(<u32>lo, to) : v6(hi, lo, to);
  return end - to;
}

function put(to: usize, char: u32): usize {
  store<u8>(to, char);
  return to + 1;
}

function v4(bits: u32, to: usize): usize {
  for (let shift: i32 = 24; shift >= 0; shift -= 8) {
    const byte = (bits >> shift) & 0xff;
    if (byte >= 100) to = put(to, 48 + byte / 100);
    if (byte >= 10) to = put(to, 48 + ((byte / 10) % 10));
    to = put(to, 48 + (byte % 10));
    if (shift > 0) to = put(to, 0x2e);
  }
  return to;
}

function group(hi: u64, lo: u64, number: i32): u32 {
  const half = number < 4 ? hi : lo;
  return <u32>(half >> (48 - 16 * (number & 3))) & 0xffff;
}

function hex(to: usize, bits: u32): usize {
  for (let shift: i32 = 12; shift >= 0; shift -= 4) {
    const digit = (bits >> shift) & 15;
    if (bits >> shift != 0 || shift == 0) to = put(to, digit < 10 ? 48 + digit : 87 + digit);
  }
  return to;
}

function v6(hi: u64, lo: u64, to: usize): usize {
  if (hi == 0 && lo >> 32 == 0xffff) {
    // Mapped from IPv4: ::ffff:192.0.2.1
    to = put(put(to, 0x3a), 0x3a);
    to = put(hex(to, 0xffff), 0x3a);
    return v4(<u32>lo, to);
  }
  // The first of the longest runs of at least two groups that are 0.
  let run = 8;
  let length = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && group(hi, lo, end) == 0) end++;
    if (end - start > length) {
      run = start;
      length = end - start;
    }
  }
  for (let number = 0; number < 8; ) {
    if (number == run) {
      to = put(put(to, 0x3a), 0x3a);
      number += length;
      continue;
    }
    if (number > 0 && number != run + length) to = put(to, 0x3a);
    to = hex(to, group(hi, lo, number));
    number++;
  }
  return to;
}
