// Measures in the bytes of a JSON text how much work it is for a parser, before anything parses it.

/**
 * Returns the nesting depth of a JSON text, counted up to `most + 1` without recursion. Call it before any recursive
 * work on a document, because deep nesting can exhaust the stack.
 */
export function nesting(bytes: Uint8Array, most: number): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < bytes.length && deepest <= most; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}

/**
 * Returns the number of different member names of a JSON text that has more than `many` members, counted up to
 * `many + 1` after its first `many` members. Parsing is slow when each name is new: 60,000 names take ten times as long
 * as 60,000 values.
 */
export function differentNames(bytes: Uint8Array, many: number): number {
  const names = new Set<number>();
  let members = 0;
  let start = 0;
  let end = 0;
  for (let i = 0; i < bytes.length && names.size <= many; i++) {
    const byte = bytes[i];
    if (byte === 0x22) {
      start = ++i;
      while (i < bytes.length && bytes[i] !== 0x22) i += bytes[i] === 0x5c ? 2 : 1;
      end = i;
    } else if (byte === 0x3a && ++members > many) names.add(nameHash(bytes, start, end));
  }
  return names.size;
}

/**
 * Returns a hash of a member name (FNV-1a). Two names with the same hash count as one, which is harmless. Only the
 * beginning of a long name is hashed, because an object has no room for many long names.
 */
export function nameHash(b: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - start);
  const last = Math.min(end, start + 1_024);
  for (let i = start; i < last; i++) hash = Math.imul(hash ^ (b[i] ?? 0), 0x01000193);
  return hash;
}
