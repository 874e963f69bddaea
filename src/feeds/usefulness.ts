import { setImmediate } from 'node:timers/promises';
import type { Usefulness as Comparison } from '../api/schema-types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Name, Store } from '../store/store.ts';

const KIND = 'found';
const PAGE = 2_000;
const KEPT_MS = 600_000;
/** Maximum number of other feeds in a comparison. */
const MOST_OTHERS = 10;

/** The entries that only this feed provides, and those that it provides first. */
export type Usefulness = Comparison['items'][number];

/**
 * Returns the record of the first time that a feed named something. It is a name in the store, so all feeds of one
 * value are adjacent.
 */
export function foundName(feed: string, pattern: string, micros: number): Name {
  return { kind: KIND, value: pattern, collection: feed, added: micros };
}

interface Count {
  values: number;
  unique: number;
  first: number;
  readonly shared: Map<string, { values: number; first: number }>;
}

/** Compares the values of feeds. It reads all of them, so the result is cached for ten minutes. */
export class FeedComparison {
  readonly #store: Pick<Store, 'names'>;
  readonly #clock: Clock;
  #known: { readonly at: number; readonly result: Promise<readonly Usefulness[]> } | undefined;

  constructor(store: Pick<Store, 'names'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  all(): Promise<readonly Usefulness[]> {
    const now = this.#clock.monotonic();
    if (this.#known === undefined || now - this.#known.at > KEPT_MS)
      this.#known = { at: now, result: this.#compare() };
    return this.#known.result;
  }

  async #compare(): Promise<readonly Usefulness[]> {
    const counts = new Map<string, Count>();
    let value = '';
    let feeds = new Map<string, number>();
    let after: Name | undefined;
    for (;;) {
      const page: readonly Name[] = await this.#store.names({
        ranges: [{ kind: KIND, from: '', to: '\u{10FFFF}' }],
        ...(after === undefined ? {} : { after }),
        limit: PAGE,
      });
      for (const name of page) {
        if (name.value !== value) {
          add(counts, feeds);
          value = name.value;
          feeds = new Map();
        }
        // A run that was repeated after a crash has recorded a value twice. The first time counts.
        feeds.set(
          name.collection,
          Math.min(name.added, feeds.get(name.collection) ?? Number.POSITIVE_INFINITY),
        );
      }
      after = page.at(-1);
      if (page.length < PAGE) break;
      await setImmediate();
    }
    add(counts, feeds);
    return [...counts]
      .map(([feed, { values, unique, first, shared }]) => ({
        feed,
        values,
        unique,
        first,
        shared_with: [...shared]
          .map(([other, count]) => ({ feed: other, ...count }))
          .toSorted((a, b) => b.values - a.values)
          .slice(0, MOST_OTHERS),
      }))
      .toSorted((a, b) => (a.feed < b.feed ? -1 : 1));
  }
}

/** Counts one value for each feed that has named it. */
function add(counts: Map<string, Count>, feeds: ReadonlyMap<string, number>): void {
  if (feeds.size === 0) return;
  const earliest = Math.min(...feeds.values());
  for (const [feed, at] of feeds) {
    const count = counts.get(feed) ?? { values: 0, unique: 0, first: 0, shared: new Map() };
    counts.set(feed, count);
    count.values++;
    if (feeds.size === 1) {
      count.unique++;
      continue;
    }
    if (at === earliest) count.first++;
    for (const [other, later] of feeds) {
      if (other === feed) continue;
      const shared = count.shared.get(other) ?? { values: 0, first: 0 };
      shared.values++;
      if (at < later) shared.first++;
      count.shared.set(other, shared);
    }
  }
}
