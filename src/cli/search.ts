import type { FoundObjects, SavedSearch, SearchView } from '../api/schema-types.ts';
import { commandErrors } from './command-errors.ts';
import { accessErrors } from '../access/errors.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { table, when, writeJson } from './output.ts';
import { gradedState } from './show.ts';
import { withHub } from './local-client.ts';
import { demandFilters } from '../sharing/reading/search-filters.ts';
import type { CommonFlags } from './common-flags.ts';

export interface SearchFlags extends CommonFlags {
  readonly limit: number;
  /** Filters as in the query of `GET /search`. */
  readonly filters?: string;
}

/** The parts of a saved search that the flags choose. */
export interface SavingFlags extends CommonFlags {
  readonly filters?: string;
  readonly shared?: boolean;
}

/** `talanoa search VALUE`: exit code 4 when nothing is found. */
export async function search(value: string, flags: SearchFlags, io: Io): Promise<number> {
  if ((flags.filters ?? '') !== '') return filtered(value, flags, io);
  const found = await withHub(flags, io, (client) =>
    client.get<FoundObjects>(`/api/v1/objects?q=${encodeURIComponent(value)}&limit=${flags.limit}`),
  );
  const { meaning, items, collections, complete, next } = found;
  if (flags.json === true) writeJson(found, io);
  else if (items.length > 0)
    writeFound(
      // A name that matched adds nothing to the value, and the title shows it anyway.
      items.map((one) => [
        one.matched.kind === 'name' ? (one.value ?? one.matched.value) : one.matched.value,
        one,
      ]),
      io,
    );
  // With --json, stderr contains nothing but JSON.
  if (flags.quiet !== true && flags.json !== true) {
    const among = collections === 1 ? 'the one collection' : `the ${count(collections)} collections`;
    io.stderr.write(
      `${items.length === 0 ? 'Nothing found' : `Found ${items.length}`} by ${printable(meaning)}, in ${among} that you may read.\n`,
    );
    const isOperator = isAtTheMachine(flags, io);
    if (items.length === 0 && collections > 0) tellUngranted(flags, io);
    if (collections === 0)
      io.stderr.write(
        isOperator
          ? 'No grant lets the operator read a collection. Create one, which the audit log records: talanoa grant create COLLECTION role:administrator --read\n'
          : 'Ask the hub for a grant to read a collection.\n',
      );
    if (next !== undefined)
      io.stderr.write('More results exist. --limit shows up to 1,000 of them, and the API shows all.\n');
    if (!complete)
      io.stderr.write('The index does not contain the newest objects yet. Search again in a few minutes.\n');
  }
  return items.length === 0 ? EXIT.notFound : EXIT.done;
}

/** Writes the table of found objects, each with the value that is shown for it. */
function writeFound(
  found: readonly (readonly [
    value: string,
    one: SearchView['items'][number] | FoundObjects['items'][number],
  ])[],
  io: Io,
): void {
  const rows = found.map(([value, { state, collection_name: collection, date_added: since, id, title }]) => [
    printable(value),
    gradedState(state, state, io),
    collection,
    when(since, io),
    id,
    printable(title),
  ]);
  io.stdout.write(`${table([['VALUE', 'STATE', 'COLLECTION', 'SINCE', 'ID', 'TITLE'], ...rows], io)}\n`);
}

/** Searches with filters. The objects are those of the search page, each of them once. */
async function filtered(value: string, flags: SearchFlags, io: Io): Promise<number> {
  demandFilters(flags.filters);
  const query = new URLSearchParams(flags.filters ?? '');
  query.set('q', value);
  query.set('limit', String(flags.limit));
  const found = await withHub(flags, io, (client) => client.get<SearchView>(`/api/v1/search?${query}`));
  const { meaning, items, total, capped, complete } = found;
  if (flags.json === true) writeJson(found, io);
  else if (items.length > 0)
    writeFound(
      items.map((one) => [one.value ?? '', one]),
      io,
    );
  if (flags.quiet !== true && flags.json !== true) {
    io.stderr.write(
      `${total === 0 ? 'Nothing' : `${count(total)}${capped ? ' or more' : ''}`} found by ${printable(meaning)} with these filters.\n`,
    );
    if (items.length < total)
      io.stderr.write(`The first ${count(items.length)} are listed. Use --limit to list more.\n`);
    if (!complete)
      io.stderr.write('The index does not contain the newest objects yet. Search again in a few minutes.\n');
  }
  return items.length === 0 ? EXIT.notFound : EXIT.done;
}

