import type { CheckedValue, CheckedValues } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import { tlpOf } from '../../stix/markings.ts';
import { enclosingValues } from '../../stix/values/enclosing-values.ts';
import {
  readableObserved,
  readObserved,
  valueKey,
  type ObservedValue,
} from '../../stix/values/observed-values.ts';
import { sharingErrors } from '../errors.ts';
import { ownersOf, valueObject, warningHits, type ValueLists } from '../publishing/value-guard.ts';
import { noteLookup } from '../reading/note-lookup.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import type { Contribution } from '../values/contribution.ts';
import { currentValue, type CurrentValue } from '../values/current.ts';
import type { LifeSettings, Lifetimes } from '../values/life.ts';
import type { ValueView } from '../values/value-view.ts';
import { readableBy } from '../reading/readable.ts';

/** Maximum number of collections that are named next to a value. */
const MOST_NAMED = 20;
/** Maximum length of a value that is repeated in the answer. */
const LONGEST_SHOWN = 200;
/**
 * Maximum number of values that a check looks up, with those around them. 1,000 IPv4 addresses and domains stay below it.
 * An IPv6 address alone has 112 networks around it.
 */
const MOST_LOOKED_UP = 30_000;
/** A number of values that is always possible: a name or an address is within at most 127 others. */
const ALWAYS_POSSIBLE = 200;

interface CheckParts {
  readonly directory: Directory;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly view: Pick<ValueView, 'catchUp' | 'ofAll'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly lists: () => Promise<ValueLists>;
  readonly clock: Clock;
}

/** The facts by which the values of one request are judged. */
interface Facts {
  readonly actor: Principal;
  readonly directory: Snapshot;
  readonly rows: readonly Rows[];
  readonly suppressed: SuppressedValues;
  readonly lists: ValueLists;
  readonly life: Lifetimes;
  readonly now: number;
}

/** The rows of the requested values in one collection. */
interface Rows {
  readonly collection: CollectionInfo;
  readonly byValue: ReadonlyMap<string, readonly Contribution[]>;
}

/** A value in the collections that the caller can read. */
interface Known {
  readonly current: CurrentValue;
  readonly collections: readonly CollectionInfo[];
}

/**
 * Answers for many values at once whether the caller's collections know them. It uses the same rows as lists and
 * `ValueLookup`, of readable collections only, so an answer never depends on any other collection.
 */
export class ValueCheck {
  readonly #s: CheckParts;

  constructor(parts: CheckParts) {
    this.#s = parts;
  }

  /**
   * Returns a verdict for each of the values, in their order. `complete` is false while the hub has not read all objects
   * of the caller's collections. The ledger records the collections in which values were found. `agent` is the client
   * program. Throws `TLN-X-427` if too many networks and domains are around the values.
   */
  async check(actor: Principal, written: readonly string[], agent: string): Promise<CheckedValues> {
    const { view, suppressions, clock, ledger } = this.#s;
    const directory = await this.#s.directory.current();
    const observed = written.map(readObserved);
    const asked = lookedUp(observed);
    let complete = true;
    const rows: Rows[] = [];
    for (const collection of readableBy(actor, directory)) {
      complete = (await view.catchUp(collection.id)).complete && complete;
      rows.push({ collection, byValue: await view.ofAll(collection.id, [...asked.values()]) });
    }
    const facts: Facts = {
      actor,
      directory,
      rows: rows.filter(({ byValue }) => byValue.size > 0),
      suppressed: await suppressions.current(),
      lists: await this.#s.lists(),
      life: this.#s.life.of(directory),
      now: clock.now(),
    };
    const slices = new Slices(clock);
    const items: CheckedValue[] = [];
    const looked: { readonly collection: string }[] = [];
    for (const [i, value] of observed.entries()) {
      const { item, known } = judged(written[i] ?? '', value, facts);
      items.push(item);
      looked.push(...known.map(({ id }) => ({ collection: id })));
      if (slices.isOver()) await slices.next();
    }
    noteLookup(ledger, actor, looked, agent);
    return { items, complete };
  }
}

