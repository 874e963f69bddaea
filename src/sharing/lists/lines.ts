import { tlpLabel, tlpOf } from '../../stix/markings.ts';
import { rangeOf, rangeText, readableObserved } from '../../stix/values/observed-values.ts';
import type { CurrentValue } from '../values/current.ts';
import { Aggregator, type Covered } from './aggregate.ts';
import type { ListEntry, ListFormat, ListWriter } from './formats/format.ts';

/** Turns values into lines, joined to networks where the request asks for it. */
export class Lines {
  count = 0;
  readonly #writer: ListWriter;
  readonly #onOmitted: () => void;
  readonly #joins: boolean;
  readonly #merges: boolean;
  #type: 'ipv4' | 'ipv6' | undefined;
  #aggregator: Aggregator<CurrentValue> | undefined;

  /** `onOmitted` is called for each value that the format cannot carry. */
  constructor(format: ListFormat, aggregate: boolean, onOmitted: () => void) {
    this.#writer = format.writer();
    this.#onOmitted = onOmitted;
    this.#joins = aggregate || format.needsDisjoint === true;
    this.#merges = aggregate;
  }

  take(value: CurrentValue): string {
    const { type } = value;
    if (!this.#joins || (type !== 'ipv4' && type !== 'ipv6')) return this.#flushed() + this.#line(value);
    const before = this.#type === type ? '' : this.#flushed();
    this.#type = type;
    this.#aggregator ??= new Aggregator(type === 'ipv4' ? 32 : 128, this.#merges, together);
    return before + this.#all(this.#aggregator.push({ ...rangeOf(value.value), about: value }));
  }

  end(): string {
    return this.#flushed() + this.#writer.end();
  }

  #flushed(): string {
    const rest = this.#all(this.#aggregator?.end() ?? []);
    this.#aggregator = undefined;
    this.#type = undefined;
    return rest;
  }

  #all(ranges: readonly Covered<CurrentValue>[]): string {
    return ranges.map(({ base, prefix, about }) => this.#line(about, { base, prefix })).join('');
  }

  #line(value: CurrentValue, joined?: { readonly base: bigint; readonly prefix: number }): string {
    const text = this.#writer.line(entryOf(value, joined));
    if (text === undefined) this.#onOmitted();
    else if (text !== '') this.count++;
    return text ?? '';
  }
}

/** Describes a network that was made from two, with the facts that are true of both. */
function together(a: CurrentValue, b: CurrentValue): CurrentValue {
  const known = a.confidence === undefined || b.confidence === undefined ? undefined : Math.min(a.confidence, b.confidence); // prettier-ignore
  return {
    ...a,
    confidence: known,
    firstSeen: Math.min(a.firstSeen, b.firstSeen),
    lastSeen: Math.max(a.lastSeen, b.lastSeen),
    validUntil: Math.min(a.validUntil, b.validUntil),
    sources: Math.min(a.sources, b.sources),
    labels: a.labels.filter((label) => b.labels.includes(label)),
    level: Math.max(a.level, b.level),
  };
}

function entryOf(
  value: CurrentValue,
  joined: { readonly base: bigint; readonly prefix: number } | undefined,
): ListEntry {
  const { type, confidence, firstSeen, lastSeen, validUntil, sources, labels, level, id } = value;
  const range = type === 'ipv4' || type === 'ipv6' ? (joined ?? rangeOf(value.value)) : undefined;
  return {
    type,
    text:
      range !== undefined && (type === 'ipv4' || type === 'ipv6')
        ? rangeText(type, range)
        : readableObserved(value),
    range,
    confidence,
    firstSeen,
    lastSeen,
    validUntil,
    sources,
    tlp: tlpLabel(tlpOf(level)),
    labels,
    id,
  };
}
