import type { Network } from './address.ts';

/** How a network relates to a table: a network of the table contains it, or it contains one of the table. */
export type Relation = 'within' | 'around' | undefined;

/**
 * Networks of both families, found by a network that lies within one of them or contains one. Lists and guards compare
 * millions of values with tens of thousands of networks, so IPv4 addresses are numbers here.
 */
export class NetworkTable {
  readonly #v4: { readonly length: number; readonly bases: Set<number> }[] = [];
  readonly #v6: { readonly length: number; readonly bases: Set<bigint> }[] = [];
  /** All first addresses in their order, which networks need, but not addresses. */
  #sorted4: readonly number[] | undefined;
  #sorted6: readonly bigint[] | undefined;

  constructor(networks: Iterable<Network> = []) {
    for (const network of networks) this.add(network);
  }

  add({ family, base, prefix }: Network): void {
    if (family === 4) {
      basesOf(this.#v4, prefix).add(Number(base));
      this.#sorted4 = undefined;
    } else {
      basesOf(this.#v6, prefix).add(base);
      this.#sorted6 = undefined;
    }
  }

  relation({ family, base, prefix }: Pick<Network, 'family' | 'base' | 'prefix'>): Relation {
    return family === 4 ? this.#relation4(Number(base), prefix) : this.#relation6(base, prefix);
  }

  #relation4(base: number, prefix: number): Relation {
    for (const { length, bases } of this.#v4)
      if (length <= prefix && bases.has(length === 0 ? 0 : (base & (-1 << (32 - length))) >>> 0))
        return 'within';
    if (prefix === 32 || this.#v4.length === 0) return undefined;
    this.#sorted4 ??= this.#v4.flatMap(({ bases }) => [...bases]).toSorted((a, b) => a - b);
    // Networks contain each other or have no address in common, so a network that begins in this one lies within it.
    return beginsIn(this.#sorted4, base, base + 2 ** (32 - prefix)) ? 'around' : undefined;
  }

  #relation6(base: bigint, prefix: number): Relation {
    for (const { length, bases } of this.#v6) {
      if (length > prefix) continue;
      const shift = BigInt(128 - length);
      if (bases.has((base >> shift) << shift)) return 'within';
    }
    if (prefix === 128 || this.#v6.length === 0) return undefined;
    this.#sorted6 ??= this.#v6
      .flatMap(({ bases }) => [...bases])
      .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return beginsIn(this.#sorted6, base, base + (1n << BigInt(128 - prefix))) ? 'around' : undefined;
  }
}

function basesOf<N>(groups: { readonly length: number; readonly bases: Set<N> }[], length: number): Set<N> {
  const known = groups.find((group) => group.length === length);
  if (known !== undefined) return known.bases;
  const bases = new Set<N>();
  groups.push({ length, bases });
  return bases;
}

/** True when one of these, which are in order, is at least `first` and less than `end`. */
function beginsIn<N extends number | bigint>(sorted: readonly N[], first: N, end: N): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? end) < first) low = middle + 1;
    else high = middle;
  }
  return (sorted[low] ?? end) < end;
}
