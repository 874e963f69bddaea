import { urlOf } from '../../kernel/url.ts';
import type { TransportSpec } from '../../config/settings.ts';
import { giveTurn } from '../../kernel/slices.ts';
import { spoolBytes } from '../spool.ts';
import { Node } from '../node.ts';
import { discard } from './discard.ts';
import { fetchHttps } from './https.ts';
import { windowOf, type Window } from './since.ts';
import { FetchProblem, secretOf, type FeedFile, type FetchOptions, type Fetched } from './transport.ts';

/** Maximum number of files per run. The next run reads the others. */
const MOST_FILES = 100;
/** Number of files that a preview reads. */
const SAMPLE_FILES = 3;
/** Maximum number of files that are remembered as read. */
const MOST_REMEMBERED = 20_000;
const LARGEST_INDEX = 64 * 1024 * 1024;
/** Maximum number of files that an index may name, and length of a line that names one. */
const MOST_LISTED = 200_000;
const LONGEST_LINE = 2_000;
/** Number of entries that are read before other requests get their turn. */
const ENTRIES_AT_ONCE = 500;
/** Maximum number of lists that one list may name. */
const MOST_LISTS = 10;

/** A file that an index names. */
interface Listed {
  readonly name: string;
  readonly url: string;
  /** Changes when the content changes. */
  readonly stamp: string;
  /** Time of the last change, in milliseconds since 1970. */
  readonly at: number;
}

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
  for (const item of fresh.slice(0, options.tries === 1 ? SAMPLE_FILES : MOST_FILES)) {
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
      return csaf(transport, options, url, 0);
    default: {
      const base = url.replace(/(?:manifest\.json|\/?)$/, '').replace(/\/?$/, '/');
      const got = await indexOf({ ...transport, url: `${base}manifest.json` }, options);
      return got === undefined ? undefined : { ...got, items: await manifest(jsonOf(got.text), base) };
    }
  }
}

async function indexOf(transport: TransportSpec, options: FetchOptions) {
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
    return {
      status: fetched.status,
      text: (await spoolBytes(file.path)).toString('utf8'),
      validators: fetched.cursor.validators,
    };
  } finally {
    await discard(fetched);
  }
}