/** Returns the values to look up, each one once: these values and those around them. */
function lookedUp(observed: readonly (ObservedValue | undefined)[]): ReadonlyMap<string, ObservedValue> {
  const found = new Map<string, ObservedValue>();
  for (const one of observed) {
    if (one === undefined) continue;
    for (const each of [one, ...enclosingValues(one)]) found.set(valueKey(each), each);
    if (found.size > MOST_LOOKED_UP)
      throw sharingErrors.checkTooWide({ most: MOST_LOOKED_UP, possible: ALWAYS_POSSIBLE });
  }
  return found;
}

function judged(
  written: string,
  observed: ObservedValue | undefined,
  facts: Facts,
): { readonly item: CheckedValue; readonly known: readonly CollectionInfo[] } {
  const input = written.slice(0, LONGEST_SHOWN);
  if (observed === undefined) return { item: { input, verdict: 'invalid' }, known: [] };
  const { found, through } = nearest(observed, facts);
  const lists = [...new Set(warningHits(observed, facts.lists).map(({ list }) => list))];
  const { visible: owners } = ownersOf(valueObject(observed), facts.actor, facts.directory);
  // Only a value that the caller can read shows whether people have suppressed it.
  const isSuppressed = found !== undefined && facts.suppressed.of(found.current) !== undefined;
  const state = found?.current.state;
  const verdict =
    state !== undefined && isSuppressed
      ? 'suppressed'
      : state === 'active'
        ? 'active'
        : lists.length > 0
          ? 'warning-list'
          : owners.length > 0
            ? 'own-network'
            : (state ?? 'unknown');
  const item = {
    input,
    type: observed.type,
    value: readableObserved(observed).slice(0, LONGEST_SHOWN),
    verdict,
    ...(lists.length === 0 ? {} : { warning_lists: lists }),
    ...(owners.length === 0 ? {} : { owners: owners.map(({ member, claim }) => ({ member, claim })) }),
    ...(found === undefined ? {} : { found: shownOf(found, through) }),
  } as const;
  return { item, known: found?.collections ?? [] };
}

/**
 * Returns a value as the collections of the caller know it. If they do not know it or know that it is over, and a network,
 * a domain or a host around it is active, returns that one.
 */
function nearest(
  observed: ObservedValue,
  facts: Facts,
): { readonly found: Known | undefined; readonly through: ObservedValue | undefined } {
  const own = knownIn(observed, facts);
  if (own?.current.state === 'active') return { found: own, through: undefined };
  for (const around of enclosingValues(observed)) {
    const found = knownIn(around, facts);
    if (found?.current.state === 'active') return { found, through: around };
  }
  return { found: own, through: undefined };
}

/** Joins the rows of all readable collections about a value. */
function knownIn(observed: ObservedValue, { rows, now, life }: Facts): Known | undefined {
  const key = valueKey(observed);
  const among = rows.flatMap(({ collection, byValue }) => {
    const contributions = byValue.get(key);
    return contributions === undefined ? [] : [{ collection, contributions }];
  });
  if (among.length === 0) return undefined;
  // Routed copies of an indicator are the same indicator.
  const contributions = among.flatMap((one) => one.contributions);
  const newest = new Map<string, Contribution>();
  for (const one of contributions)
    if ((newest.get(one.id)?.modified ?? -1) < one.modified) newest.set(one.id, one);
  return {
    current: currentValue(observed, [...newest.values()], now, life),
    collections: among.map(({ collection }) => collection),
  };
}

function shownOf(
  { current, collections }: Known,
  through: ObservedValue | undefined,
): NonNullable<CheckedValue['found']> {
  const { state, id, level, confidence, validUntil, lastSeen, sources } = current;
  return {
    object: id,
    state,
    tlp: tlpOf(level),
    ...(confidence === undefined ? {} : { confidence }),
    last_seen: new Date(lastSeen).toISOString(),
    valid_until: new Date(validUntil).toISOString(),
    sources,
    collections: collections.slice(0, MOST_NAMED).map(({ id: collection, alias }) => alias ?? collection),
    ...(through === undefined ? {} : { through: readableObserved(through).slice(0, LONGEST_SHOWN) }),
  };
}
