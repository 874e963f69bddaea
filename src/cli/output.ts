import { styleText } from 'node:util';
import stringWidth from 'fast-string-width';
import { dayText, exactTimeText, timeText, type Instant } from '../kernel/time-text.ts';
import { isTimeZone } from '../kernel/time-zones.ts';
import { printable, type Io } from './io.ts';

/**
 * The writer of the output for people. Programs get JSON (`--json`), where times are in UTC and nothing is wrapped.
 */

/** The space between two columns of a table. */
const GAP = '  ';
/** A narrower terminal gets the same output as one of this width. */
const NARROWEST = 40;

/**
 * Returns the number of columns that a line may have: those of the terminal, or else those that COLUMNS names. A file
 * or another program gets lines of any length, so that one row stays one line.
 */
function columnsOf({ stdout, environment }: Io): number {
  const named = Number(environment['COLUMNS']);
  const columns = stdout.isTTY ? stdout.columns : named;
  return Number.isInteger(columns) && columns > 0 ? Math.max(columns, NARROWEST) : Number.POSITIVE_INFINITY;
}

type Rows = readonly (readonly string[])[];

/** Returns what manages a record, in one word: the settings of the hub, or its commands and console. */
export function managerOf(managed: string | undefined): string {
  return managed === 'file' ? 'settings' : 'hub';
}

/** The colours that `graded` gives. */
const COLOURS = /(\u001B\[3[1239]m)/; // eslint-disable-line no-control-regex

/** Makes a cell safe for a terminal. Most cells contain text from outside. */
function safe(cell: string): string {
  return cell
    .split(COLOURS)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('');
}

/**
 * Formats rows as a table that fits the terminal, and that no text in a cell can control. Nothing is cut: cells are
 * wrapped between words, and if their words are too long for that, each row becomes a block of lines with the heads of
 * the columns in front. Wide characters take two columns of a terminal, and combining ones none.
 */
export function table(given: Rows, io: Io): string {
  const rows = given.map((row) => row.map(safe));
  const widths = widthsOf(rows, (cell) => stringWidth(cell));
  const columns = columnsOf(io);
  if (totalOf(widths) <= columns) return rows.map((row) => padded(row, widths)).join('\n');
  const narrowest = widthsOf(rows, longestWord);
  if (totalOf(narrowest) <= columns) return wrapped(rows, shrunk(widths, narrowest, columns));
  const [head = [], ...body] = rows;
  if (!isHead(head)) return wrapped(rows, shrunk(widths, narrowest, totalOf(narrowest)));
  return body.map((row) => block(head, row, columns)).join('\n\n');
}

function widthsOf(rows: Rows, widthOf: (cell: string) => number): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))));
  return widths;
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * Math.max(0, widths.length - 1));
}

function longestWord(cell: string): number {
  return Math.max(0, ...cell.split(' ').map((word) => stringWidth(word)));
}

/** Takes width from the widest columns, one at a time, until the table fits. */
function shrunk(widths: readonly number[], narrowest: readonly number[], columns: number): readonly number[] {
  const fitted = [...widths];
  for (let left = totalOf(fitted) - columns; left > 0; left--) {
    let widest = -1;
    fitted.forEach((width, i) => {
      if (width > (narrowest[i] ?? 0) && width > (fitted[widest] ?? 0)) widest = i;
    });
    if (widest < 0) break;
    fitted[widest] = (fitted[widest] ?? 0) - 1;
  }
  return fitted;
}

function padded(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, i) =>
      i === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - stringWidth(cell))),
    )
    .join(GAP)
    .trimEnd();
}

function wrapped(rows: Rows, widths: readonly number[]): string {
  return rows
    .flatMap((row) => {
      const cells = row.map((cell, i) => linesOf(cell, widths[i] ?? 0));
      const height = Math.max(1, ...cells.map((lines) => lines.length));
      return Array.from({ length: height }, (_, line) =>
        padded(
          cells.map((lines) => lines[line] ?? ''),
          widths,
        ),
      );
    })
    .join('\n');
}

/** Divides a text into lines between its words. A word that is longer than a line has a line of its own. */
function linesOf(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** True for the heads of columns, which are in uppercase letters. */
function isHead(row: readonly string[]): boolean {
  return row.every((cell) => !/[a-z]/.test(cell)) && row.some((cell) => cell !== '');
}

/** Returns a row as lines, each with the head of its column. */
function block(head: readonly string[], row: readonly string[], columns: number): string {
  const label = Math.max(...head.map((cell) => stringWidth(cell)));
  return row
    .flatMap((cell, i) => {
      const [first = '', ...more] = linesOf(cell, columns - label - GAP.length);
      return first === '' && more.length === 0
        ? []
        : [padded([head[i] ?? '', first], [label]), ...more.map((line) => padded(['', line], [label]))];
    })
    .join('\n');
}

/** Returns the zone in which times are shown: that of the reader (TZ), or else that of the hub, or else UTC. */
function zoneOf({ environment, zone }: Io): string {
  const own = environment['TZ']?.replace(/^:/, '');
  for (const name of [own, zone]) if (name !== undefined && isTimeZone(name)) return name;
  return 'UTC';
}

/** Returns a time to the minute with its zone, in the zone of the reader. */
export function when(time: Instant, io: Io): string {
  return timeText(time, zoneOf(io));
}

/** Returns a time to the second with its zone, in the zone of the reader. */
export function whenExactly(time: Instant, io: Io): string {
  return exactTimeText(time, zoneOf(io));
}

/** Returns the day of a time in the zone of the reader. */
export function dayOf(time: Instant, io: Io): string {
  return dayText(time, zoneOf(io));
}

/** The rating of a state, which decides its sign and colour. */
export type Grade = 'good' | 'notice' | 'bad';
const MARKS = { good: ['✓', 'green'], notice: ['!', 'yellow'], bad: ['✗', 'red'] } as const;

/**
 * Marks a state with a sign and a colour, on terminals only. The words alone are enough for programs and for readers who
 * see no colours. NO_COLOR switches the colours off.
 */
export function graded(text: string, grade: Grade, { stdout, environment }: Io): string {
  if (!stdout.isTTY) return text;
  const [sign, colour] = MARKS[grade];
  const marked = `${sign} ${text}`;
  return (environment['NO_COLOR'] ?? '') === ''
    ? styleText(colour, marked, { validateStream: false })
    : marked;
}

/** Prints one JSON document on one line, for programs. */
export function writeJson(value: unknown, io: Io): void {
  io.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Prints the result of a command: one JSON document for programs, or a text for people. */
export function writeResult(
  value: unknown,
  text: () => string,
  { json }: { readonly json?: boolean },
  io: Io,
): void {
  if (json === true) writeJson(value, io);
  else io.stdout.write(`${text()}\n`);
}
