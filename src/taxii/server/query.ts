import { hash } from 'node:crypto';
import type { Micros } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/problem.ts';
import {
  MOST_FRACTION_DIGITS,
  instantOf,
  parseTaxiiTimestamp,
  timestampFault,
  type Instant,
} from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';
import { LAST_VERSION, type VersionFilter } from '../../store/store.ts';
import { taxiiErrors } from './errors.ts';

/** The validated URL parameters of TAXII 2.1 §3.4. */
export interface TaxiiQuery {
  readonly addedAfter: Micros | undefined;
  readonly limit: number | undefined;
  readonly next: string | undefined;
  readonly ids: readonly string[] | undefined;
  readonly types: readonly string[] | undefined;
  readonly versions: VersionFilter | undefined;
  readonly specs: readonly SpecVersion[] | undefined;
}

export type Parameter =
  'added_after' | 'limit' | 'next' | 'match[id]' | 'match[type]' | 'match[version]' | 'match[spec_version]';

/** All filter and paging parameters, which objects and manifests support. */
export const ALL_PARAMETERS: readonly Parameter[] = [
  'added_after',
  'limit',
  'next',
  'match[id]',
  'match[type]',
  'match[version]',
  'match[spec_version]',
];
/** The parameters of objects in force, of which each has one version. */
export const CURRENT_PARAMETERS: readonly Parameter[] = ALL_PARAMETERS.filter(
  (one) => one !== 'match[version]',
);
/**
 * The parameters of single objects, their versions and their deletion (TAXII 2.1 §5.6 to §5.8), and of the removals of
 * a collection.
 */
export const OBJECT_PARAMETERS: readonly Parameter[] = [
  'added_after',
  'limit',
  'next',
  'match[version]',
  'match[spec_version]',
];
export const VERSIONS_PARAMETERS: readonly Parameter[] = [
  'added_after',
  'limit',
  'next',
  'match[spec_version]',
];
export const DELETE_PARAMETERS: readonly Parameter[] = ['match[version]', 'match[spec_version]'];
export const REMOVALS_PARAMETERS: readonly Parameter[] = ['added_after', 'limit', 'next'];
const KNOWN: ReadonlySet<string> = new Set(ALL_PARAMETERS);
const LONGEST = 65_536;
/** Formats of the values in lists. */
export const OBJECT_ID = /^[a-z][a-z0-9-]{0,249}--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
export const TYPE = /^[a-z][a-z0-9-]{0,249}$/;
export const SPEC_VERSION = /^\d\.\d$/;

const NOTHING: TaxiiQuery = {
  addedAfter: undefined,
  limit: undefined,
  next: undefined,
  ids: undefined,
  types: undefined,
  versions: undefined,
  specs: undefined,
};

function malformed(name: string, why: string, hint?: string): Problem {
  return taxiiErrors.invalidParameter(
    { name },
    { description: why, ...(hint === undefined ? {} : { hint }) },
  );
}

/**
 * Reads the query string. Only the parameters in `allowed` apply to an endpoint. Fields that TAXII does not define are
 * ignored (TAXII 2.1 §3.4). A malformed filter is rejected, because a client whose filter is ignored would receive more
 * than it asked for.
 */
export function readQuery(url: string, allowed: readonly Parameter[]): TaxiiQuery {
  const cut = url.indexOf('?');
  if (cut < 0 || cut === url.length - 1) return NOTHING;
  const values = parameters(url.slice(cut + 1));
  const value = (name: Parameter): string | undefined =>
    allowed.includes(name) ? values.get(name) : undefined;
  const addedAfter = value('added_after');
  const limit = value('limit');
  const next = value('next');
  return {
    addedAfter: addedAfter === undefined ? undefined : readAddedAfter(addedAfter),
    limit: limit === undefined ? undefined : readLimit(limit),
    next: next === undefined ? undefined : readNext(next),
    ids: list('match[id]', value('match[id]'), OBJECT_ID, 'an object id'),
    types: list('match[type]', value('match[type]'), TYPE, 'an object type'),
    versions: readVersions(value('match[version]')),
    specs: list(
      'match[spec_version]',
      value('match[spec_version]'),
      SPEC_VERSION,
      'a specification version such as 2.1',
    ) as readonly SpecVersion[] | undefined,
  };
}

