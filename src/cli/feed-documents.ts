import { isUtf8 } from 'node:buffer';
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { FeedRequest, Preset } from '../api/schema-types.ts';
import type { FeedDocument } from '../config/settings.ts';
import { checkDocument, presetNames } from '../feeds/document.ts';
import { feedErrors } from '../feeds/errors.ts';
import type { Preview } from '../feeds/preview.ts';
import type { FeedInfo } from '../feeds/feed-list.ts';
import type { FeedDetails } from '../feeds/service.ts';
import { linesOfJson } from '../config/settings-file.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { nearest } from '../kernel/nearest.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import {
  formatOf,
  nothingRead,
  onHold,
  previewText,
  feedPath,
  understoodText,
  type NewFeed,
} from './feed-text.ts';
import { EXIT, readInput, type Io } from './io.ts';
import { table, writeJson, writeResult } from './output.ts';
import { withHub } from './local-client.ts';
import { SWITCHED_OFF } from './status.ts';
import { agreed, type AskedFlags } from './questions.ts';

export interface FeedCreateFlags extends CommonFlags {
  readonly collection: string;
  readonly name?: string;
  readonly url?: string;
  readonly title?: string;
  readonly tlp?: string;
  readonly disabled?: boolean;
  readonly defaults?: boolean;
  /** Adds without asking. */
  readonly yes?: boolean;
}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

/** Returns the request for the source that the user named: a preset, a URL, or a file with a feed document. */
function requestOf(source: string, flags: FeedCreateFlags): FeedRequest {
  const { collection, url, title, tlp, disabled } = flags;
  const common = {
    collection,
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(tlp === undefined ? {} : { tlp: tlp as NonNullable<FeedRequest['tlp']> }),
    ...(disabled === true ? { enabled: false } : {}),
  };
  if (isUrl(source)) return { ...common, url: source, name: flags.name ?? nameOf(new URL(source).hostname) };
  if (presetNames().includes(source)) return { ...common, preset: source, name: flags.name ?? source };
  if (!/[./]/.test(source)) {
    const near = nearest(source, presetNames());
    throw feedErrors.presetNotFound(
      { source },
      {
        hint:
          near === undefined ? 'To list the presets, run: talanoa feed catalogue' : `Did you mean "${near}"?`,
      },
    );
  }
  const document = documentIn(
    source,
    collection,
    (found) => flags.name ?? found ?? nameOf(basename(source, '.json')),
  );
  return { ...common, document, name: document.name };
}

/**
 * Reads and checks the file with a feed document. `named` returns the name of the feed, from the name in the file. The hub
 * checks the document again, but only here are the lines of the file known.
 */
function documentIn(
  file: string,
  collection: string,
  named: (name: string | undefined) => string,
): FeedDocument {
  if (isFolder(file)) throw feedErrors.folderNotDocument({ source: file, path: resolve(file) });
  const bytes = readInput(file);
  if (bytes.includes(0) || !isUtf8(bytes)) throw feedErrors.binaryFile({ source: file });
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') throw feedErrors.emptyFile({ source: file });
  const value = parsed(text, file, collection);
  return checkDocument({ ...value, name: named(value.name) }, file, linesOfJson(text));
}

function parsed(text: string, file: string, collection: string): { readonly name?: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw feedErrors.listFile({ source: file, collection });
    return value;
  } catch (error) {
    if (error instanceof Problem) throw error;
    // A list is what people have on their disks. Feed documents begin with a brace.
    if (!text.trimStart().startsWith('{')) throw feedErrors.listFile({ source: file, collection });
    throw feedErrors.notJsonFile({ source: file }, { description: reasonOf(error) });
  }
}

function isFolder(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function nameOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
}

