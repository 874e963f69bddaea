import { findValues } from './found-values.ts';
import { readObserved } from './observed-values.ts';

/** A value in a text that a person has pasted. */
export interface PastedValue {
  /** The line of the text, beginning with 1. */
  readonly line: number;
  readonly text: string;
}

const QUOTES = /^["'`<]+|["'`>]+$/g;

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
      if (readObserved(whole) !== undefined) return [{ line, text: whole }];
      const values = findValues(whole, whole.length);
      return values.length === 0
        ? [{ line, text: whole }]
        : values.map(({ written: value }) => ({ line, text: value }));
    });
}

function bare(text: string): string {
  return text.trim().replaceAll(QUOTES, '').trim();
}
