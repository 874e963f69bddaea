import type { ListRemovals, SavedList } from '../api/schema-types.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { omissionRemedies } from './omissions.ts';
import { EXIT, count, printable, type Io } from './io.ts';
import { withHub } from './local-client.ts';
import { graded, table, when, writeJson, type Grade } from './output.ts';

/** The settings of a saved list, as flags. */
export interface ListSettingFlags extends CommonFlags {
  readonly collections?: readonly string[];
  readonly format?: string;
  readonly title?: string;
  readonly types?: readonly string[];
  readonly minConfidence?: number;
  readonly maxAge?: number;
  readonly labels?: readonly string[];
  readonly sources?: number;
  readonly maxEntries?: number;
  readonly aggregate?: boolean;
  readonly maxGrowth?: number;
  readonly maxShrink?: number;
  readonly staleHours?: number;
}

export interface ListCreateFlags extends ListSettingFlags {
  readonly member?: string;
}

export interface ConfirmFlags extends CommonFlags {
  readonly entries?: number;
}

export interface RemovalsFlags extends CommonFlags {
  readonly since?: string;
}

const LISTS = '/api/v1/lists';
const GRADES: Readonly<Record<SavedList['state'], Grade>> = {
  unpublished: 'notice',
  current: 'good',
  held: 'bad',
  stale: 'notice',
};
const REASONS: Readonly<Record<NonNullable<SavedList['held']>['reason'], string>> = {
  empty: 'it would be empty',
  shrink: 'it would lose most of its values',
  growth: 'it would grow too much at once',
};

function pathOf(name: string): string {
  return `${LISTS}/${encodeURIComponent(name)}`;
}

