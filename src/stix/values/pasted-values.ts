import { findValues } from './found-values.ts';
import { readObserved, valueKey } from './observed-values.ts';

/** A value in a text that a person has pasted. */
export interface PastedValue {
  /** The line of the text, beginning with 1. */
  readonly line: number;
  readonly text: string;
}

/** Signs around a value in a list. */
const QUOTES: ReadonlySet<string> = new Set(['"', "'", '`', '<', '>']);
/** A part of a list or a table. */
const PART = /[^,;|\s]+/g;
/** Longer lines are data of programs. They are read as lists, and not searched as texts that people have written. */
const LONGEST_LINE = 100_000;

/**
 * Finds the values in a text: one per line, a table such as CSV, or several in a line, defanged or not. Of a line with
 * values, the other words are left out. A line without any value is returned as it is, so that nobody takes silence for an
 * answer. Empty lines and lines that begin with `#` are left out.
 */
export function pastedValues(text: string): readonly PastedValue[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .flatMap((written, i): readonly PastedValue[] => {
      const line = i + 1;
      const whole = bare(written);
      if (whole === '' || whole.startsWith('#')) return [];
      const values = readObserved(whole) === undefined || hasMore(whole) ? valuesOfLine(whole) : [whole];
      return values.length === 0 ? [{ line, text: whole }] : values.map((value) => ({ line, text: value }));
    });
}

/**
 * Returns the values of a line: those of a sentence, and the parts of a list that are values by themselves. A list may
 * contain names that a search leaves out in sentences, such as `setup.sh`.
 */
function valuesOfLine(whole: string): readonly string[] {
  const found = whole.length > LONGEST_LINE ? [] : findValues(whole, whole.length);
  const values = found.map(({ written, start }) => ({ text: written, start }));
  const keys = new Set(found.map(valueKey));
  let next = 0;
  for (const { 0: part, index: start } of whole.matchAll(PART)) {
    const end = start + part.length;
    // Both are in the order of the line. A part of a value that was found is not another one.
    while (next < found.length && (found[next]?.end ?? 0) <= start) next++;
    if ((found[next]?.start ?? Infinity) < end) continue;
    const text = bare(part);
    const value = readObserved(text);
    if (value === undefined || keys.has(valueKey(value))) continue;
    keys.add(valueKey(value));
    values.push({ text, start });
  }
  return values.toSorted((a, b) => a.start - b.start).map((value) => value.text);
}

/** True for a value with more behind it: another URL, or the punctuation of a sentence. */
function hasMore(whole: string): boolean {
  const [first, second] = whole.length > LONGEST_LINE ? [] : findValues(whole, 2);
  if (first === undefined) return false;
  return second !== undefined || (first.start === 0 && /^[)\]}.,;:!?\u2026]+$/u.test(whole.slice(first.end)));
}

/** Removes blanks and quotes around a text. */
function bare(text: string): string {
  let start = 0;
  let end = text.length;
  const isOutside = (at: number): boolean => QUOTES.has(text[at] ?? '') || (text[at] ?? '').trim() === '';
  while (start < end && isOutside(start)) start++;
  while (end > start && isOutside(end - 1)) end--;
  return text.slice(start, end);
}
