import { searchKeys } from '../../stix/search-keys.ts';
import type { StixObject } from '../../stix/types.ts';
import type { Name, NameRange, Place } from '../../store/store.ts';

/** The kinds of values by which objects are found. */
export const KINDS = ['address', 'asn', 'domain', 'hash', 'mail', 'name', 'network', 'url'] as const;
export type Kind = (typeof KINDS)[number];

/** Names have separate kinds per collection, so a query scans only the collections that the caller can read. */
export function kindIn(collection: string, kind: string): string {
  return `in/${collection}/${kind}`;
}

/** No value contains a character that sorts after this one. */
export const LAST = '\u{10FFFF}';

/** Returns the ranges of all names of a collection. */
export function namesIn(collection: string): readonly NameRange[] {
  return KINDS.map((kind) => ({ kind: kindIn(collection, kind), from: '', to: LAST }));
}

/** Returns the kind of value of a name. */
export function kindOf({ kind }: Name): Kind {
  const word = kind.slice(kind.lastIndexOf('/') + 1);
  const known = KINDS.find((one) => one === word);
  if (known === undefined) throw new Error(`unknown kind of search key: ${word}`);
  return known;
}

/** Returns the names that lead to an entry. */
export function namesOf(object: StixObject, place: Place): readonly Name[] {
  return searchKeys(object).map(({ kind, value }) => ({
    ...place,
    kind: kindIn(place.collection, kind),
    // Few values contain control characters, and looking for them takes less time than replacing them.
    value: CONTROLS.test(value) ? value.replaceAll(/\p{Cc}/gu, ' ') : value,
  }));
}

const CONTROLS = /\p{Cc}/u;
