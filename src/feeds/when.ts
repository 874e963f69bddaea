import { columnOf, type Row } from './template.ts';

/** Columns, each with the values of which one must be present. */
export type When = Readonly<Record<string, readonly string[]>>;

/** True when every column has one of its values. `*` means any value, and an empty text means no value. */
export function applies(when: When, row: Row): boolean {
  return Object.entries(when).every(([column, values]) => {
    const value = columnOf(row, column) ?? '';
    return values.some((wanted) => (wanted === '*' ? value !== '' : wanted === value));
  });
}