/** `talanoa feed create SOURCE`, or `--defaults` for the feeds that a new hub should have. */
export async function feedCreate(
  source: string | undefined,
  flags: FeedCreateFlags,
  io: Io,
): Promise<number> {
  if (flags.defaults === true) return createDefaults(flags, io);
  if (source === undefined) throw feedErrors.sourceMissing();
  const request = requestOf(source, flags);
  const made = isUrl(source)
    ? await addDetected(request, flags, io)
    : await withHub(flags, io, (client) => client.post<FeedDetails>('/api/v1/feeds', request));
  if (made === undefined) {
    io.stderr.write('No feed was created.\n');
    return EXIT.done;
  }
  if (flags.json === true) writeJson(made, io);
  else {
    io.stdout.write(`${made.name}: ${formatOf(made.document)}, into ${made.collection}, ${made.schedule}\n`);
    if (flags.quiet !== true) io.stderr.write(`${nextStep(made)}\n`);
  }
  return EXIT.done;
}

/**
 * Creates a feed from its URL. Shows what the hub understood and what the first rows become, and asks on a terminal.
 * Undefined when the answer is no.
 */
async function addDetected(
  request: FeedRequest,
  flags: FeedCreateFlags,
  io: Io,
): Promise<FeedDetails | undefined> {
  const found = await withHub(flags, io, (client) => client.post<NewFeed>('/api/v1/feed-previews', request));
  if (flags.quiet !== true) io.stderr.write(`${understoodText(found)}\n`);
  if (!(await agreed(`Create the feed ${request.name}? [y/N] `, flags, io))) return undefined;
  // The document is sent, so the source is not asked a second time.
  const { name, collection, enabled, title } = request;
  const { document } = found;
  return withHub(flags, io, (client) =>
    client.post<FeedDetails>('/api/v1/feeds', {
      name,
      collection,
      document,
      ...(title === undefined ? {} : { title }),
      ...(enabled === undefined ? {} : { enabled }),
    }),
  );
}

function nextStep({ name, enabled, document, switched_off: isOff }: FeedDetails): string {
  if (enabled && isOff === true)
    return `${SWITCHED_OFF.replace('NAME', name)}. To see the result: talanoa feed show ${name}`;
  if (enabled)
    return `A hub that runs its feeds fetches it now. To fetch it yourself: talanoa feed run ${name}. To see the result: talanoa feed show ${name}`;
  return [
    `It is off. ${document.status ?? ''}`.trim(),
    ...(document.needs_key === undefined ? [] : [`Get a key at ${document.needs_key}`]),
    `Then: talanoa feed update ${name} --on`,
  ].join('\n');
}

/**
 * Adds the presets that a new hub should have. Each one is enabled, or disabled until its key is available, as the
 * preset says.
 */
async function createDefaults(flags: FeedCreateFlags, io: Io): Promise<number> {
  const rows = await withHub(flags, io, async (client) => {
    const { items } = await client.get<{ items: readonly Preset[] }>('/api/v1/feed-catalogue');
    const present = new Set((await client.list<FeedInfo>('/api/v1/feeds')).map(({ name }) => name));
    const found: { readonly item: Preset; readonly state: string }[] = [];
    for (const item of items.filter((one) => one.default)) {
      if (present.has(item.preset)) found.push({ item, state: 'there already' });
      else {
        const { enabled } = await client.post<FeedDetails>('/api/v1/feeds', {
          name: item.preset,
          preset: item.preset,
          collection: flags.collection,
          ...(flags.disabled === true ? { enabled: false } : {}),
        });
        found.push({
          item,
          state: enabled
            ? 'on'
            : `off: ${item.key_from === undefined ? 'see its note' : `needs a key of ${item.key_from}`}`,
        });
      }
    }
    return found;
  });
  if (flags.json === true)
    io.stdout.write(
      `${JSON.stringify({ items: rows.map(({ item, state }) => ({ feed: item.preset, state })) })}\n`,
    );
  else
    io.stdout.write(
      `${table(
        [
          ['FEED', 'STATE', 'TLP', 'PASS ON', 'SCHEDULE', 'CREDIT'],
          ...rows.map(({ item, state }) => [
            item.preset,
            state,
            item.tlp,
            item.redistribute,
            item.schedule,
            item.credit ?? '-',
          ]),
        ],
        io,
      )}\n`,
    );
  return EXIT.done;
}

