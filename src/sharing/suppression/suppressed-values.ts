import { createHash } from 'node:crypto';
import { domainsAbove } from '../../stix/values/enclosing-values.ts';
import { rangeOf, valueKey, type ObservedValue, type Range } from '../../stix/values/observed-values.ts';
import type { RecordView, Store } from '../../store/store.ts';
import type { Stored } from '../../store/records.ts';
import { ApprovedNetworks } from '../wide-networks/approved-networks.ts';
import { WIDE_NETWORKS } from '../wide-networks/model.ts';
import { SUPPRESSIONS, type SuppressionRecord } from './model.ts';

const BITS = { ipv4: 32, ipv6: 128 } as const;

/**
 * The decisions of people about values at one time: the suppressed values, and the wide networks that were approved. Each
 * list is made from one of these.
 */
export class SuppressedValues {
  readonly #known = new Map<string, Stored<SuppressionRecord>>();
  readonly #ranges: Readonly<Record<'ipv4' | 'ipv6', Range[]>> = { ipv4: [], ipv6: [] };
  /** The domains above suppressed ones, with reversed labels. A tool that blocks one of them blocks everything below it. */
  readonly #above = new Set<string>();
  /** The time of the last change, in milliseconds since 1970. 0 for none. */
  readonly changedAt: number;
  /**
   * A digest of what is suppressed or approved since when. Stored lists name it, because times cannot distinguish
   * changes in the same millisecond, or on machines whose clocks differ.
   */
  readonly digest: string;

  /** The networks that lists may contain although they are too large. */
  readonly approved: ApprovedNetworks;

  constructor(records: Iterable<Stored<SuppressionRecord>>, approved = new ApprovedNetworks([])) {
    let { changedAt } = approved;
    const facts = [...approved.facts];
    this.approved = approved;
    for (const record of records) {
      const { type, value, at, lifted } = record.document;
      facts.push(`${record.id} ${at} ${lifted?.at ?? ''}`);
      changedAt = Math.max(changedAt, at, lifted?.at ?? 0);
      if (lifted !== undefined) continue;
      this.#known.set(valueKey({ type, value }), record);
      if (type === 'ipv4' || type === 'ipv6') this.#ranges[type].push(rangeOf(value));
      if (type === 'domain') for (const parent of domainsAbove(value)) this.#above.add(parent);
    }
    this.changedAt = changedAt;
    this.digest = createHash('sha256').update(facts.sort().join('\n')).digest('base64url').slice(0, 22);
    for (const ranges of Object.values(this.#ranges)) ranges.sort(byBase);
  }

  /**
   * True for a value that a list with this action must not contain. A tool that alerts may alert about a network or
   * domain around a suppressed value.
   */
  keepsOut(value: ObservedValue, acts: 'read' | 'detect' | 'block'): boolean {
    return this.of(value) !== undefined || (acts === 'block' && this.isWithin(value));
  }

  /** True if these suppress a value that others do not. A list made with the others may contain it. */
  addsTo(others: SuppressedValues): boolean {
    if (this === others || this.digest === others.digest) return false;
    return [...this.#known.keys()].some((key) => !others.#known.has(key));
  }

  /** Returns the suppressions that are in force. */
  all(): readonly Stored<SuppressionRecord>[] {
    return [...this.#known.values()];
  }

  /** Returns the suppression of exactly this value. */
  of({ type, value }: ObservedValue): Stored<SuppressionRecord> | undefined {
    return this.#known.get(valueKey({ type, value }));
  }

  /** True for a network or domain that a tool cannot block without blocking a suppressed value in it. */
  isWithin({ type, value }: ObservedValue): boolean {
    if (type === 'domain') return this.#above.has(value);
    if (type !== 'ipv4' && type !== 'ipv6') return false;
    const { base, prefix } = rangeOf(value);
    if (prefix === BITS[type]) return false;
    const ranges = this.#ranges[type];
    const end = base + (1n << BigInt(BITS[type] - prefix));
    // Of the ranges with the same first address, the narrowest is the first.
    for (let i = firstFrom(ranges, base); i < ranges.length; i++) {
      const range = ranges[i];
      if (range === undefined || range.base >= end) return false;
      if (range.prefix >= prefix) return true;
    }
    return false;
  }
}

function byBase(a: Range, b: Range): number {
  return a.base < b.base ? -1 : a.base > b.base ? 1 : b.prefix - a.prefix;
}

function firstFrom(ranges: readonly Range[], base: bigint): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.base ?? 0n) < base) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Reads the decisions of people about values. Unchanged records are not read again. */
export class Suppressions {
  readonly #store: Pick<Store, 'view'>;
  #last: { readonly view: RecordView; readonly values: SuppressedValues } | undefined;

  constructor(store: Pick<Store, 'view'>) {
    this.#store = store;
  }

  /** Returns the decisions as they are now. As long as nothing changes, it is the same object. */
  async current(): Promise<SuppressedValues> {
    const before = this.#last;
    const view = await this.#store.view([SUPPRESSIONS.kind, WIDE_NETWORKS.kind], before?.view);
    if (before !== undefined && before.view === view) return before.values;
    const records = SUPPRESSIONS.whole([...(view.records.get(SUPPRESSIONS.kind)?.values() ?? [])]);
    const wide = WIDE_NETWORKS.whole([...(view.records.get(WIDE_NETWORKS.kind)?.values() ?? [])]);
    const values = new SuppressedValues(records, new ApprovedNetworks(wide));
    this.#last = { view, values };
    return values;
  }
}
