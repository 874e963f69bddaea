import { NAME_INDEX } from './model.ts';
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import { can } from '../../access/rights.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { CursorSeal } from '../../kernel/cursor-seal.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { readSearch, readableValue, searchKeys, type SearchRange } from '../../stix/search-keys.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { text as textOf, type StixObject } from '../../stix/types.ts';
import { holdLease } from '../../store/held-lease.ts';
import { isRelayed } from '../intake/owner.ts';
import {
  ALL_REMOVALS,
  ALL_VERSIONS,
  byBytes,
  nameOf,
  nameText,
  type Name,
  type Place,
  type Store,
} from '../../store/store.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import { accessErrors } from '../../access/errors.ts';

type Kind = (typeof KINDS)[number];

/** An object that was found, in one of its collections. */
export interface Found {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  /** Its name, pattern or value, shortened. */
  readonly title: string;
  readonly matched: { readonly kind: Kind; readonly value: string };
  readonly collection: string;
  /** Alias of the collection, or its id. */
  readonly collection_name: string;
  readonly date_added: string;
  /** The object names a member other than its submitter as its creator. */
  readonly relayed?: boolean;
}

export interface FoundPage {
  /** How the query was interpreted. */
  readonly meaning: string;
  readonly items: readonly Found[];
  /** The position of the next page. Undefined if there is none. */
  readonly next: string | undefined;
  /** Number of collections that were searched: those that the caller may read. */
  readonly collections: number;
  /** False while the index has not caught up with the stored entries. */
  readonly complete: boolean;
}

/** A search result, and the name that led to it. */
interface Hit {
  readonly item: Found;
  readonly name: Name;
}

const BATCH = 200;
const LEASE = 'search';
const LEASE_MS = 30_000;
const PAUSE_MS = 2_000;
/** The index pauses this many times longer than it works while there is more to do. */
const RESTS = 3;
/** The record kind of the index cursors. Earlier versions used another kind, because their names had other kinds. */
/** Maximum number of batches that a query waits for, so that it finds objects that were just published. */
const WAITED_FOR = 5;
/** Names that one query examines per batch, and in total. Names of removed objects count as well. */
const WINDOW = 1_000;
const MOST_LOOKED_AT = 20_000;
const LONGEST_TITLE = 200;
/** No value contains a character that sorts after this one. */
const LAST = '\u{10FFFF}';
const KINDS = ['address', 'asn', 'domain', 'hash', 'mail', 'name', 'network', 'url'] as const;

/**
 * Finds objects by their values, in the collections that the caller may read. The index has a cursor over each
 * collection, like routing. It follows what is stored without delaying writes, and it is rebuilt if the cursor is
 * deleted.
 */
export class Search {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: Pick<Ledger, 'read'>;
  readonly #seal: CursorSeal;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #loop: WorkLoop;