export interface FeedUpdateFlags extends CommonFlags {
  readonly collection?: string;
  readonly url?: string;
  readonly title?: string;
  readonly tlp?: string;
  readonly on?: boolean;
  readonly off?: boolean;
}

/** `talanoa feed update NAME [FILE]`: replaces the document of a feed, or parts of it. */
export async function feedUpdate(
  name: string,
  file: string | undefined,
  flags: FeedUpdateFlags,
  io: Io,
): Promise<number> {
  const changes = [flags.collection, flags.url, flags.title, flags.tlp, flags.on, flags.off, file];
  if (changes.every((change) => change === undefined))
    throw commandErrors.nothingToChange({
      hint: 'Give a file with a feed document, or --collection, --url, --title, --tlp, --on or --off.',
    });
  const changed = await withHub(flags, io, async (client) => {
    const { document, collection } = await client.get<FeedDetails>(feedPath(name));
    const whole =
      file === undefined ? document : documentIn(file, flags.collection ?? collection, () => name);
    return client.put<FeedDetails>(feedPath(name), {
      collection: flags.collection ?? collection,
      document: whole,
      ...(flags.url === undefined ? {} : { url: flags.url }),
      ...(flags.title === undefined ? {} : { title: flags.title }),
      ...(flags.tlp === undefined ? {} : { tlp: flags.tlp }),
      enabled: flags.on === true || (flags.off !== true && (whole.enabled ?? true)),
    });
  });
  if (flags.json === true) writeJson(changed, io);
  else
    io.stdout.write(
      `${changed.name}: ${changed.enabled ? 'on' : 'off'}, ${changed.url}, into ${changed.collection}\n`,
    );
  return EXIT.done;
}

/** `talanoa feed try SOURCE`. */
export async function feedTry(source: string, flags: FeedCreateFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) =>
    client.post<NewFeed>('/api/v1/feed-previews', requestOf(source, flags)),
  );
  if (flags.json === true) writeJson(found, io);
  else io.stdout.write(`${understoodText(found)}\n\n${previewText(found.preview, io)}\n`);
  return EXIT.done;
}

/** `talanoa feed test NAME`. */
export async function feedTest(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const found = await withHub(flags, io, (client) => client.post<Preview>(`${feedPath(name)}/preview`, {}));
  writeResult(
    found,
    () => [...nothingRead(found), ...onHold(found), previewText(found, io)].join('\n'),
    flags,
    io,
  );
  return EXIT.done;
}

/**
 * `talanoa feed export NAME`: prints the document in the format that `feed create FILE` accepts. It contains no secret.
 */
export async function feedExport(name: string, flags: CommonFlags, io: Io): Promise<number> {
  const { document } = await withHub(flags, io, (client) => client.get<FeedDetails>(feedPath(name)));
  io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  return EXIT.done;
}

/** `talanoa feed delete NAME`. */
export async function feedDelete(name: string, flags: AskedFlags, io: Io): Promise<number> {
  const { document } = await withHub(flags, io, (client) => client.get<FeedDetails>(feedPath(name)));
  const list = document.warning_list === undefined ? '' : ' Its warning list goes with it.';
  const question = `Delete the feed ${name} with its document, its position in the source, and its rows in quarantine?${list} [y/N] `;
  if (!(await agreed(question, flags, io))) {
    io.stderr.write('Nothing was deleted.\n');
    return EXIT.done;
  }
  await withHub(flags, io, (client) => client.delete(feedPath(name)));
  if (flags.quiet !== true)
    io.stderr.write(
      `Feed ${name} deleted, with its document, its position in the source, and its rows in quarantine.${list} Its indicators stay until they expire.\n`,
    );
  return EXIT.done;
}
