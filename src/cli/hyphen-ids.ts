import type { Command } from 'commander';

/** A character that no argument of a process can contain. */
const MARK = '\0';

/**
 * An id that begins with a hyphen. Ids of suppressions, false positives and sessions are random base64url, so one of 64
 * does. Flags have no capitals, and the short ones are single letters.
 */
const ID = /^-(?:(?=.*[A-Z0-9])\w[\w-]{6,}|-(?=.*[A-Z])[\w-]{20})$/;

/** Returns the words of a command line with a mark on such ids, so that they are not read as flags. */
export function markedIds(words: readonly string[]): readonly string[] {
  return words.map((word) => (ID.test(word) ? `${MARK}${word}` : word));
}

/** Returns a text without the marks. */
export function unmarked(text: string): string {
  return text.replaceAll(MARK, '');
}

/** Removes the marks from the arguments and flags of a command. */
export function unmarkIds(command: Command): void {
  const cleared = (value: unknown): unknown =>
    typeof value === 'string' ? unmarked(value) : Array.isArray(value) ? value.map(cleared) : value;
  command.processedArgs = command.processedArgs.map(cleared);
  for (const option of command.options) {
    const name = option.attributeName();
    const value: unknown = command.getOptionValue(name);
    if (typeof value === 'string' || Array.isArray(value))
      command.setOptionValueWithSource(name, cleared(value), command.getOptionValueSource(name));
  }
}