  constructor(
    store: Store,
    directory: Directory,
    ledger: Pick<Ledger, 'read'>,
    seal: CursorSeal,
    clock: Clock,
    log: Log,
  ) {
    this.#seal = seal;
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#log = log;
    this.#loop = new WorkLoop(
      clock,
      PAUSE_MS,
      () => this.indexAll(),
      (error) => this.#log.error('search.failed', { reason: reasonOf(error) }),
    );
  }

  /** Returns a page of search results. `after` is the `next` of the previous page. */
  async find(
    principal: Principal,
    typed: string,
    limit: number,
    after: string | undefined,
    agent: string,
  ): Promise<FoundPage> {
    const { meaning, ranges: asked } = readSearch(typed);
    const directory = await this.#directory.current();
    const readable = new Map<string, CollectionInfo>();
    for (const collection of directory.collections.values()) {
      const rights = directory.rights(principal, collection);
      if (can(principal, 'collection.read', { kind: 'collection', rights }))
        readable.set(collection.id, collection);
    }
    const collections = [...readable.keys()].toSorted();
    // A position is valid only for the collections that the caller can read now. It becomes invalid when
    // these change.
    const binding = ['search', principalId(principal), digestOf(asked), digestOf(collections)];
    const ranges = collections.flatMap((id) =>
      asked.map((range) => ({ ...range, kind: kindIn(id, range.kind) })),
    );
    let at = after === undefined ? undefined : this.#placeIn(after, binding);
    let complete = true;
    for (const id of collections) complete = (await this.#catchUp(id)) && complete;

    // One more match than requested shows that there is another page.
    const found: Hit[] = [];
    let looked = 0;
    let more = true;
    while (more && found.length <= limit && looked < MOST_LOOKED_AT) {
      const names = await this.#store.names({
        ranges,
        ...(at === undefined ? {} : { after: at }),
        limit: WINDOW,
      });
      looked += names.length;
      more = names.length === WINDOW;
      for (let i = 0; i < names.length && found.length <= limit;) {
        const some = names.slice(i, i + limit + 1 - found.length);
        found.push(...(await this.#hits(some, readable, asked)));
        i += some.length;
        at = some.at(-1);
      }
      if (more) await setImmediate();
    }
    const items = found.slice(0, limit).map(({ item }) => item);
    const last = found.length > limit ? found[limit - 1]?.name : more ? at : undefined;
    this.#note(principal, items, agent);
    return {
      meaning,
      items,
      collections: readable.size,
      next: last === undefined ? undefined : this.#seal.seal(Buffer.from(nameText(last)), binding),
      complete,
    };
  }

  #placeIn(after: string, binding: readonly string[]): Name {
    const place = this.#seal.open(after, binding);
    if (place !== undefined) return nameOf(place.toString());
    throw accessErrors.invalidAfter({
      description:
        'The value belongs to another query or another account, or the collections that you can read have changed.',
      hint: 'Send the value of "next" from the previous page, or start again without "after".',
    });
  }

  async #hits(
    names: readonly Name[],
    readable: ReadonlyMap<string, CollectionInfo>,
    ranges: readonly SearchRange[],
  ): Promise<readonly Hit[]> {
    const standing = new Map(
      (await this.#store.placed(names)).map((entry) => [`${entry.collection} ${entry.added}`, entry]),
    );
    const directory = await this.#directory.current();
    return names.flatMap((name) => {
      const entry = standing.get(`${name.collection} ${name.added}`);
      const collection = readable.get(name.collection);
      if (entry === undefined || !entry.newest || collection === undefined) return [];
      const object = JSON.parse(entry.text) as StixObject;
      // If several names lead to the object, only the first one returns it.
      if (firstName(object, name, ranges) !== nameText(name)) return [];
      const item = {
        id: entry.id,
        type: entry.type,
        version: entry.version,
        title: titleOf(object),
        matched: { kind: kindOf(name), value: readableValue({ kind: kindOf(name), value: name.value }) },
        collection: collection.id,
        collection_name: collection.alias ?? collection.id,
        date_added: taxiiTimestamp(entry.added),
        ...(isRelayed(entry, directory) ? { relayed: true } : {}),
      };
      return [{ item, name }];
    });
  }

  #note(principal: Principal, items: readonly Found[], agent: string): void {
    for (const collection of new Set(items.map((item) => item.collection)))
      this.#ledger.read({
        account: principalId(principal),
        collection,
        kind: 'lookup',
        filters: '',
        cursor: 0,
        objects: items.filter((item) => item.collection === collection).length,
        agent,
      });
  }

  /** Runs until `stop`: every two seconds, slowly enough to leave three quarters of the time to other work. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /**
   * Indexes all collections up to the newest entry. One process does this at a time. Other processes find nothing to
   * do.
   */
  async indexAll(): Promise<void> {
    const held = await holdLease(this.#store, this.#clock, LEASE, LEASE_MS);
    if (held === undefined) return;
    const signal = AbortSignal.any([held.lost, this.#loop.signal]);
    try {
      for (const { id } of (await this.#directory.current()).collections.values()) {
        for (let more = true; more && !signal.aborted;) {
          const begun = this.#clock.monotonic();
          more = await this.#step(id);
          const took = this.#clock.monotonic() - begun;
          if (more && took > 0) await this.#clock.wait(took * RESTS, signal);
        }
      }
    } finally {
      await held.release();
    }
  }

  async #catchUp(collection: string): Promise<boolean> {
    for (let i = 0; i < WAITED_FOR; i++) if (!(await this.#step(collection))) return true;
    return false;
  }

  /** Indexes one batch of one collection. Returns true if there is more. */
  async #step(collection: string): Promise<boolean> {
    const cursor = await NAME_INDEX.in(this.#store).get(collection);
    const after = cursor?.document.added ?? 0;
    const { entries, more } = await this.#store.entries(
      { collection, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    const last = entries.at(-1);
    if (last === undefined) return false;
    const names = entries.flatMap(({ text, added }) =>
      text === undefined ? [] : namesOf(JSON.parse(text) as StixObject, { collection, added }),
    );
    try {
      await this.#store.commit({
        names,
        records: [NAME_INDEX.put(collection, cursor, { ...cursor?.document, added: last.added })],
      });
    } catch (error) {
      // Another process indexed the same batch at the same time and moved the cursor.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
    return more;
  }

  /** Removes names of objects that were removed from collections. */
  async sweep(): Promise<void> {
    await this.#sweepEarlier();
    for (const [collection, removed] of await this.#emptied()) {
      let after: Name | undefined;
      for (;;) {
        const names = await this.#store.names({
          ranges: KINDS.map((kind) => ({ kind: kindIn(collection, kind), from: '', to: LAST })),
          ...(after === undefined ? {} : { after }),
          limit: WINDOW,
        });
        const standing = new Set((await this.#store.placed(names)).map(({ added }) => added));
        const staleNames = names.filter(({ added }) => !standing.has(added));
        if (staleNames.length > 0) await this.#store.commit({ staleNames });
        after = names.at(-1);
        if (this.#loop.signal.aborted) return;
        if (names.length < WINDOW) break;
        await setImmediate();
      }
      const cursor = await NAME_INDEX.in(this.#store).get(collection);
      await this.#store.commit({
        records: [NAME_INDEX.put(collection, cursor, { ...cursor?.document, removed })],
      });
    }
  }

  /** Removes names of earlier versions, whose kinds did not contain a collection. */
  async #sweepEarlier(): Promise<void> {
    const ranges = KINDS.map((kind) => ({ kind, from: '', to: LAST }));
    while (!this.#loop.signal.aborted) {
      const staleNames = await this.#store.names({ ranges, limit: WINDOW });
      if (staleNames.length === 0) return;
      await this.#store.commit({ staleNames });
      await setImmediate();
    }
  }

  /**
   * Returns the collections from which something was removed since the last sweep, with the time of the last removal.
   */
  async #emptied(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const { id } of (await this.#directory.current()).collections.values()) {
      const cursor = await NAME_INDEX.in(this.#store).get(id);
      let at = cursor?.document.removed ?? 0;
      for (;;) {
        const page = await this.#store.removals({
          ...ALL_REMOVALS,
          collection: id,
          after: at,
          limit: WINDOW,
        });
        const last = page.at(-1);
        if (last === undefined) break;
        at = last.removed;
        found.set(id, at);
        if (page.length < WINDOW) break;
      }
    }
    return found;
  }
}

