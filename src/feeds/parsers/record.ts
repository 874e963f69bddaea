import type { Row } from '../template.ts';

/** A record of a feed file, or the reason why it is left out or invalid. */
export type Parsed =
  | { readonly kind: 'row'; readonly line: number; readonly raw: string; readonly row: Row }
  | { readonly kind: 'left'; readonly line: number; readonly raw: string; readonly reason: string }
  | {
      readonly kind: 'bad';
      readonly line: number;
      readonly raw: string;
      readonly code: string;
      readonly message: string;
    };

/** Statements of a file about itself. Filled in during reading. */
export interface FileStatements {
  /** Number of records. */
  count?: number | undefined;
  /** The file has its trailer. */
  ended?: boolean;
  /** Names of the columns, if the file has them. */
  columns?: readonly string[] | undefined;
}

export const LONGEST_RECORD = 1_048_576;
export const LONGEST_FIELD = 65_536;
/** Maximum number of characters of a record that are kept for display. */
const KEPT = 4_096;

export function bad(line: number, raw: string, code: string, message: string): Parsed {
  return { kind: 'bad', line, raw: raw.slice(0, KEPT), code, message };
}

export function left(line: number, raw: string, reason: string): Parsed {
  return { kind: 'left', line, raw: raw.slice(0, KEPT), reason };
}

export function good(line: number, raw: string, row: Row): Parsed {
  const fields = Object.values(row);
  if (fields.some((field) => field.length > LONGEST_FIELD))
    return bad(line, raw, 'field-too-long', 'a field is longer than 64 KiB');
  if (fields.some((field) => field.includes('\0')))
    return bad(line, raw, 'nul-character', 'a field contains a NUL character, which no text has');
  return { kind: 'row', line, raw: raw.slice(0, KEPT), row };
}
