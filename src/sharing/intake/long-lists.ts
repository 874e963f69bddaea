import type { Slices } from '../../kernel/slices.ts';

/** Items in one line. */
const ITEMS_OF_LINE = 1_000;

/** Seals or opens one line of a text, by its position in the text. */
export type LineSeal = (line: string, place: number) => string;

/**
 * Writes an object with a long list. The first line is the object with the first items of the list, and each further
 * line is a list of more items, so that the text can be written and read in slices. Each line is sealed separately.
 */
export async function writeLongList(
  head: Readonly<Record<string, unknown>>,
  name: string,
  items: readonly object[],
  slices: Slices,
  seal: LineSeal,
): Promise<string> {
  const lines = [seal(JSON.stringify({ ...head, [name]: items.slice(0, ITEMS_OF_LINE) }), 0)];
  for (let at = ITEMS_OF_LINE; at < items.length; at += ITEMS_OF_LINE) {
    const line = seal(JSON.stringify(items.slice(at, at + ITEMS_OF_LINE)), lines.length);
    lines.push(line);
    if (slices.isOver(line.length)) await slices.next();
  }
  return lines.join('\n');
}

/** Reads the object without the items on further lines. Texts of earlier versions have a single line. */
export function headOfLongList(text: string, open: LineSeal): Readonly<Record<string, unknown>> {
  const end = text.indexOf('\n');
  return JSON.parse(open(end < 0 ? text : text.slice(0, end), 0)) as Readonly<Record<string, unknown>>;
}

/** Reads all items of the list. */
export async function readLongList(
  text: string,
  name: string,
  slices: Slices,
  open: LineSeal,
): Promise<readonly unknown[]> {
  const items = [...(headOfLongList(text, open)[name] as readonly unknown[])];
  const [, ...lines] = text.split('\n');
  for (const [i, line] of lines.entries()) {
    for (const item of JSON.parse(open(line, i + 1)) as readonly unknown[]) items.push(item);
    if (slices.isOver(line.length)) await slices.next();
  }
  return items;
}
