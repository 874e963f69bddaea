/**
 * Returns the offset of the value at a JSON pointer. If there is no such value, returns the offset of its nearest
 * ancestor.
 */
export function offsetOf(text: string, pointer: string): number {
  let at = skipSpace(text, 0);
  for (const token of pointer.split('/').slice(1)) {
    const next = child(text, at, token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** Returns the line and column of an offset, both from 1. */
export function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return i;
}

/** Returns the end of the string that begins at `at`. */
function endOfString(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && text.charAt(i) !== '"') i += text.charAt(i) === '\\' ? 2 : 1;
  return i + 1;
}

/** Returns the end of the value that begins at `at`. The text has been parsed before, so it is well formed. */
function endOfValue(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length;) {
    const c = text.charAt(i);
    if (c === '"') {
      i = endOfString(text, i);
      if (depth === 0) return i;
      continue;
    }
    if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') {
      if (depth === 0) return i;
      if (--depth === 0) return i + 1;
    } else if (depth === 0 && (c === ',' || text.charCodeAt(i) <= 0x20)) return i;
    i++;
  }
  return text.length;
}

function child(text: string, at: number, token: string): number | undefined {
  const list = text.charAt(at) === '[';
  if (!list && text.charAt(at) !== '{') return undefined;
  let i = skipSpace(text, at + 1);
  for (let index = 0; i < text.length && text.charAt(i) !== '}' && text.charAt(i) !== ']'; index++) {
    let name = String(index);
    let value = i;
    if (!list) {
      const end = endOfString(text, i);
      name = JSON.parse(text.slice(i, end)) as string;
      value = skipSpace(text, skipSpace(text, end) + 1);
    }
    if (name === token) return value;
    i = skipSpace(text, endOfValue(text, value));
    if (text.charAt(i) === ',') i = skipSpace(text, i + 1);
  }
  return undefined;
}