function titleOf(object: StixObject): string {
  const title =
    textOf(object, 'name') ?? textOf(object, 'pattern') ?? textOf(object, 'value') ?? textOf(object, 'id');
  return (title ?? '').slice(0, LONGEST_TITLE);
}

/** Names have separate kinds per collection, so a query scans only the collections that the caller can read. */
function kindIn(collection: string, kind: string): string {
  return `in/${collection}/${kind}`;
}

function kindOf({ kind }: Name): Kind {
  const word = kind.slice(kind.lastIndexOf('/') + 1);
  const known = KINDS.find((one) => one === word);
  if (known === undefined) throw new Error(`unknown kind of search key: ${word}`);
  return known;
}

/** Returns the names that lead to an entry. */
function namesOf(object: StixObject, place: Place): readonly Name[] {
  return searchKeys(object).map(({ kind, value }) => ({
    ...place,
    kind: kindIn(place.collection, kind),
    value: value.replaceAll(/\p{Cc}/gu, ' '),
  }));
}

/** Returns the first name of an object that matches a query, as text. */
function firstName(object: StixObject, found: Name, ranges: readonly SearchRange[]): string {
  const asked = (name: Name): boolean =>
    ranges.some(
      ({ kind, from, to }) =>
        kind === kindOf(name) &&
        (to === undefined
          ? name.value === from
          : byBytes(name.value, from) >= 0 && byBytes(name.value, to) < 0),
    );
  return namesOf(object, found)
    .filter(asked)
    .map(nameText)
    .reduce((a, b) => (byBytes(b, a) < 0 ? b : a), nameText(found));
}

function digestOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value));
}
