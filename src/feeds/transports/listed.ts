import type { TransportSpec } from '../../config/settings.ts';
import { discard } from './discard.ts';
import { readIndex } from './documents.ts';
import { fetchHttps } from './https.ts';
import type { IndexContent, IndexFormat, Listed } from './index-content.ts';
import { windowOf, type Window } from './since.ts';
import {
  FetchProblem,
  secretOf,
  type FeedFile,
  type FetchOptions,
  type Fetched,
  LATE,
  isLate,
} from './transport.ts';

/** Maximum number of files per run. The next run reads the others. */
const MOST_FILES = 100;
/** Number of files that a preview reads. */
const SAMPLE_FILES = 3;
/** Maximum number of files that are remembered as read. */
const MOST_REMEMBERED = 20_000;
const LARGEST_INDEX = 64 * 1024 * 1024;
/** Maximum number of lists that one list may name. */
const MOST_LISTS = 10;

/**
 * Fetches the new files of an index, oldest first, with a limit per run. Each file is fetched once per stamp. A missing
 * file is reported and requested again in the next run.
 */
export async function fetchListed(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const window = windowOf(transport, { ...options, cursor: {} });
  const known = options.cursor.files ?? {};
  const list = await listOf(transport, options, window);
  if (list === undefined)
    return { status: 304, files: [], cursor: options.cursor, unchanged: true, oddities: [] };
  const fresh = freshOf(list.items, options.cursor, window.since);
  const files: FeedFile[] = [];
  const oddities: string[] = [];
  const read: [string, string][] = [];
  let stopped = false;
  const wanted = fresh.slice(0, options.tries === 1 ? SAMPLE_FILES : MOST_FILES);
  for (const item of inTime(wanted, options, oddities)) {
    try {
      files.push(await fileOf(item, transport, options, files.length));
      read.push([item.name, item.stamp]);
    } catch (error) {
      if (
        options.signal.aborted ||
        !(error instanceof FetchProblem) ||
        (files.length === 0 && !isMissing(error))
      ) {
        await discard({ files });
        throw error;
      }
      oddities.push(`not fetched: ${item.name.slice(0, 100)} (${error.message})`);
      if (isMissing(error)) continue;
      // The source has refused further requests for now. The files that arrived are kept.
      stopped = true;
      break;
    }
  }
  const listed = new Set(list.items.map(({ name }) => name));
  const remembered = [...Object.entries(known).filter(([name]) => listed.has(name)), ...read].slice(
    -MOST_REMEMBERED,
  );
  // The reports of Shadowserver leave its list with time, and advisories are withdrawn by a new version.
  const gone = transport.index === 'misp' ? Object.keys(known).filter((name) => !listed.has(name)) : [];
  const taken = new Set(fresh.map(({ name }) => name));
  const old = list.items.filter(({ name }) => known[name] === undefined && !taken.has(name));
  const isAll = !stopped && oddities.length === 0 && fresh.length === read.length;
  return {
    status: list.status,
    files,
    // If files are left to read, the index is read again even when it is unchanged.
    cursor: {
      files: Object.fromEntries(remembered),
      // Of a longer index, only the dates decide.
      ...(list.items.length > MOST_REMEMBERED
        ? {}
        : { skipped: Object.fromEntries(old.map(({ name, stamp }) => [name, stamp])) }),
      ...(isAll && list.validators !== undefined ? { validators: list.validators } : {}),
    },
    unchanged: files.length === 0 && oddities.length === 0 && gone.length === 0,
    oddities,
    ...(gone.length === 0 ? {} : { listing: { standing: Object.keys(known).length, gone } }),
  };
}

/** Yields files, at least one, until the time of the run is over. */
function* inTime(
  items: readonly Listed[],
  options: Pick<FetchOptions, 'clock' | 'until'>,
  oddities: string[],
): Generator<Listed> {
  for (const [i, item] of items.entries()) {
    if (i > 0 && isLate(options)) {
      oddities.push(LATE);
      return;
    }
    yield item;
  }
}

/** Returns the files to read, the oldest first. Files that could not be read must not keep others waiting. */
function freshOf(
  items: readonly Listed[],
  { files: known = {}, doubtful: unread, skipped }: FetchOptions['cursor'],
  since: number,
): readonly Listed[] {
  const doubtful = new Set(unread);
  // A file that was not in the index before is new, whatever its date is.
  const isNew = ({ name, stamp, at }: Listed): boolean =>
    at >= since || (skipped !== undefined && skipped[name] !== stamp);
  return items
    .filter((item) => known[item.name] !== item.stamp && (known[item.name] !== undefined || isNew(item)))
    .toSorted(
      (a, b) =>
        Number(doubtful.has(a.name)) - Number(doubtful.has(b.name)) ||
        a.at - b.at ||
        (a.name < b.name ? -1 : 1),
    );
}