function parameters(query: string): Map<string, string> {
  if (query.length > LONGEST) throw malformed('list', 'The query is too long.');
  const values = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    const name = decoded(cut < 0 ? part : part.slice(0, cut));
    // Text after a known name (match[id][$ne], added_after[$gt]) is meant to change the filter, so it is rejected.
    if (!KNOWN.has(name)) {
      if (/^(match\[\w+\]|added_after|limit|next)[^\w]/.test(name))
        throw malformed(name.slice(0, 60), 'It is not a parameter of TAXII 2.1.');
      continue;
    }
    if (values.has(name))
      throw malformed(
        name,
        'The parameter appears twice.',
        'Send several values as one list, separated by commas.',
      );
    const value = cut < 0 ? '' : decoded(part.slice(cut + 1));
    if (value.length > LONGEST || value.includes('\0'))
      throw malformed(name, 'The value is too long or contains a NUL character.');
    values.set(name, value);
  }
  return values;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed('list', 'It contains a broken percent escape.');
  }
}

function readAddedAfter(value: string): Micros {
  const micros = parseTaxiiTimestamp(value) ?? withOffset(value);
  if (micros === undefined)
    throw malformed(
      'added_after',
      `"${value.slice(0, 60)}" is not a timestamp.`,
      `Write it as 2026-01-31T00:00:00.000000Z, with at most ${MOST_FRACTION_DIGITS} fraction digits.`,
    );
  return micros;
}

/** A timestamp with an offset, which some clients send. A + that was not escaped has become a space. */
const OFFSET = /^(.{19}(?:\.\d{1,100})?)([+ -])(\d\d):?(\d\d)$/;

function withOffset(value: string): Micros | undefined {
  const [, time, sign, hours, minutes] = OFFSET.exec(value) ?? [];
  if (time === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const micros = parseTaxiiTimestamp(`${time}Z`);
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000_000;
  return micros === undefined ? undefined : sign === '-' ? micros + offset : micros - offset;
}

function readLimit(value: string): number {
  if (!/^[1-9]\d{0,18}$/.test(value))
    throw malformed('limit', `"${value.slice(0, 60)}" is not a whole number greater than 0.`);
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

function readNext(value: string): string {
  if (value === '' || value.length > 512) throw malformed('next', 'It is not a value from this server.');
  return value;
}

function list(
  name: string,
  value: string | undefined,
  form: RegExp,
  what: string,
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const items = value.split(',').map((item) => item.trim());
  for (const item of items)
    if (!form.test(item)) throw malformed(name, `"${item.slice(0, 100)}" is not ${what}.`);
  return [...new Set(items)];
}

/** Reads `match[version]` (TAXII 2.1 §3.4.1): last, first, all, or versions by their timestamp. */
function readVersions(value: string | undefined): VersionFilter | undefined {
  if (value === undefined) return undefined;
  const items = value.split(',').map((item) => item.trim());
  if (new Set(items).size !== items.length) throw malformed('match[version]', 'A value is repeated.');
  if (items.includes('all') && items.length > 1)
    throw malformed('match[version]', '"all" cannot be combined with other values.');
  const exact: Instant[] = [];
  for (const item of items) {
    if (item === 'all' || item === 'first' || item === 'last') continue;
    if (timestampFault(item) !== undefined) {
      throw malformed(
        'match[version]',
        `"${item.slice(0, 60)}" is not a version.`,
        `Use last, first, all, or timestamps such as 2026-01-31T00:00:00.000Z, with at most ${MOST_FRACTION_DIGITS} fraction digits.`,
      );
    }
    exact.push(instantOf(item));
  }
  return { all: items.includes('all'), first: items.includes('first'), last: items.includes('last'), exact };
}

/** Returns a short digest of the endpoint and the filters. A cursor is rejected when they change. */
export function filterDigest(
  kind: string,
  query: Pick<TaxiiQuery, 'ids' | 'types' | 'versions' | 'specs'>,
): string {
  if (
    query.ids === undefined &&
    query.types === undefined &&
    query.versions === undefined &&
    query.specs === undefined
  )
    return kind;
  const versions = query.versions ?? LAST_VERSION;
  const sorted = (items: readonly string[] | undefined): readonly string[] => items?.toSorted() ?? ['*'];
  const parts = [
    sorted(query.ids),
    sorted(query.types),
    sorted(query.specs),
    [versions.all, versions.first, versions.last],
    sorted(versions.exact),
  ];
  return `${kind}:${hash('sha256', JSON.stringify(parts)).slice(0, 16)}`;
}
