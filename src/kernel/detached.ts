/** Returns a copy of a text. A part of a long text would otherwise keep the whole one in memory. */
export function detached(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}
