import { LONGEST_RECORD } from './record.ts';
import type { Line } from './lines.ts';

/** Maximum number of lines of one record. A quote that stays open for longer is a mistake. */
const MOST_LINES = 1_000;
/**
 * Number of further lines that stray quotes may make the reader look at in vain. After that, records have at most
 * `FEWEST_LINES` lines. Otherwise a file of stray quotes would be read a thousand times.
 */
const MOST_IN_VAIN = 10_000;
const FEWEST_LINES = 10;
/** Number of formats of a first field that are remembered. */
const MOST_SHAPES = 20;

/** A record as it is in the file, or a line that belongs to none. */
export interface CsvRecord {
  /** Number of its first line. */
  readonly number: number;
  readonly lines: readonly string[];
  readonly fault: { readonly code: string; readonly message: string } | undefined;
}

/** The parts of a line. */
interface Scan {
  readonly fields: number;
  /** It ends within quotes. */
  readonly open: boolean;
  /** Text follows the quote that closes a field. */
  readonly broken: boolean;
}

/** How far the first record is read. */
interface State {
  /** Number of waiting lines that were looked at. */
  readonly seen: number;
  readonly fields: number;
  readonly open: boolean;
  /** Length of these lines in characters. */
  readonly size: number;
}

const BEGIN: State = { seen: 0, fields: 0, open: false, size: 0 };

/**
 * Joins lines to records. A quoted field may contain line ends, and a quote that is never closed would take all
 * following rows into its field. So a record with several lines counts only if it has the usual number of columns and
 * none of its further lines looks like a row of its own. Otherwise its first line is bad, and reading continues with
 * the next one.
 */
export class CsvRecords {
  readonly #separator: string;
  readonly #shapes = new Set<string>();
  #columns: number | undefined;
  /** Lines that are read but not assigned yet. */
  #waiting: Line[] = [];
  /** State of the first record after the waiting lines that were looked at. */
  #state = BEGIN;
  #inVain = 0;

  constructor(separator: string, columns: number | undefined) {
    this.#separator = separator;
    this.#columns = columns;
  }

  /** True while the next line may belong to a quoted field. */
  get isOpen(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes the next line, and returns the records that are now known. */
  take(line: Line): readonly CsvRecord[] {
    if (this.#waiting.length === 0 && !line.cut && !line.text.includes('"')) return [this.#whole(line)];
    this.#waiting.push(line);
    return this.#settled(false);
  }

  /** Records that no field continues after this point. Returns the records that are now known. */
  end(): readonly CsvRecord[] {
    return this.#settled(true);
  }

  #whole(line: Line): CsvRecord {
    if (this.#shapes.size < MOST_SHAPES) this.#learn(line.text);
    return { number: line.number, lines: [line.text], fault: undefined };
  }

  #learn(text: string): void {
    if (text.trim() === '') return;
    this.#columns ??= scan(text, this.#separator, false).fields;
    this.#shapes.add(shapeOf(text, this.#separator));
  }

  #settled(isEnd: boolean): readonly CsvRecord[] {
    const known: CsvRecord[] = [];
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return known;
      const found = first.cut ? 'cut' : this.#lengthOf(isEnd);
      if (found === undefined) return known;
      const count = typeof found === 'number' ? found : 1;
      const taken = this.#waiting.slice(0, count);
      this.#waiting = this.#waiting.slice(count);
      if (found === 'stray') this.#inVain += this.#state.seen;
      this.#state = BEGIN;
      if (found === 1) known.push(this.#whole(first));
      else
        known.push({
          number: first.number,
          lines: taken.map(({ text }) => text),
          fault:
            found === 'cut'
              ? { code: 'record-too-long', message: 'the record is longer than 1 MiB' }
              : found === 'stray'
                ? {
                    code: 'stray-quote',
                    message: 'a quote in the row is not closed, or stands within a field',
                  }
                : undefined,
        });
    }
  }

  /** Returns the number of lines of the first record. Undefined when further lines decide. */
  #lengthOf(isEnd: boolean): number | 'stray' | undefined {
    const most = this.#inVain < MOST_IN_VAIN ? MOST_LINES : FEWEST_LINES;
    for (let i = this.#state.seen; i < this.#waiting.length; i++) {
      const { text, cut } = this.#waiting[i] as Line;
      if (i > 0 && (cut || i >= most || this.#isRow(text))) return 'stray';
      const size = this.#state.size + text.length;
      if (size > LONGEST_RECORD) return 'stray';
      const { fields: found, open, broken } = scan(text, this.#separator, this.#state.open);
      const fields = this.#state.fields + found - (i === 0 ? 0 : 1);
      this.#state = { seen: i + 1, fields, open, size };
      if (broken) return 'stray';
      if (!open) return i === 0 || this.#columns === undefined || fields === this.#columns ? i + 1 : 'stray';
      if (this.#columns !== undefined && fields > this.#columns) return 'stray';
    }
    return isEnd ? 'stray' : undefined;
  }

  /** True for a line that could be a row: it has the usual number of columns, and begins like other rows. */
  #isRow(text: string): boolean {
    if (this.#columns === undefined) return false;
    const { fields, open } = scan(text, this.#separator, false);
    return !open && fields === this.#columns && this.#shapes.has(shapeOf(text, this.#separator));
  }
}

/** Reads the fields of a line. `open` means that it begins within quotes. */
function scan(text: string, separator: string, open: boolean): Scan {
  let fields = 1;
  let broken = false;
  let at = 0;
  let quoted = open;
  /** Enters a field, which may begin with a quote. */
  const enter = (from: number): void => {
    at = from;
    while (isBlank(text.charAt(at)) && !text.startsWith(separator, at)) at++;
    quoted = text.charAt(at) === '"';
    if (quoted) at++;
  };
  if (!open) enter(0);
  for (;;) {
    while (quoted) {
      const quote = text.indexOf('"', at);
      if (quote < 0) return { fields, open: true, broken };
      at = quote + 1;
      if (text.charAt(at) === '"') at++;
      else {
        quoted = false;
        while (isBlank(text.charAt(at)) && !text.startsWith(separator, at)) at++;
        broken ||= at < text.length && !text.startsWith(separator, at);
      }
    }
    const next = text.indexOf(separator, at);
    if (next < 0) return { fields, open: false, broken };
    fields++;
    enter(next + separator.length);
  }
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\f';
}

/** Returns the format of the first field: `2026-11-20` and `2026-12-01` have the same. */
function shapeOf(text: string, separator: string): string {
  const end = text.indexOf(separator);
  return (end < 0 ? text : text.slice(0, end))
    .slice(0, 200)
    .trim()
    .replaceAll(/\d+/g, '9')
    .replaceAll(/\p{L}+/gu, 'a');
}
