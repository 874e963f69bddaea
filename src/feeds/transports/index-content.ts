import { giveTurn } from '../../kernel/slices.ts';
import { urlOf } from '../../kernel/url.ts';
import { Node } from '../node.ts';
import { FetchProblem } from './transport.ts';

/** Maximum number of files that an index may name, and length of a line that names one. */
const MOST_LISTED = 200_000;
const LONGEST_LINE = 2_000;
/** Number of entries that are read before other requests get their turn. */
const ENTRIES_AT_ONCE = 500;

/** A file that an index names. */
export interface Listed {
  readonly name: string;
  readonly url: string;
  /** Changes when the content changes. */
  readonly stamp: string;
  /** Time of the last change, in milliseconds since 1970. */
  readonly at: number;
}

/** The format of an index, and the addresses and times that its entries are read with. */
export type IndexFormat =
  | { readonly kind: 'manifest'; readonly base: string }
  /** With `isNamed`, another list named it, so it must not name further lists. */
  | { readonly kind: 'csaf'; readonly url: string; readonly isNamed: boolean }
  | { readonly kind: 'shadowserver'; readonly base: string; readonly since: number; readonly until: number };

/** The content of an index: files, or the addresses of lists. */
export interface IndexContent {
  readonly items: readonly Listed[];
  readonly lists: readonly string[];
}

/** Reads an index. Throws a FetchProblem when it does not have the format. */
export async function indexContent(text: string, form: IndexFormat): Promise<IndexContent> {
  switch (form.kind) {
    case 'manifest':
      return { items: await manifest(jsonOf(text), form.base), lists: [] };
    case 'shadowserver':
      return { items: await reports(jsonOf(text), form), lists: [] };
    case 'csaf':
      return csaf(text, form);
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

/** Makes the files of an index from its entries. Other requests run in between. */
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

/** Reads a list of a CSAF provider (CSAF 2.0 §7.1): provider-metadata.json, a ROLIE feed, or the changes.csv of a folder. */
async function csaf(
  text: string,
  { url, isNamed }: Extract<IndexFormat, { kind: 'csaf' }>,
): Promise<IndexContent> {
  if (!/^\s*\{/.test(text)) return { items: await changes(text, url), lists: [] };
  const document = jsonOf(text);
  if (document.at('feed').there) return { items: await rolie(document, url), lists: [] };
  const lists = document.all('distributions').flatMap((distribution) => [
    ...distribution.texts('directory_url').map((folder) => `${folder.replace(/\/?$/, '/')}changes.csv`),
    ...distribution
      .all('rolie')
      .flatMap((feeds) => feeds.all('feeds'))
      .filter((feed) => /^(?:WHITE|CLEAR|GREEN)$/i.test(feed.at('tlp_label').text ?? 'WHITE'))
      .flatMap((feed) => feed.texts('url')),
  ]);
  if (isNamed || lists.length === 0)
    throw new FetchProblem('The address does not lead to advisories', {
      failure: 'content',
      hint: 'Use the address of provider-metadata.json, a ROLIE feed or changes.csv.',
    });
  return { items: [], lists };
}

function changes(text: string, url: string): Promise<readonly Listed[]> {
  const { origin } = new URL(url);
  return listedIn(text.split(/\r?\n/), (line) => {
    if (line.length > LONGEST_LINE) return undefined;
    // A regular expression for the whole line would take cubic time for blanks between the fields.
    const [path, stamp, ...others] = line.split(',').map((field) => /^"?([^"]+)"?$/.exec(field.trim())?.[1]);
    if (path?.endsWith('.json') !== true || stamp === undefined || others.length > 0) return undefined;
    const at = Date.parse(stamp);
    const target = urlOf(path, url);
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

/** Reads a list of Shadowserver's reports. */
function reports(
  document: Node,
  { base, since, until }: Extract<IndexFormat, { kind: 'shadowserver' }>,
): Promise<readonly Listed[]> {
  if (!Array.isArray(document.value))
    throw new FetchProblem('The source lists no reports', {
      failure: 'source',
      ...(document.at('error').text === undefined
        ? {}
        : { hint: (document.at('error').text ?? '').slice(0, 200) }),
    });
  // For a test server, the files are on the same host as the list.
  const files = new URL(base).hostname.endsWith('.shadowserver.org') ? SHADOWSERVER_FILES : base;
  return listedIn(document.all(), (report) => {
    const id = report.at('id').text;
    const name = report.at('file').text ?? '';
    const stated = Date.parse(report.at('timestamp').text ?? '');
    // The window consists of whole days.
    const at = Math.max(Number.isNaN(stated) ? until : stated, since);
    return id === undefined || !/^[\w.-]{1,100}$/.test(id) || name === ''
      ? undefined
      : { name, url: `${files}${encodeURIComponent(id)}`, stamp: id, at };
  });
}
