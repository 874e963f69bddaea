import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../access/directory.ts';
import type { Ledger } from '../access/ledger.ts';
import { can } from '../access/rights.ts';
import { principalName, type Principal } from '../access/principal.ts';
import type { CollectionInfo } from '../access/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { readSearch, readableValue, searchKeys } from '../stix/search-keys.ts';
import { taxiiTimestamp } from '../stix/timestamps.ts';
import { text as textOf, type StixObject } from '../stix/types.ts';
import { holdLease } from '../store/held-lease.ts';
import { ALL_VERSIONS, nameOf, nameText, type Name, type Store } from '../store/store.ts';

/** An object that was found, in one of the collections where it stands. */
export interface Found {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  /** Its name, its pattern, or its value, cut. */
  readonly title: string;
  readonly matched: { readonly kind: string; readonly value: string };
  readonly collection: string;
  /** Alias of the collection, or its id. */
  readonly collection_name: string;
  readonly date_added: string;
}

export interface FoundPage {
  /** How the question was understood. */
  readonly meaning: string;
  readonly items: readonly Found[];
  /** Where the next page begins; undefined when there is none. */
  readonly next: string | undefined;
  /** Number of collections that were looked through: those that one may read. */
  readonly collections: number;
  /** False while the index has not caught up with what stands. */
  readonly complete: boolean;
}

const BATCH = 200;
const LEASE = 'search';
const LEASE_MS = 30_000;
const PAUSE_MS = 2_000;
/** How much longer than it works the index rests while there is more to do. */
const RESTS = 3;
const KIND = 'search';
/** Batches that a question waits for, so that whoever has just published something finds it. */
const WAITED_FOR = 5;
/** Names that one question looks at in one go, and at most. */
const WINDOW = 1_000;
const MOST_LOOKED_AT = 20_000;
const LONGEST_TITLE = 200;
const KINDS = ['address', 'asn', 'domain', 'hash', 'mail', 'name', 'network', 'url'] as const;

/**
 * Finds objects by their values, in the collections that one may read. The index is a cursor over each collection, like routing:
 * it follows what is stored, does not hold up writing, and is made anew by forgetting the cursor.
 */
export class Search {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: Pick<Ledger, 'read'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(store: Store, directory: Directory, ledger: Pick<Ledger, 'read'>, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#log = log;
  }

