import type { Row } from './template.ts';

/** Columns, and the values of which one must stand there. */
export type When = Readonly<Record<string, readonly string[]>>;

/** True when every column has one of its values: `*` is any, an empty text is none. */
export function applies(when: When, row: Row): boolean {
  return Object.entries(when).every(([column, values]) => {
    const value = row[column] ?? '';
    return values.some((wanted) => (wanted === '*' ? value !== '' : wanted === value));
  });
}
