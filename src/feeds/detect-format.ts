import type { ParserSpec } from '../config/settings.ts';
import type { ChosenColumns } from './detect-column.ts';

/** Number of rows on which a guess is based. */
export const SAMPLE = 500;
/** Size of the beginning of a file that is looked at, in bytes. JSON may need more to show its lists. */
export const HEAD = 1_048_576;

/** A parser for a file, and the columns that were chosen from its rows. */
export interface DetectedFormat {
  readonly parser: ParserSpec;
  readonly chosen: ChosenColumns;
  readonly notes: readonly string[];
}

/** Returns the lines of the beginning of a file that are whole and not empty. */
export function wholeLines(head: string): readonly string[] {
  const lines = head.split(/\r?\n/);
  // The last line may have been cut, unless the whole file was read.
  return (head.length >= HEAD - 4 ? lines.slice(0, -1) : lines).filter((line) => line.trim() !== '');
}
