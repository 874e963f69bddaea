import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

/** An object that causes the maximum work for a check through one property. */
export interface WorstObject {
  /** Type, property and kind of value. */
  readonly name: string;
  readonly object: Json;
}

const folder = join(import.meta.dirname, '..', '..', 'schemas', 'stix');
const files = new Map<string, Json>(
  readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json]),
);
const TIME = '2026-01-01T00:00:00.000Z';
const UUID = '00000000-0000-4000-8000-';

function resolved(file: string, part: Json): { file: string; part: Json } {
  const reference = part['$ref'];
  if (typeof reference !== 'string') return { file, part };
  const [name = '', pointer = ''] = reference.split('#');
  const target = name === '' ? file : name;
  let at: unknown = files.get(target);
  for (const step of pointer.split('/').slice(1)) at = (at as Json)[step];
  return resolved(target, at as Json);
}

/** Returns every property of a schema, including those of its base schemas and those inside its objects and lists. */
function* properties(file: string, part: Json, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 3) return;
  const found = resolved(file, part);
  for (const base of (found.part['allOf'] as readonly Json[] | undefined) ?? [])
    yield* properties(found.file, base, path);
  for (const [name, property] of Object.entries((found.part['properties'] as Json | undefined) ?? {})) {
    if (typeof property !== 'object' || property === null) continue;
    yield [...path, name];
    yield* properties(found.file, property as Json, [...path, name]);
  }
  const { items } = found.part as { items?: Json };
  if (typeof items === 'object') yield* properties(found.file, items, [...path, '*']);
}

/** Returns a value in the format that a path requires, with `value` at its end. Lists on the way have one item. */
function at(path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  return step === '*' ? [at(rest, value)] : { [step]: at(rest, value) };
}

function id(type: string, i: number): string {
  return `${type}--${UUID}${String(i).padStart(12, '0')}`;
}

const list = (n: number, item: (i: number) => unknown): unknown[] =>
  Array.from({ length: n }, (_, i) => item(i));
const dictionary = (n: number, key: (i: number) => string, value: unknown): Json =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [key(i), value]));

const COMMON = new Set([
  'type', 'id', 'spec_version', 'created', 'modified', 'created_by_ref', 'revoked', 'labels', 'confidence', 'lang', 'external_references',
  'object_marking_refs', 'granular_markings', 'defanged', 'extensions', 'x_custom', 'x_custom_refs', 'x_outer.x_inner',
]); // prettier-ignore

/** Kinds of values in a given size. */
const VALUES: Readonly<Record<string, (n: number) => unknown>> = {
  'list of bad references': (n) => list(n, (i) => `indicator--${i}`),
  'list of good references': (n) => list(n, (i) => id('indicator', i)),
  'list of null': (n) => list(n, () => null),
  'list of empty objects': (n) => list(n, () => ({})),
  'list of objects with bad members': (n) => list(n, () => ({ 'Bad Name': null, x_ref: 'x' })),
  'dictionary of bad names': (n) => dictionary(n, (i) => `Bad Name ${i}`, null),
  'dictionary of good names': (n) => dictionary(n, (i) => `name_${i}`, 'x'),
  'dictionary of objects': (n) => dictionary(n, (i) => `x-name-${i}-ext`, { x_ref: 'bad' }),
  'text of hyphens': (n) => `a${'-'.repeat(n)}\n`,
  'text of digits': (n) => `1.${'1.'.repeat(n / 2)}\n`,
  'text of letters': (n) => 'a-'.repeat(n / 2),
};

/**
 * Returns the worst object for each property of each schema and for custom properties, with lists,
 * dictionaries and texts of size `n`.
 */
export function* worstObjects(n: number): Generator<WorstObject> {
  const seen = new Set<string>();
  for (const [file, schema] of files) {
    const type = file.slice(0, -'.json'.length);
    if (['common', 'vocabularies', 'extensions'].includes(type)) continue;
    const base = {
      type,
      spec_version: '2.1',
      id: id(type, 1),
      created: TIME,
      modified: TIME,
    };
    for (const path of [
      ...properties(file, schema),
      ['x_custom'],
      ['x_custom_refs'],
      ['x_outer', 'x_inner'],
    ]) {
      const name = path.join('.');
      // Common parts are built once: the common properties of types, and the parts inside a property.
      const known = path.length > 1 || COMMON.has(name) ? name : `${type} ${name}`;
      if (seen.has(known)) continue;
      seen.add(known);
      // The same schema parts check nested values and top-level values, so fewer kinds of nested values are
      // enough.
      for (const [kind, value] of Object.entries(VALUES).filter((_, i) => path.length === 1 || i % 3 === 0))
        yield {
          name: `${type} ${name}: ${kind}`,
          object: { ...base, ...(at(path, value(n)) as Json) },
        };
    }
    yield { name: `${type}: bad names`, object: { ...base, ...dictionary(n, (i) => `Bad-${i}`, 1) } };
    yield { name: `${type}: near names`, object: { ...base, ...dictionary(n, (i) => `descriptio${i}`, 1) } };
  }
}