const SAVED = '/api/v1/saved-searches';

/** `talanoa saved-search list`. */
export async function savedSearchList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<SavedSearch>(SAVED));
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0)
    io.stdout.write('No saved searches. Save one with: talanoa saved-search create NAME VALUE\n');
  else
    io.stdout.write(
      `${table(
        [
          ['NAME', 'FROM', 'SAVED', 'VALUE', 'FILTERS'],
          ...items.map(({ name, by, shared, saved, query, filters }) => [
            name,
            by ?? (shared ? 'you, shared' : 'you'),
            when(saved, io),
            printable(query),
            printable(filters ?? ''),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa saved-search create NAME VALUE`. */
export async function savedSearchCreate(
  name: string,
  query: string,
  flags: SavingFlags,
  io: Io,
): Promise<number> {
  const search = { name, query, ...chosen(flags) };
  const made = await withHub(flags, io, (client) => client.post<SavedSearch>(SAVED, search));
  return tellSaved(made, flags, io);
}

/** `talanoa saved-search update NAME [VALUE]`. */
export async function savedSearchUpdate(
  name: string,
  query: string | undefined,
  flags: SavingFlags,
  io: Io,
): Promise<number> {
  const path = `${SAVED}/${encodeURIComponent(name)}`;
  const change = { ...(query === undefined ? {} : { query }), ...chosen(flags) };
  if (Object.keys(change).length === 0)
    throw commandErrors.nothingToChange({ hint: 'Give a value, --filters, --shared or --no-shared.' });
  const changed = await withHub(flags, io, (client) => client.patch<SavedSearch>(path, change));
  return tellSaved(changed, flags, io);
}

function chosen({ filters, shared }: SavingFlags): Partial<Pick<SavedSearch, 'filters' | 'shared'>> {
  return {
    ...(filters === undefined ? {} : { filters }),
    ...(shared === undefined ? {} : { shared }),
  };
}

function tellSaved(saved: SavedSearch, flags: CommonFlags, io: Io): number {
  if (flags.json === true) writeJson(saved, io);
  else if (flags.quiet !== true)
    io.stdout.write(
      `Search saved${saved.shared ? ', and shared with your colleagues' : ''}. Run it with: talanoa saved-search run ${saved.name}\n`,
    );
  return EXIT.done;
}

/**
 * `talanoa saved-search run NAME`: exit code 4 when there is no such search, or when nothing is found. A search of the
 * caller comes before one that others share under the same name, unless `--by` names one of them.
 */
export async function savedSearchRun(
  name: string,
  flags: SearchFlags & { readonly by?: string },
  io: Io,
): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<SavedSearch>(SAVED));
  const saved = items.find((one) => one.name === name && (flags.by === undefined || one.by === flags.by));
  if (saved === undefined)
    throw accessErrors.targetNotFound(
      { what: 'Saved search', name },
      { hint: 'To list the saved searches, run: talanoa saved-search list' },
    );
  const { filters } = saved;
  return search(saved.query, { ...flags, ...(filters === undefined ? {} : { filters }) }, io);
}

/** `talanoa saved-search delete NAME`. */
export async function savedSearchDelete(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(`${SAVED}/${encodeURIComponent(name)}`));
  if (flags.quiet !== true && flags.json !== true)
    io.stdout.write(`Saved search "${printable(name)}" deleted.\n`);
  return EXIT.done;
}

function isAtTheMachine(flags: CommonFlags, io: Io): boolean {
  return (flags.hub ?? io.environment['TALANOA_HUB'] ?? '') === '';
}

/** Tells the operator that nothing was found in collections without a grant, because they were not searched. */
export function tellUngranted(flags: CommonFlags, io: Io): void {
  if (!isAtTheMachine(flags, io)) return;
  io.stderr.write(
    'Collections without a grant for the operator were not searched. To read one, which the audit log records: talanoa grant create COLLECTION role:administrator --read\n',
  );
}
