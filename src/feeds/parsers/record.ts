import type { Row } from '../template.ts';

/** A record of a feed file, or why it is none. */
export type Parsed =
  | { readonly kind: 'row'; readonly line: number; readonly raw: string; readonly row: Row }
  | {
      readonly kind: 'bad';
      readonly line: number;
      readonly raw: string;
      readonly code: string;
      readonly message: string;
    };

/** What a file says of itself beside its records. Filled in while it is read. */
export interface Told {
  /** How many records there are. */
  count?: number | undefined;
  /** Names of the columns, where the file has them. */
  columns?: readonly string[];
}

export const LONGEST_RECORD = 1_048_576;
export const LONGEST_FIELD = 65_536;
/** What of a record is kept for people. */
const KEPT = 4_096;

export function bad(line: number, raw: string, code: string, message: string): Parsed {
  return { kind: 'bad', line, raw: raw.slice(0, KEPT), code, message };
}

export function good(line: number, raw: string, row: Row): Parsed {
  const tooLong = Object.values(row).some((field) => field.length > LONGEST_FIELD);
  if (tooLong) return bad(line, raw, 'field-too-long', 'a field is longer than 64 KiB');
  return { kind: 'row', line, raw: raw.slice(0, KEPT), row };
}
