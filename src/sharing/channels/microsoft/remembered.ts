import type { Name, Store } from '../../../store/store.ts';
import type { Comparisons, Compared } from './comparison.ts';
import { keptBy, markName, markOf } from './pushed.ts';
import type { Tenant } from './tenant.ts';

/** Stores which values the tenants have and which are withheld, and knows how many there are. */
export class Remembered {
  readonly #store: Pick<Store, 'names' | 'commit'>;
  readonly #comparisons: Comparisons;

  constructor(store: Pick<Store, 'names' | 'commit'>, comparisons: Comparisons) {
    this.#store = store;
    this.#comparisons = comparisons;
  }

  /** Stores a change, with a mark by which other processes see that what they know is out of date. */
  async change(
    { channel: { name: channel }, lease }: Pick<Tenant, 'channel' | 'lease'>,
    names: readonly Name[],
    staleNames: readonly Name[],
  ): Promise<void> {
    if (names.length + staleNames.length === 0) return;
    const known = this.#comparisons.get(channel);
    const mark = String(lease.fence);
    const before = known?.mark === mark ? mark : await markOf(this.#store, channel);
    const isNew = before !== mark;
    await this.#store.commit({
      names: isNew ? [...names, markName(channel, mark)] : names,
      staleNames: isNew && before !== undefined ? [...staleNames, markName(channel, before)] : staleNames,
      lease,
    });
    if (known === undefined) return;
    // Changes of another process that were not read yet remain to be read.
    if (known.mark === before) known.mark = mark;
    known.pushed += count(names, 'pushed') - count(staleNames, 'pushed');
    known.withheld += count(names, 'withheld') - count(staleNames, 'withheld');
  }

  /** Returns how many values the tenant has and how many are withheld. */
  async countsOf(channel: string): Promise<Pick<Compared, 'pushed' | 'withheld'>> {
    const known = this.#comparisons.get(channel);
    if (known !== undefined) return known;
    const { pushed, withheld } = await keptBy(this.#store, channel);
    return { pushed: pushed.size, withheld: withheld.size };
  }
}

function count(names: readonly Name[], kind: 'pushed' | 'withheld'): number {
  return names.filter((name) => name.kind.startsWith(`${kind}/`)).length;
}