/** Returns the settings that were given, with the names of the API. */
function settingsOf(flags: ListSettingFlags): object {
  const given = {
    collections: flags.collections,
    format: flags.format,
    title: flags.title,
    types: flags.types,
    min_confidence: flags.minConfidence,
    max_age: flags.maxAge,
    labels: flags.labels,
    sources: flags.sources,
    max_entries: flags.maxEntries,
    aggregate: flags.aggregate,
    max_growth: flags.maxGrowth,
    max_shrink: flags.maxShrink,
    stale_hours: flags.staleHours,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** `talanoa list list`. */
export async function listList(flags: CommonFlags, io: Io): Promise<number> {
  const items = await withHub(flags, io, (client) => client.list<SavedList>(LISTS));
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0)
    io.stdout.write(
      'No saved lists. Create one with: talanoa list create NAME --collections NAMES --format FORMAT\n',
    );
  else
    io.stdout.write(
      `${table(
        [
          ['NAME', 'FORMAT', 'STATE', 'VALUES', 'CHANGED'],
          ...items.map(({ name, format, state, entries, published }) => [
            name,
            format,
            graded(state, GRADES[state], io),
            count(entries),
            published === undefined ? '-' : when(published, io),
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

/** `talanoa list create NAME`. */
export async function listCreate(
  name: string,
  { member, ...flags }: ListCreateFlags,
  io: Io,
): Promise<number> {
  const body = { name, ...(member === undefined ? {} : { member }), ...settingsOf(flags) };
  return show(await withHub(flags, io, (client) => client.post<SavedList>(LISTS, body)), flags, io);
}

/** `talanoa list show NAME`. */
export async function listShow(name: string, flags: CommonFlags, io: Io): Promise<number> {
  return show(await withHub(flags, io, (client) => client.get<SavedList>(pathOf(name))), flags, io);
}

/** `talanoa list update NAME`. */
export async function listUpdate(name: string, flags: ListSettingFlags, io: Io): Promise<number> {
  const body = settingsOf(flags);
  if (Object.keys(body).length === 0)
    throw commandErrors.nothingToChange({ hint: 'For the options, run: talanoa list update --help' });
  return show(await withHub(flags, io, (client) => client.patch<SavedList>(pathOf(name), body)), flags, io);
}

/** `talanoa list confirm NAME`. */
export async function listConfirm(
  name: string,
  { entries, ...flags }: ConfirmFlags,
  io: Io,
): Promise<number> {
  const body = entries === undefined ? {} : { entries };
  const confirmed = await withHub(flags, io, (client) =>
    client.post<SavedList>(`${pathOf(name)}/confirmation`, body),
  );
  return show(confirmed, flags, io);
}

/** `talanoa list delete NAME`. */
export async function listDelete(name: string, flags: CommonFlags, io: Io): Promise<number> {
  await withHub(flags, io, (client) => client.delete(pathOf(name)));
  if (flags.quiet !== true && flags.json !== true)
    io.stdout.write(`List "${printable(name)}" deleted. Tools that fetch it get an error (404).\n`);
  return EXIT.done;
}

/** `talanoa list removals NAME`: the values that left a list. */
export async function listRemovals(
  name: string,
  { since, ...flags }: RemovalsFlags,
  io: Io,
): Promise<number> {
  const items = await withHub(flags, io, async (client) => {
    const found: ListRemovals['items'][number][] = [];
    for (let from = since, more = true; more;) {
      const query = from === undefined ? '' : `?since=${encodeURIComponent(from)}`;
      const page = await client.get<ListRemovals>(`${pathOf(name)}/removals${query}`);
      found.push(...page.items);
      from = page.next;
      more = from !== undefined;
    }
    return found;
  });
  if (flags.json === true) writeJson({ items }, io);
  else if (items.length === 0) io.stdout.write('No values were removed.\n');
  else
    io.stdout.write(
      `${table(
        [
          ['REMOVED', 'TYPE', 'VALUE', 'REASON'],
          ...items.map(({ at, type, value, reason, detail }) => [
            when(at, io),
            type,
            value,
            detail === undefined ? reason : `${reason} (${detail})`,
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

function show(list: SavedList, flags: CommonFlags, io: Io): number {
  if (flags.json === true) writeJson(list, io);
  else if (flags.quiet !== true) io.stdout.write(`${parts(list, io).join('\n\n')}\n`);
  return EXIT.done;
}

function parts(list: SavedList, io: Io): readonly string[] {
  const { held, omitted } = list;
  const time = (at: string | undefined): string => (at === undefined ? '-' : when(at, io));
  return [
    table(
      [
        ['NAME', list.name],
        ...(list.title === undefined ? [] : [['TITLE', list.title]]),
        ['ADDRESS', list.url],
        ['OWNER', list.owner],
        ['COLLECTIONS', list.collections.join(', ')],
        ['FORMAT', list.format],
        ['TYPES', list.types.join(', ')],
        ['FILTERS', filtersOf(list)],
        ['MAXIMUM', `${count(list.max_entries)} values`],
        ['STATE', graded(list.state, GRADES[list.state], io)],
        ['VALUES', count(list.entries)],
        ['CHANGED', time(list.published)],
        ['CHECKED', time(list.checked)],
      ],
      io,
    ),
    ...(omitted.length === 0
      ? []
      : [
          `Left out:\n${table(
            omitted.map(({ reason, count: many }) => [`  ${reason}`, count(many)]),
            io,
          )}`,
          ...omissionRemedies(omitted),
        ]),
    ...(held === undefined
      ? []
      : [
          `Not published since ${when(held.since, io)}: the list would have ${count(held.entries)} values, and ${REASONS[held.reason]}.\nTo publish it, run: talanoa list confirm ${list.name} --entries ${held.entries}`,
        ]),
  ];
}

function filtersOf({
  min_confidence: confidence,
  max_age: age,
  labels,
  sources,
  aggregate,
}: SavedList): string {
  const words = [
    confidence === 0 ? [] : [`confidence from ${confidence}`],
    age === undefined ? [] : [`seen in ${age} days`],
    labels.length === 0 ? [] : [`labels ${labels.join(', ')}`],
    sources === 1 ? [] : [`${sources} sources`],
    aggregate ? ['aggregated'] : [],
  ].flat();
  return words.length === 0 ? 'none' : words.join('; ');
}
