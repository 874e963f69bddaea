import type { ValueType } from '../../stix/values/observed-values.ts';
import type { Name, NameRange } from '../../store/store.ts';
import type { CurrentValue } from '../values/current.ts';

// The published values of a saved list are names of the store (`store/port/names.ts`), in the order of the list. They
// belong to no entry, so their collection is empty.

/** Sorts before every character of a value. */
const TAB = '\t';
const NOWHERE = { collection: '', added: 0 } as const;

/** A value of a saved list, as it is published. */
export type PublishedValue = Omit<CurrentValue, 'state' | 'changesAt' | 'changedAt' | 'owners'>;

function kindOf(list: string, type: ValueType): string {
  return `list/${list}/${type}`;
}

/** Returns the name under which a value of a list is stored. */
export function nameOfValue(list: string, value: PublishedValue): Name {
  const { type, confidence, firstSeen, lastSeen, validUntil, sources, level, id, labels } = value;
  const facts = [confidence ?? null, firstSeen, lastSeen, validUntil, sources, level, id, labels];
  return { ...NOWHERE, kind: kindOf(list, type), value: `${value.value}${TAB}${JSON.stringify(facts)}` };
}

/** Returns the value that such a name contains, in the format from which a list is written. */
export function valueOfName(type: ValueType, { value: line }: Pick<Name, 'value'>): CurrentValue {
  const end = line.indexOf(TAB);
  const [confidence, firstSeen, lastSeen, validUntil, sources, level, id, labels] = JSON.parse(
    line.slice(end + 1),
  ) as [number | null, number, number, number, number, number, string, string[]];
  return {
    type,
    value: line.slice(0, end),
    state: 'active',
    confidence: confidence ?? undefined,
    firstSeen,
    lastSeen,
    validUntil,
    sources,
    owners: [],
    labels,
    level,
    id,
    changesAt: Infinity,
    changedAt: 0,
  };
}

/** Returns the range of the published values of a type. */
export function valuesIn(list: string, type: ValueType): NameRange {
  return { kind: kindOf(list, type), from: '', to: '\u{10FFFF}' };
}
