// The memory of one call. What the host hands over and what it is handed lies here, and all of it is
// gone at once when the call ends; the collector never sees it.

/** A block that is kept from call to call has at most so many bytes. */
const KEPT: usize = 4 << 20;

let block: usize = 0;
let size: usize = 0;
let used: usize = 0;
/** Blocks that were too small: each holds the one before in its first word. */
let full: usize = 0;

/** Bytes until the call ends, aligned to 8 and not cleared. */
export function allocate(bytes: usize): usize {
  bytes = (bytes + 7) & ~7;
  if (size - used < bytes) more(bytes);
  const at = block + used;
  used += bytes;
  return at;
}

function more(bytes: usize): void {
  if (block != 0) {
    store<usize>(block, full);
    full = block;
  }
  size = max<usize>(max<usize>(size * 2, bytes + 8), 64 << 10);
  block = heap.alloc(size);
  used = 8;
}

/** The call is over. */
export function reset(): void {
  used = 8;
  while (full != 0) {
    const before = load<usize>(full);
    heap.free(full);
    full = before;
  }
  if (size > KEPT) {
    heap.free(block);
    block = size = used = 0;
  }
}

/** What AssemblyScript calls where it can't go on. */
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
  unreachable();
}
