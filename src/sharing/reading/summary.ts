import { readableValue, searchKeys } from '../../stix/search-keys.ts';
import { text as textOf, type StixObject } from '../../stix/types.ts';

// The line of a list about an object.

const LONGEST_TITLE = 200;

/** Returns the name of an object, or what identifies it otherwise. */
export function titleOf(object: StixObject): string {
  const title =
    textOf(object, 'name') ?? textOf(object, 'pattern') ?? textOf(object, 'value') ?? textOf(object, 'id');
  return (title ?? '').slice(0, LONGEST_TITLE);
}

/** The first value that an object is about. Names of objects are titles, not values. */
export function valueOf(object: StixObject): { readonly value?: string } {
  const key = searchKeys(object).find(({ kind }) => kind !== 'name');
  const value = key === undefined ? undefined : readableValue(key);
  return value === undefined ? {} : { value: value.slice(0, LONGEST_TITLE) };
}

/** The time at which an indicator expires. */
export function validUntil(object: StixObject): { readonly valid_until?: string } {
  const until = object['type'] === 'indicator' ? textOf(object, 'valid_until') : undefined;
  return until === undefined ? {} : { valid_until: until };
}
