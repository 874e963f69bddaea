import type { ObjectChanges, ObjectPlaces, RevisionRequest } from '../api/schema-types.ts';
import { fixedTlp, tlpLabel, type Tlp } from '../stix/markings.ts';
import { readableValue, searchKeys } from '../stix/search-keys.ts';
import { text, texts, type StixObject } from '../stix/types.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { EXIT, printable, printableLines, type Io } from './io.ts';
import { type Grade, graded, table, when, whenExactly, writeJson } from './output.ts';
import { withHub } from './local-client.ts';

/** Number of values of one object that are shown. The object itself contains all of them. */
const MOST_VALUES = 5;

export interface ShowFlags extends CommonFlags {
  /** The time of the version to show. */
  readonly modified?: string;
}

/** `talanoa show ID`: shows an object, its state, the collections that contain it and its versions there. */
export async function show(id: string, flags: ShowFlags, io: Io): Promise<number> {
  const query = flags.modified === undefined ? '' : `?version=${encodeURIComponent(flags.modified)}`;
  const found = await withHub(flags, io, (client) =>
    client.get<ObjectPlaces>(`/api/v1/objects/${encodeURIComponent(id)}${query}`),
  );
  if (flags.json === true) writeJson(found, io);
  else io.stdout.write(`${describe(found, io)}\n`);
  return EXIT.done;
}

function describe({ id, state, findings, places, object }: ObjectPlaces, io: Io): string {
  const stix = object as StixObject;
  const levels = texts(stix, 'object_marking_refs').flatMap((ref) => fixedTlp(ref) ?? []);
  const values = searchKeys(stix).flatMap((key) =>
    key.kind === 'name' ? [] : [readableValue({ kind: key.kind, value: key.value })],
  );
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Object', id],
    ['State', stateWords(state, stix, io)],
    ['Name', text(stix, 'name')],
    ['Value', values.slice(0, MOST_VALUES).join(', ')],
    ['Marking', levels.map(tlpLabel).join(', ')],
    ['Version', text(stix, 'modified')],
    ['Valid from', timeOf(stix, 'valid_from', io)],
    ['Valid until', timeOf(stix, 'valid_until', io)],
    ['Confidence', typeof stix['confidence'] === 'number' ? String(stix['confidence']) : undefined],
    ['Labels', texts(stix, 'labels').join(', ')],
    ['Creator', text(stix, 'created_by_ref')],
  ];
  const shown = facts.flatMap(([label, value]) =>
    value === undefined || value === ''
      ? []
      : [[label, label === 'State' ? gradedState(printable(value), state, io) : printable(value)]],
  );
  const versions = places.flatMap(({ name, versions: all }) =>
    all
      .toReversed()
      .map(({ version, date_added: added, relayed }) => [
        printable(name),
        version ?? '-',
        when(added, io),
        relayed === true ? 'relayed' : '',
      ]),
  );
  const deviations = findings.map(({ rule, pointer, message }) => [
    rule,
    printable(pointer),
    printable(message),
  ]);
  const found =
    deviations.length === 0 ? '' : `\n\n${table([['FINDING', 'POSITION', 'MESSAGE'], ...deviations], io)}`;
  const content = printableLines(JSON.stringify(object, undefined, 2));
  return `${table(shown, io)}\n\n${table([['COLLECTION', 'VERSION', 'SINCE', ''], ...versions], io)}${found}\n\n${content}`;
}

const GRADES: Readonly<Record<ObjectPlaces['state'], Grade>> = {
  valid: 'good',
  'not-yet-valid': 'notice',
  expired: 'notice',
  revoked: 'bad',
};

/** Marks words about the state of an object with its sign. */
export function gradedState(words: string, state: ObjectPlaces['state'], io: Io): string {
  return graded(words, GRADES[state], io);
}

/** Returns a time of an object in the zone of the reader. Versions are names, and stay as they are. */
function timeOf(object: StixObject, property: string, io: Io): string | undefined {
  const time = text(object, property);
  return time === undefined || Number.isNaN(Date.parse(time)) ? time : whenExactly(time, io);
}

function stateWords(state: ObjectPlaces['state'], object: StixObject, io: Io): string {
  const words = {
    valid: 'valid',
    revoked: 'revoked: no longer valid',
    expired: `expired at ${timeOf(object, 'valid_until', io) ?? ''}`,
    'not-yet-valid': `valid from ${timeOf(object, 'valid_from', io) ?? ''}`,
  };
  return words[state];
}

export interface ReviseFlags extends CommonFlags {
  readonly title?: string;
  readonly description?: string;
  readonly tlp?: Tlp;
  readonly until?: number;
  readonly confidence?: number;
  readonly labels?: readonly string[];
}

/** `talanoa revise ID`: exit code 8 when the correction was not stored in every collection. */
export async function revise(id: string, flags: ReviseFlags, io: Io): Promise<number> {
  const { title, description, tlp, until, confidence, labels } = flags;
  const request: RevisionRequest = {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(tlp === undefined ? {} : { tlp }),
    ...(until === undefined ? {} : { valid_days: until }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(labels === undefined ? {} : { labels: [...labels] }),
  };
  if (Object.keys(request).length === 0)
    throw commandErrors.nothingToChange({
      hint: 'Use --title, --description, --tlp, --until, --confidence or --labels.',
    });
  const { items } = await withHub(flags, io, (client) =>
    client.post<ObjectChanges>(`/api/v1/objects/${encodeURIComponent(id)}/versions`, request),
  );
  if (flags.json === true) writeJson({ id, items }, io);
  else
    for (const { collection, outcome, version, message } of items)
      io.stdout.write(
        `${printable(id)} ${outcome === 'stored' ? `corrected in ${collection}, version ${version ?? ''}` : `${outcome} in ${collection}: ${printable(message ?? '')}`}\n`,
      );
  return items.every(({ outcome }) => outcome === 'stored') ? EXIT.done : EXIT.part;
}
