// Texts: UTF-8 in the memory of the call, as an address and a length in two words.

import { allocate } from "./memory";

/** Write where a text is, and the text itself behind everything. */
export function storeText(at: usize, text: string): void {
  const length = String.UTF8.byteLength(text);
  const place = allocate(length);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, place);
  storeSpan(at, place, length);
}

/** Write an address and a length. */
export function storeSpan(at: usize, place: usize, length: usize): void {
  store<usize>(at, place);
  store<usize>(at, length, 4);
}

/** A text from the host. */
export function textAt(place: usize, length: usize): string {
  return String.UTF8.decodeUnsafe(place, length);
}