function isMissing({ httpStatus }: FetchProblem): boolean {
  return httpStatus === 404 || httpStatus === 410;
}

async function fileOf(
  { name, url }: Listed,
  { auth, headers, ca, index, ...rest }: TransportSpec,
  options: FetchOptions,
  number: number,
): Promise<FeedFile> {
  // The key is meant for the host of the feed. The files of Shadowserver need no key.
  const isOwn = index !== 'shadowserver' && new URL(url).origin === new URL(rest.url ?? '').origin;
  const fetched = await fetchHttps(
    {
      kind: 'https',
      url,
      ...(isOwn && auth !== undefined ? { auth } : {}),
      ...(isOwn && headers !== undefined ? { headers } : {}),
      ...(ca === undefined ? {} : { ca }),
    },
    { ...options, cursor: {}, name: `${options.name}.file-${number}` },
  );
  const [file] = fetched.files;
  if (file === undefined) throw new FetchProblem(`${name.slice(0, 100)} is empty`, { failure: 'source' });
  return { ...file, name };
}

interface List {
  readonly status: number | undefined;
  readonly items: readonly Listed[];
  readonly validators: Fetched['cursor']['validators'];
}

/** Returns the files of a source. Undefined when its index is unchanged. */
async function listOf(
  transport: TransportSpec,
  options: FetchOptions,
  window: Window,
): Promise<List | undefined> {
  const url = transport.url ?? '';
  switch (transport.index) {
    case 'shadowserver':
      return shadowserver(transport, options, window);
    case 'csaf':
      return csaf(transport, options, url);
    default: {
      const base = url.replace(/(?:manifest\.json|\/?)$/, '').replace(/\/?$/, '/');
      return indexOf({ ...transport, url: `${base}manifest.json` }, options, { kind: 'manifest', base });
    }
  }
}

async function indexOf(
  transport: TransportSpec,
  options: FetchOptions,
  form: IndexFormat,
): Promise<(List & IndexContent) | undefined> {
  const fetched = await fetchHttps(
    { ...transport, kind: 'https' },
    {
      ...options,
      cursor: options.cursor.validators === undefined ? {} : { validators: options.cursor.validators },
      name: `${options.name}.index`,
    },
  );
  const [file] = fetched.files;
  if (file === undefined) return undefined;
  try {
    if (file.bytes > LARGEST_INDEX)
      throw new FetchProblem('The index of the source is larger than 64 MiB', { failure: 'limits' });
    const content = await readIndex(file, form, options.signal);
    return { status: fetched.status, validators: fetched.cursor.validators, ...content };
  } finally {
    await discard(fetched);
  }
}

/** Reads a CSAF provider (CSAF 2.0 §7.1): provider-metadata.json, a ROLIE feed, or the changes.csv of a folder. */
async function csaf(
  transport: TransportSpec,
  options: FetchOptions,
  url: string,
  isNamed = false,
): Promise<List | undefined> {
  const own = isNamed ? { ...options, cursor: {} } : options;
  const got = await indexOf({ ...transport, url }, own, { kind: 'csaf', url, isNamed });
  if (got === undefined || got.lists.length === 0) return got;
  const items = new Map<string, Listed>();
  for (const list of got.lists.slice(0, MOST_LISTS))
    for (const item of (await csaf(transport, options, list, true))?.items ?? []) items.set(item.url, item);
  // The lists that the metadata refers to can change while the metadata stays the same.
  return { status: got.status, items: [...items.values()], validators: undefined };
}

/**
 * Reads the reports of the last days from Shadowserver's API. A report may appear late, so each run requests several
 * days.
 */
async function shadowserver(
  transport: TransportSpec,
  options: FetchOptions,
  { since, until }: Window,
): Promise<List> {
  const base = (transport.url ?? '').replace(/\/?$/, '/');
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const got = await indexOf(
    {
      ...transport,
      url: `${base}reports/list`,
      method: 'POST',
      body: JSON.stringify({
        apikey: secretOf(transport.auth?.key, options.secret),
        date: `${day(since)}:${day(until)}`,
      }),
    },
    { ...options, cursor: {} },
    { kind: 'shadowserver', base, since, until },
  );
  if (got === undefined) throw new FetchProblem('The list of reports is empty', { failure: 'source' });
  return { status: got.status, items: got.items, validators: undefined };
}
