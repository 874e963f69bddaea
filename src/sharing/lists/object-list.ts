import { open, rm } from 'node:fs/promises';
import { decide, type Audience } from '../../access/policy.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import { markingFacts, tlpOf, type MarkingLookup } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import { LAST_VERSION } from '../../store/store.ts';
import type { CurrentEntry, CurrentObjects } from '../reading/current.ts';
import { rowsOf, type Contribution } from '../values/contribution.ts';
import type { Omission } from './blocking.ts';
import type { ObjectEntry, ObjectFormat } from './formats/object-format.ts';
import { writeFiles, type MadeList } from './list-maker.ts';
import type { ListQuery } from './list-query.ts';
import { OUTLET_OF } from './selection.ts';

const DAY_MS = 86_400_000;
const AT_ONCE = 500;
const NOT_PERMITTED = Symbol('not permitted');

export interface ObjectListParts {
  readonly format: ObjectFormat;
  readonly query: ListQuery;
  readonly collection: string;
  /** The name of the list, of letters, digits, dots, hyphens and underscores only. */
  readonly name: string;
  readonly audience: Audience;
  readonly current: CurrentObjects;
  readonly marking: (id: string, owner: string) => ReturnType<MarkingLookup>;
  /** The time of the last change of the collection, in milliseconds since 1970. */
  readonly changed: number;
  readonly now: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/**
 * Makes a list of objects in files: of the indicators in force that the filters accept and with which the disclosure
 * policy lets the tool do what it does.
 */
export async function makeObjectList(path: string, parts: ObjectListParts): Promise<MadeList> {
  const { format, name, changed, clock } = parts;
  const body = `${path}.body`;
  const omitted = new Map<Omission, number>();
  const omit = (reason: Omission): void => void omitted.set(reason, (omitted.get(reason) ?? 0) + 1);
  const slices = new Slices(clock);
  let lines = 0;
  let changesAt = Infinity;
  try {
    const writer = format.writer();
    const file = await open(body, 'w', 0o600);
    try {
      for await (const { entry, object, text } of entriesOf(parts)) {
        changesAt = Math.min(changesAt, entry.ends);
        if (slices.isOver(text.length)) await slices.next();
        const line = mayLeave(entry, object, parts) ? writer.take({ object, text }) : NOT_PERMITTED;
        if (line === undefined || line === NOT_PERMITTED) omit(line === undefined ? 'format' : 'policy');
        else {
          await file.writeFile(line);
          if (entry.type === 'indicator') lines++;
        }
      }
      await file.writeFile(writer.end());
    } finally {
      await file.close();
    }
    const files = await writeFiles(path, format.head({ name, lines, changed }), body);
    return { ...files, lines, omitted, owners: new Set(), changesAt };
  } finally {
    await rm(body, { force: true });
  }
}

/** Yields the objects in force that the filters accept. */
async function* entriesOf({
  current,
  collection,
  format: { patterns },
  query,
  now,
}: ObjectListParts): AsyncGenerator<ObjectEntry & { readonly entry: CurrentEntry }> {
  const types = patterns === undefined ? {} : { types: ['indicator'] };
  const question = { collection, limit: AT_ONCE, specs: ['2.1'] as const, versions: LAST_VERSION, ...types };
  for (let after = 0, more = true; more;) {
    const page = await current.page({ ...question, after });
    for (const entry of page.entries) {
      const object = JSON.parse(entry.text) as StixObject;
      const isOther = patterns !== undefined && object['pattern_type'] !== patterns;
      const [row] = isOther ? [] : rowsOf({ ...entry, collection });
      if (entry.type !== 'indicator' || (row !== undefined && isMatching(row.contribution, query, now)))
        yield { entry, object, text: entry.text };
    }
    after = page.entries.at(-1)?.added ?? after;
    more = page.more && page.entries.length > 0;
  }
}

function isMatching(
  { confidence, labels, from, modified }: Contribution,
  query: ListQuery,
  now: number,
): boolean {
  const seen = Math.max(from, modified);
  if ((confidence ?? 0) < query.minConfidence) return false;
  if (query.maxAge !== undefined && seen < now - query.maxAge * DAY_MS) return false;
  if (query.since !== undefined && seen <= query.since) return false;
  return query.labels === undefined || query.labels.some((label) => labels.includes(label));
}

function mayLeave(
  { level, owner }: CurrentEntry,
  object: StixObject,
  { marking, audience, format, now }: ObjectListParts,
): boolean {
  const facts = { effective: tlpOf(level), marking: markingFacts(object, (id) => marking(id, owner)) };
  return decide(facts, audience, OUTLET_OF[format.acts], now).verdict === 'allow';
}
