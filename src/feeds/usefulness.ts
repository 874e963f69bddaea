import { setImmediate } from 'node:timers/promises';
import type { Usefulness as Comparison } from '../api/schema-types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { FirstFind, Store } from '../store/store.ts';

const PAGE = 2_000;
const KEPT_MS = 600_000;
/** Maximum number of other feeds in a comparison. */
const MOST_OTHERS = 10;

/** The entries that only this feed provides, and those that it provides first. */
export type Usefulness = Comparison['items'][number];

interface Count {
  values: number;
  unique: number;
  first: number;
  readonly shared: Map<string, { values: number; first: number }>;
}

/** Compares the values of feeds. It reads all of them, so the result is cached for ten minutes. */
export class FeedComparison {
  readonly #store: Pick<Store, 'firstFinds'>;
  readonly #clock: Clock;
  #known: { readonly at: number; readonly result: Promise<readonly Usefulness[]> } | undefined;

  constructor(store: Pick<Store, 'firstFinds'>, clock: Clock) {
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
    let after: FirstFind | undefined;
    for (;;) {
      const page: readonly FirstFind[] = await this.#store.firstFinds({
        ...(after === undefined ? {} : { after }),
        limit: PAGE,
      });
      for (const find of page) {
        if (find.value !== value) {
          add(counts, feeds);
          value = find.value;
          feeds = new Map();
        }
        feeds.set(find.feed, find.at);
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