  /** A page of what somebody finds by a value; `after` is the `next` of the page before. */
  async find(
    principal: Principal,
    typed: string,
    limit: number,
    after: string | undefined,
    agent: string,
  ): Promise<FoundPage> {
    const { meaning, ranges } = readSearch(typed);
    const directory = await this.#directory.current();
    const readable = new Map<string, CollectionInfo>();
    for (const collection of directory.collections.values()) {
      const rights = directory.rights(principal, collection);
      if (can(principal, 'collection.read', { kind: 'collection', rights }))
        readable.set(collection.id, collection);
    }
    let complete = true;
    for (const { id } of readable.values()) complete = (await this.#catchUp(id)) && complete;

    const items: Found[] = [];
    let at = after === undefined ? undefined : readPlace(after);
    let looked = 0;
    for (let more = true; more && items.length < limit && looked < MOST_LOOKED_AT;) {
      const names = await this.#store.names({
        ranges,
        ...(at === undefined ? {} : { after: at }),
        limit: WINDOW,
      });
      looked += names.length;
      more = names.length === WINDOW;
      const mine = names.filter(({ collection }) => readable.has(collection));
      const wanted = mine.slice(0, limit - items.length);
      items.push(...(await this.#found(wanted, readable)));
      at = wanted.length < mine.length ? wanted.at(-1) : names.at(-1);
      more ||= wanted.length < mine.length;
      if (more) await setImmediate();
      else at = undefined;
    }
    this.#note(principal, items, agent);
    return {
      meaning,
      items,
      collections: readable.size,
      next: at === undefined ? undefined : Buffer.from(nameText(at)).toString('base64url'),
      complete,
    };
  }

  async #found(
    names: readonly Name[],
    readable: ReadonlyMap<string, CollectionInfo>,
  ): Promise<readonly Found[]> {
    const standing = new Map(
      (await this.#store.placed(names)).map((entry) => [`${entry.collection} ${entry.added}`, entry]),
    );
    const seen = new Set<string>();
    return names.flatMap((name) => {
      const place = `${name.collection} ${name.added}`;
      const entry = standing.get(place);
      const collection = readable.get(name.collection);
      if (entry === undefined || !entry.newest || collection === undefined || seen.has(place)) return [];
      seen.add(place);
      return [
        {
          id: entry.id,
          type: entry.type,
          version: entry.version,
          title: titleOf(JSON.parse(entry.text) as StixObject),
          matched: { kind: name.kind, value: readableValue(name) },
          collection: collection.id,
          collection_name: collection.alias ?? collection.id,
          date_added: taxiiTimestamp(entry.added),
        },
      ];
    });
  }

  #note(principal: Principal, items: readonly Found[], agent: string): void {
    for (const collection of new Set(items.map((item) => item.collection)))
      this.#ledger.read({
        account: principalName(principal),
        collection,
        kind: 'lookup',
        filters: '',
        cursor: 0,
        objects: items.filter((item) => item.collection === collection).length,
        agent,
      });
  }

  /** Works until `stop`: every two seconds, slowly enough to leave three quarters of the time to others. */
  start(): void {
    this.#loop = (async (): Promise<void> => {
      while (!this.#stopping.signal.aborted) {
        await this.indexAll().catch((error: unknown) =>
          this.#log.error('search.failed', { reason: reasonOf(error) }),
        );
        await this.#clock.wait(PAUSE_MS, this.#stopping.signal);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /** Follows all collections up to what stands. One process at a time; another one finds nothing to do. */
  async indexAll(): Promise<void> {
    const held = await holdLease(this.#store, this.#clock, LEASE, LEASE_MS);
    if (held === undefined) return;
    const signal = AbortSignal.any([held.lost, this.#stopping.signal]);
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

  /** One batch of one collection. True when there is more. */
  async #step(collection: string): Promise<boolean> {
    const cursor = await this.#store.record(KIND, collection);
    const after = Number(cursor?.document['added'] ?? 0);
    const { entries, more } = await this.#store.entries(
      { collection, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    const last = entries.at(-1);
    if (last === undefined) return false;
    const names = entries.flatMap(({ text, added }) =>
      text === undefined
        ? []
        : searchKeys(JSON.parse(text) as StixObject).map(({ kind, value }) => ({
            kind,
            value: value.replaceAll(/\p{Cc}/gu, ' '),
            collection,
            added,
          })),
    );
    try {
      await this.#store.commit({
        names,
        records: [
          {
            kind: KIND,
            id: collection,
            expected: cursor?.revision ?? 0,
            document: { ...cursor?.document, added: last.added },
          },
        ],
      });
    } catch (error) {
      // Somebody else has done the same at the same time, and moved the cursor.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
    return more;
  }

  /** Takes away names of what was taken out of collections. */
  async sweep(): Promise<void> {
    const emptied = await this.#emptied();
    if (emptied.size === 0) return;
    let after: Name | undefined;
    for (;;) {
      const names = await this.#store.names({
        ranges: KINDS.map((kind) => ({ kind, from: '', to: '\u{10FFFF}' })),
        ...(after === undefined ? {} : { after }),
        limit: WINDOW,
      });
      const concerned = names.filter(({ collection }) => emptied.has(collection));
      const standing = new Set(
        (await this.#store.placed(concerned)).map(({ collection, added }) => `${collection} ${added}`),
      );
      const staleNames = concerned.filter(({ collection, added }) => !standing.has(`${collection} ${added}`));
      if (staleNames.length > 0) await this.#store.commit({ staleNames });
      after = names.at(-1);
      if (names.length < WINDOW || this.#stopping.signal.aborted) break;
      await setImmediate();
    }
    for (const [collection, removed] of emptied) {
      const cursor = await this.#store.record(KIND, collection);
      await this.#store.commit({
        records: [
          {
            kind: KIND,
            id: collection,
            expected: cursor?.revision ?? 0,
            document: { ...cursor?.document, removed },
          },
        ],
      });
    }
  }

  /** Collections out of which something was taken since the last sweep, with the number of the last that was. */
  async #emptied(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const { id } of (await this.#directory.current()).collections.values()) {
      const cursor = await this.#store.record(KIND, id);
      let at = Number(cursor?.document['removed'] ?? 0);
      for (;;) {
        const page = await this.#store.removals(id, at, WINDOW);
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

function readPlace(after: string): Name {
  const line = Buffer.from(after, 'base64url').toString();
  const name = nameOf(line);
  if (nameText(name) === line && Number.isSafeInteger(name.added)) return name;
  throw new Problem('invalid-request', 'The parameter after cannot be read', {
    hint: 'Send the next of the page before.',
    code: 'TLN-P-400',
  });
}
