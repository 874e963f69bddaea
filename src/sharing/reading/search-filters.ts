import type { SearchView as View } from '../../api/schema-types.ts';

/** The facets by which a view of search results is narrowed down. */
export const FACETS = ['type', 'tlp', 'state', 'collection', 'source', 'label', 'age'] as const;
export type Facet = (typeof FACETS)[number];

/** The chosen values of each facet. A facet without values does not narrow the view down. */
export type Chosen = Readonly<Partial<Record<Facet, readonly string[]>>>;

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

/** Returns the values of a facet in the text of a parameter. */
export function chosenIn(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(COMMA).filter((value) => value !== ''))];
}

/** A result with the values of its facets. */
export interface Faceted {
  readonly facets: Readonly<Record<Facet, readonly string[]>>;
}

/** Returns the age of something that was added at a time. Both times are in milliseconds since 1970. */
export function ageOf(added: number, now: number): string {
  return AGES.find(([, days]) => now - added < days * DAY_MS)?.[0] ?? 'older';
}

/** True if an item has one of the chosen values of each facet, besides the facet that is counted. */
function fits({ facets }: Faceted, chosen: Chosen, counted?: Facet): boolean {
  return FACETS.every((facet) => {
    const values = chosen[facet];
    return (
      facet === counted ||
      values === undefined ||
      values.length === 0 ||
      values.some((value) => facets[facet].includes(value))
    );
  });
}

/** Returns the items that have the chosen values. */
export function narrowed<T extends Faceted>(items: readonly T[], chosen: Chosen): readonly T[] {
  return items.filter((item) => fits(item, chosen));
}

/**
 * Counts the values of each facet among the items that the other facets leave. A chosen value is listed also when no
 * item has it.
 */
export function facetsOf(items: readonly Faceted[], chosen: Chosen): View['facets'] {
  return FACETS.map((facet) => {
    const counts = new Map<string, number>((chosen[facet] ?? []).map((value) => [value, 0]));
    for (const item of items)
      if (fits(item, chosen, facet))
        for (const value of item.facets[facet]) counts.set(value, (counts.get(value) ?? 0) + 1);
    const values = [...counts].map(([value, count]) => ({
      value,
      count,
      chosen: chosen[facet]?.includes(value) === true,
    }));
    values.sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.count - a.count || (a.value < b.value ? -1 : 1)); // prettier-ignore
    return { facet, values: values.slice(0, MOST_VALUES) };
  }).filter(({ values }) => values.length > 0);
}
