import type { ValueRow } from '../values/contribution.ts';

/** Yields the rows of whole values, in pages. */
export async function* grouped(
  pages: AsyncIterable<readonly ValueRow[]>,
): AsyncGenerator<readonly [ValueRow, ...ValueRow[]][]> {
  let group: [ValueRow, ...ValueRow[]] | undefined;
  for await (const page of pages) {
    const whole: [ValueRow, ...ValueRow[]][] = [];
    for (const row of page) {
      if (group !== undefined && group[0].value === row.value && group[0].type === row.type) group.push(row);
      else {
        if (group !== undefined) whole.push(group);
        group = [row];
      }
    }
    yield whole;
  }
  if (group !== undefined) yield [group];
}