function jsonOf(text: string): Node {
  try {
    return new Node(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    throw new FetchProblem('The index of the source is not valid JSON', {
      failure: 'content',
      hint: /^\s*</.test(text) ? 'The source returned a web page. Check the address.' : 'Check the address.',
      cause: error,
    });
  }
}

/** Reads the manifest.json of a MISP feed: one event for each UUID. */
async function manifest(document: Node, base: string): Promise<readonly Listed[]> {
  if (!document.isObject)
    throw new FetchProblem('The manifest of the feed is not valid', { failure: 'content' });
  return listedIn(Object.entries(document.value as Record<string, unknown>), ([uuid, entry]) => {
    const stamp = new Node(entry).at('timestamp').text;
    return /^[0-9a-f-]{36}$/i.test(uuid) && stamp !== undefined && /^\d{1,12}$/.test(stamp)
      ? { name: `${uuid}.json`, url: `${base}${uuid}.json`, stamp, at: Number(stamp) * 1000 }
      : undefined;
  });
}

/** Reads a CSAF provider (CSAF 2.0 §7.1): provider-metadata.json, a ROLIE feed, or the changes.csv of a folder. */
async function csaf(
  transport: TransportSpec,
  options: FetchOptions,
  url: string,
  depth: number,
): Promise<List | undefined> {
  const got = await indexOf({ ...transport, url }, depth === 0 ? options : { ...options, cursor: {} });
  if (got === undefined) return undefined;
  if (!/^\s*\{/.test(got.text)) return { ...got, items: await changes(got.text, url) };
  const document = jsonOf(got.text);
  if (document.at('feed').there) return { ...got, items: await rolie(document, url) };
  const lists = document.all('distributions').flatMap((distribution) => [
    ...distribution.texts('directory_url').map((folder) => `${folder.replace(/\/?$/, '/')}changes.csv`),
    ...distribution
      .all('rolie')
      .flatMap((feeds) => feeds.all('feeds'))
      .filter((feed) => /^(?:WHITE|CLEAR|GREEN)$/i.test(feed.at('tlp_label').text ?? 'WHITE'))
      .flatMap((feed) => feed.texts('url')),
  ]);
  if (depth > 0 || lists.length === 0)
    throw new FetchProblem('The address does not lead to advisories', {
      failure: 'content',
      hint: 'Use the address of provider-metadata.json, a ROLIE feed or changes.csv.',
    });
  const items = new Map<string, Listed>();
  for (const list of lists.slice(0, MOST_LISTS))
    for (const item of (await csaf(transport, options, list, depth + 1))?.items ?? [])
      items.set(item.url, item);
  // The lists that the metadata refers to can change while the metadata stays the same.
  return { status: got.status, items: [...items.values()], validators: undefined };
}

/** Makes the files of an index from its entries. Other requests get their turn between them. */
async function listedIn<T>(
  entries: readonly T[],
  make: (entry: T) => Listed | undefined,
): Promise<readonly Listed[]> {
  if (entries.length > MOST_LISTED)
    throw new FetchProblem(`The index of the source names more than ${MOST_LISTED} files`, {
      failure: 'limits',
    });
  const items: Listed[] = [];
  for (const [i, entry] of entries.entries()) {
    if (i % ENTRIES_AT_ONCE === 0) await giveTurn();
    const item = make(entry);
    if (item !== undefined) items.push(item);
  }
  return items;
}

function changes(text: string, url: string): Promise<readonly Listed[]> {
  const { origin } = new URL(url);
  return listedIn(text.split(/\r?\n/), (line) => {
    if (line.length > LONGEST_LINE) return undefined;
    const [, path = '', stamp = ''] = /^"?([^",]+\.json)"?\s*,\s*"?([^",]+)"?\s*$/.exec(line) ?? [];
    const at = Date.parse(stamp);
    const target = path === '' ? undefined : urlOf(path, url);
    return target === undefined || Number.isNaN(at) || target.origin !== origin
      ? undefined
      : { name: path, url: target.href, stamp, at };
  });
}

function rolie(document: Node, url: string): Promise<readonly Listed[]> {
  return listedIn(document.at('feed').all('entry'), (entry) => {
    const stamp = entry.at('updated').text ?? '';
    const target =
      entry
        .all('link')
        .find((link) => link.at('rel').text === 'self')
        ?.at('href').text ?? entry.at('content', 'src').text;
    const at = Date.parse(stamp);
    const found = target === undefined ? undefined : urlOf(target, url);
    return found === undefined || Number.isNaN(at)
      ? undefined
      : { name: found.pathname.slice(-200), url: found.href, stamp, at };
  });
}

/** The host with the files of Shadowserver's reports. The list gives the id of each. */
const SHADOWSERVER_FILES = 'https://dl.shadowserver.org/';

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
  );
  if (got === undefined) throw new FetchProblem('The list of reports is empty', { failure: 'source' });
  const document = jsonOf(got.text);
  if (!Array.isArray(document.value))
    throw new FetchProblem('The source lists no reports', {
      failure: 'source',
      ...(document.at('error').text === undefined
        ? {}
        : { hint: (document.at('error').text ?? '').slice(0, 200) }),
    });
  // For a test server, the files are on the same host as the list.
  const files = new URL(base).hostname.endsWith('.shadowserver.org') ? SHADOWSERVER_FILES : base;
  const items = document.all().flatMap((report) => {
    const id = report.at('id').text;
    const name = report.at('file').text ?? '';
    const at = Date.parse(report.at('timestamp').text ?? '');
    return id === undefined || !/^[\w.-]{1,100}$/.test(id) || name === ''
      ? []
      : [{ name, url: `${files}${encodeURIComponent(id)}`, stamp: id, at: Number.isNaN(at) ? until : at }];
  });
  // The window consists of whole days.
  return {
    status: got.status,
    items: items.map((item) => ({ ...item, at: Math.max(item.at, since) })),
    validators: undefined,
  };
}
