import { VALUE_TYPES, type ObservedValue } from '../../stix/values/observed-values.ts';

/** Returns a value from its stored form. Throws for an unknown type. */
export function valueOf({
  type: word,
  value,
}: {
  readonly type: string;
  readonly value: string;
}): ObservedValue {
  const type = VALUE_TYPES.find((one) => one === word);
  if (type === undefined) throw new Error(`unknown type of value: ${word}`);
  return { type, value };
}
