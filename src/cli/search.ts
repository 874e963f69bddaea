import type { FoundObjects } from '../api/schema-types.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { table, when, writeJson } from './output.ts';
import { gradedState } from './show.ts';
import { withHub } from './local-client.ts';
import type { CommonFlags } from './common-flags.ts';

export interface SearchFlags extends CommonFlags {
  readonly limit: number;
}

/** `talanoa search VALUE`: exit code 4 when nothing is found. */
export async function search(value: string, flags: SearchFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.get<FoundObjects>(`/api/v1/objects?q=${encodeURIComponent(value)}&limit=${flags.limit}`),
  );
  const { meaning, items, collections, complete, next } = found;
  if (flags.json === true) writeJson(found, io);
  else if (items.length > 0)
    io.stdout.write(
      `${table(
        [
          ['VALUE', 'STATE', 'COLLECTION', 'SINCE', 'ID', 'TITLE'],
          ...items.map(
            ({ matched, value, state, collection_name: collection, date_added: since, id, title }) => [
              // A name that matched says nothing about the value, and the title shows it anyway.
              printable(matched.kind === 'name' ? (value ?? matched.value) : matched.value),
              gradedState(state, state, io),
              collection,
              when(since, io),
              id,
              printable(title),
            ],
          ),
        ],
        io,
      )}\n`,
    );
  // With --json, stderr contains nothing but errors in JSON.
  if (flags.quiet !== true && flags.json !== true) {
    const among = collections === 1 ? 'the one collection' : `the ${count(collections)} collections`;
    io.stderr.write(
      `${items.length === 0 ? 'Nothing found' : `Found ${items.length}`} by ${printable(meaning)}, in ${among} that you may read.\n`,
    );
    if (next !== undefined)
      io.stderr.write('More results exist. --limit shows up to 1,000 of them, and the API shows all.\n');
    if (!complete)
      io.stderr.write('The index does not contain the newest objects yet. Search again in a few minutes.\n');
  }
  return items.length === 0 ? EXIT.notFound : EXIT.done;
}
