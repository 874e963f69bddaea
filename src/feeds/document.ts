import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '../kernel/canonical.ts';
import { hasUserInfo, urlOf } from '../kernel/url.ts';
import { nearest } from '../kernel/nearest.ts';
import { packageRoot } from '../kernel/paths.ts';
import { thoroughCheck } from '../kernel/validate.ts';
import { feedErrors } from './errors.ts';
import { needsMap } from './own-meaning.ts';
import type { FeedDocument, FeedSetting, ScheduleSpec } from '../config/settings.ts';

const presetFolder = join(packageRoot, 'presets', 'feeds');

/** Returns the names of the presets that ship with the hub. */
export function presetNames(): readonly string[] {
  return readdirSync(presetFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted();
}

/** Returns the line of the value that a JSON pointer refers to. */
export type LineAt = (pointer: string) => number | undefined;

/**
 * Reads and checks a feed document. Throws a Problem that names all its faults when it is invalid, with their lines where
 * the document comes from a file.
 */
export function checkDocument(value: unknown, what: string, lineAt?: LineAt): FeedDocument {
  const faults = thoroughCheck('feeds/feed.json')(value);
  const found = faults.length > 0 ? faults : contradictionsIn(value as FeedDocument);
  if (found.length > 0)
    throw feedErrors.documentInvalid({
      what,
      faults: [
        ...found.map((fault) => faultText(fault, lineAt)),
        ...(faults.isCut === true ? ['There may be more.'] : []),
      ].join('\n'),
    });
  return value as FeedDocument;
}

interface Found {
  readonly pointer: string;
  readonly message: string;
}

/** Returns what a schema cannot express: parts of a document that do not go together. */
function contradictionsIn({ parser, map, transport: { url = '', auth } }: FeedDocument): readonly Found[] {
  return [
    ...(needsMap(parser) && map.length === 0
      ? [{ pointer: '/map', message: `rows of ${parser.kind} need a mapping to become objects` }]
      : []),
    ...(auth?.kind === 'path' && !/^[a-z]+:\/\/[^/{}]+\/.*\{\{key\}\}/i.test(url)
      ? [
          {
            pointer: '/transport/url',
            message: 'it must have {{key}} in its path, because the key of auth.kind "path" takes this place',
          },
        ]
      : []),
  ];
}

function faultText({ pointer, message }: Found, lineAt: LineAt | undefined): string {
  const line = lineAt?.(pointer);
  return `${line === undefined ? '' : `line ${line}, `}${pointer === '' ? 'the document' : pointer}: ${message}.`;
}

/** Maximum number of parts of a document that an audit entry names. */
const MOST_PARTS = 20;

/** Returns the names of the parts in which two documents differ, such as `defaults.redistribute`, without their values. */
export function changedParts(before: FeedDocument, after: FeedDocument): string {
  const names = differences(before, after).flatMap(([name, old, now]) =>
    isObject(old) && isObject(now) ? differences(old, now).map(([part]) => `${name}.${part}`) : [name],
  );
  const more = names.length > MOST_PARTS ? ` and ${names.length - MOST_PARTS} more` : '';
  return names.length === 0 ? 'nothing' : `${names.slice(0, MOST_PARTS).join(', ')}${more}`;
}

function differences(before: object, after: object): readonly (readonly [string, unknown, unknown])[] {
  const old = new Map<string, unknown>(Object.entries(before));
  const now = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => [name, old.get(name), now.get(name)] as const)
    .filter(([, one, other]) => canonical([one ?? null]) !== canonical([other ?? null]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws for a URL with a user name or password, because the URL of a feed is shown and logged. */
export function demandNoSecretIn(urls: readonly (string | undefined)[]): void {
  for (const text of urls)
    if (hasUserInfo(text)) throw feedErrors.secretInUrl({ host: urlOf(text ?? '')?.host ?? '' });
}

/** Returns the URLs that a document names. */
export function urlsIn({ transport }: Partial<FeedDocument>): readonly (string | undefined)[] {
  return [transport?.url, transport?.auth?.token_url];
}

/**
 * Returns a preset by name. Throws a Problem when it does not exist. Presets are checked by a test and not here, because
 * that would compile the schema of feeds at each start.
 */
export function loadPreset(name: string): FeedDocument {
  const names = presetNames();
  if (!names.includes(name)) {
    const near = nearest(name, names);
    throw feedErrors.presetUnknown(
      { name, presets: names.join(', ') },
      near === undefined ? {} : { hint: `Did you mean "${near}"?` },
    );
  }
  return JSON.parse(readFileSync(join(presetFolder, `${name}.json`), 'utf8')) as FeedDocument;
}

/** Returns the document of a declared feed: its preset or its own document, with the changes from the settings. */
export function documentOf(setting: FeedSetting): FeedDocument {
  if (setting.document === undefined && setting.preset === undefined) {
    throw feedErrors.documentMissing({ name: setting.name, presets: presetNames().join(', ') });
  }
  const base =
    setting.document === undefined
      ? filledIn(loadPreset(setting.preset ?? ''), setting)
      : checkDocument(setting.document, setting.name);
  const schedule: ScheduleSpec =
    setting.schedule === undefined
      ? base.schedule
      : typeof setting.schedule === 'string'
        ? { ...base.schedule, cron: setting.schedule }
        : setting.schedule;
  const document: FeedDocument = {
    ...base,
    name: setting.name,
    enabled: setting.enabled ?? base.enabled ?? true,
    transport: setting.url === undefined ? base.transport : { ...base.transport, url: setting.url },
    // The shortest interval is a condition of the source that the preset names. Another URL is another source.
    schedule:
      setting.url === undefined || setting.document !== undefined
        ? schedule
        : { ...schedule, min_interval_s: 0 },
    ...(setting.life === undefined ? {} : { life: setting.life }),
    defaults: {
      ...base.defaults,
      ...(setting.tlp === undefined ? {} : { tlp: setting.tlp }),
      ...(setting.confidence === undefined ? {} : { confidence: setting.confidence }),
    },
    values: {
      special_addresses_allowed: [
        ...(base.values?.special_addresses_allowed ?? []),
        ...(setting.special_addresses_allowed ?? []),
      ],
      special_domains_allowed: [
        ...(base.values?.special_domains_allowed ?? []),
        ...(setting.special_domains_allowed ?? []),
      ],
    },
  };
  return isPlain(setting) ? document : checkDocument(document, setting.name);
}

/** Returns a preset. The note of a template asks for a URL, so it is left out for a feed that has one of its own. */
function filledIn(preset: FeedDocument, { url }: FeedSetting): FeedDocument {
  const isTemplate = urlOf(preset.transport.url ?? '')?.hostname.endsWith('.example.invalid') === true;
  if (url === undefined || !isTemplate) return preset;
  const { status: _asksForUrl, ...document } = preset;
  return document;
}

/** Returns true if a setting changes nothing of its preset that could make the document invalid. */
function isPlain({ name, preset, ...changes }: FeedSetting): boolean {
  const harmless = new Set(['collection', 'enabled']);
  return (
    preset === name &&
    Object.entries(changes).every(([key, change]) => change === undefined || harmless.has(key))
  );
}

/** Returns a duration such as `P30D` or `PT12H` in milliseconds. */
export function durationMs(text: string): number {
  const m = /^P(?:(\d+)D|T(\d+)([HM]))$/.exec(text);
  if (m === null) throw feedErrors.durationInvalid({ text });
  if (m[1] !== undefined) return Number(m[1]) * 86_400_000;
  return Number(m[2]) * (m[3] === 'H' ? 3_600_000 : 60_000);
}
