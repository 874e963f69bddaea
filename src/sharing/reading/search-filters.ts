import type { SearchView as View } from '../../api/schema-types.ts';
import { sharingErrors } from '../errors.ts';
import type { Steps } from '../../kernel/slices.ts';
import { TLP_LEVELS } from '../../stix/markings.ts';

/** The facets by which a view of search results is narrowed down. */
export const FACETS = ['type', 'tlp', 'state', 'collection', 'source', 'label', 'age'] as const;
export type Facet = (typeof FACETS)[number];

function isFacet(name: string): name is Facet {
  return (FACETS as readonly string[]).includes(name);
}

/** The chosen values of each facet. A facet without values does not narrow the view down. */
export type Chosen = Readonly<Partial<Record<Facet, readonly string[]>>>;

/** Maximum number of objects of which a view consists. Filters, counts and exports concern these. */
export const MOST_IN_VIEW = 2_000;

/** The ages of an object in its collection, each with its end in days. */
const AGES = [
  ['day', 1],
  ['week', 7],
  ['month', 30],
  ['year', 365],
  ['older', Infinity],
] as const;

const DAY_MS = 86_400_000;
/** Maximum number of values that are counted in a facet. The most frequent ones are kept. */
const MOST_VALUES = 12;
/** Separates the values of a facet in an address. */
const COMMA = ',';

/** The values of the facets that have the same ones in every hub. */
const KNOWN: Readonly<Partial<Record<Facet, readonly string[]>>> = {
  tlp: TLP_LEVELS,
  state: ['valid', 'expired', 'revoked', 'not-yet-valid'],
  age: AGES.map(([name]) => name),
};

/** Returns the values of a facet in the text of a parameter. Throws `TLN-L-435` for a value that no object can have. */
export function chosenIn(facet: Facet, text: string | undefined): readonly string[] {
  const values = [...new Set((text ?? '').split(COMMA).filter((value) => value !== ''))];
  const known = KNOWN[facet];
  const wrong = known === undefined ? undefined : values.find((value) => !known.includes(value));
  if (wrong === undefined) return values;
  const details = { name: facet, value: wrong.slice(0, 64), known: known?.join(', ') ?? '' };
  const hint = `${sharingErrors.unknownSearchValue(details).hint ?? ''} In an address, write amber+strict as amber%2Bstrict.`;
  throw sharingErrors.unknownSearchValue(details, facet === 'tlp' ? { hint } : {});
}

/** Throws for filters with which `GET /search` would refuse the search when it runs. */
export function demandFilters(filters: string | undefined): void {
  const given = new URLSearchParams(filters ?? '');
  for (const name of given.keys()) {
    if (!isFacet(name))
      throw sharingErrors.unknownSearchFilter({ name: name.slice(0, 64), known: FACETS.join(', ') });
    const [values = '', ...others] = given.getAll(name);
    if (others.length > 0) throw sharingErrors.repeatedSearchFilter({ name });
    chosenIn(name, values);
  }
}

/** A result with the values of its facets. */
export interface Faceted {
  readonly facets: Readonly<Record<Facet, readonly string[]>>;
}

/** Returns the age of something that was added at a time. Both times are in milliseconds since 1970. */
export function ageOf(added: number, now: number): string {
  return AGES.find(([, days]) => now - added < days * DAY_MS)?.[0] ?? 'older';
}

/** Returns the facets of an item without any of the chosen values. */
function missed({ facets }: Faceted, wanted: ReadonlyMap<Facet, ReadonlySet<string>>): readonly Facet[] {
  return [...wanted].flatMap(([facet, values]) =>
    facets[facet].some((value) => values.has(value)) ? [] : [facet],
  );
}

function wantedIn(chosen: Chosen): ReadonlyMap<Facet, ReadonlySet<string>> {
  return new Map(
    FACETS.flatMap((facet) => {
      const values = chosen[facet] ?? [];
      return values.length === 0 ? [] : [[facet, new Set(values)] as const];
    }),
  );
}

/** The items with the chosen values, and the counts of each facet. */
export interface Narrowed<T> {
  readonly matching: readonly T[];
  readonly facets: View['facets'];
}

/**
 * Returns the items that have the chosen values. Counts the values of each facet among the items that the other facets
 * leave. A chosen value is listed also when no item has it. An item can have many values, so the work can pause after
 * each item.
 */
export function* narrowed<T extends Faceted>(items: readonly T[], chosen: Chosen): Steps<Narrowed<T>> {
  const wanted = wantedIn(chosen);
  const counts = Object.fromEntries(
    FACETS.map((facet) => [facet, new Map((chosen[facet] ?? []).map((value) => [value, 0]))]),
  ) as Record<Facet, Map<string, number>>;
  const matching: T[] = [];
  for (const item of items) {
    const lacking = missed(item, wanted);
    if (lacking.length === 0) matching.push(item);
    for (const facet of lacking.length === 0 ? FACETS : lacking.length === 1 ? lacking : [])
      for (const value of item.facets[facet]) counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
    yield;
  }
  return { matching, facets: facetsOf(counts, chosen) };
}

function facetsOf(
  counts: Readonly<Record<Facet, ReadonlyMap<string, number>>>,
  chosen: Chosen,
): View['facets'] {
  return FACETS.map((facet) => {
    const wanted = new Set(chosen[facet]);
    const values = [...counts[facet]].map(([value, count]) => ({
      value,
      count,
      chosen: wanted.has(value),
    }));
    values.sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.count - a.count || (a.value < b.value ? -1 : 1)); // prettier-ignore
    return { facet, values: values.slice(0, MOST_VALUES) };
  }).filter(({ values }) => values.length > 0);
}
