import { rankOf, markingRefs } from '../../stix/markings.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import {
  observedValues,
  VALUE_TYPES,
  type ObservedValue,
  type ValueType,
} from '../../stix/values/observed-values.ts';
import type { Micros } from '../../kernel/clock.ts';
import type { Name, NameRange } from '../../store/store.ts';

/** The facts that one indicator in a collection states about a value. Times are in milliseconds since 1970. */
export interface Contribution {
  /** STIX id of the indicator. */
  readonly id: string;
  /** The member that submitted it, `hub`, or `feed:` and its name. */
  readonly owner: string;
  /** The rank of its TLP level in the collection. */
  readonly level: number;
  readonly modified: number;
  readonly from: number;
  /** The producer's `valid_until`. */
  readonly until: number | undefined;
  readonly confidence: number | undefined;
  readonly revoked: boolean;
  /** It names its creator, which an IEP policy can forbid. */
  readonly attributed: boolean;
  readonly markings: readonly string[];
  /** Its labels and indicator types. */
  readonly labels: readonly string[];
}

/** A value in a collection, with the facts from one indicator. */
export interface ValueRow extends ObservedValue {
  readonly contribution: Contribution;
}

/** An indicator in a collection. */
export interface Placed {
  readonly collection: string;
  readonly added: Micros;
  readonly owner: string;
  readonly level: number;
  readonly text: string;
}

/** Maximum number and length of the labels of one indicator that are kept. */
const MOST_LABELS = 12;
const LONGEST_LABEL = 64;
/** Sorts before every character of a value, so that the rows of one value follow each other. */
const TAB = '\t';

/** Returns the rows of an indicator. */
export function rowsOf(placed: Placed): readonly ValueRow[] {
  return rowsOfObject(JSON.parse(placed.text) as StixObject, placed);
}

/** Returns the rows of an indicator that is parsed already. */
export function rowsOfObject(
  object: StixObject,
  { owner, level }: Pick<Placed, 'owner' | 'level'>,
): readonly ValueRow[] {
  const contribution = contributionOf(object, owner, level);
  return observedValues(object).map((value) => ({ ...value, contribution }));
}

/** Returns the facts that an indicator states about its values. */
export function contributionOf(object: StixObject, owner: string, level: number): Contribution {
  const { confidence } = object;
  const modified = timeOf(object, 'modified') ?? timeOf(object, 'created') ?? 0;
  return {
    id: text(object, 'id') ?? '',
    owner,
    level: Math.max(rankOf('clear'), level),
    modified,
    from: timeOf(object, 'valid_from') ?? modified,
    until: timeOf(object, 'valid_until'),
    confidence: typeof confidence === 'number' ? confidence : undefined,
    revoked: object['revoked'] === true,
    attributed: object['created_by_ref'] !== undefined,
    markings: markingRefs(object).toSorted(),
    labels: [...new Set([...texts(object, 'labels'), ...texts(object, 'indicator_types')])]
      .filter((label) => label.length <= LONGEST_LABEL)
      .slice(0, MOST_LABELS),
  };
}

function timeOf(object: StixObject, name: string): number | undefined {
  const time = Date.parse(text(object, name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

// A row is a name of the store (`store/port/names.ts`): its text contains the value, and then the facts from an
// indicator. A second name leads from the indicator to the row, so that a removed indicator takes its rows along.

function kindIn(collection: string, type: ValueType): string {
  return `value/${collection}/${type}`;
}

function ownKindIn(collection: string): string {
  return `value-of/${collection}`;
}

/** Returns the two names of a row. */
export function namesOfRow(
  { type, value, contribution }: ValueRow,
  { collection, added }: Pick<Placed, 'collection' | 'added'>,
): readonly [row: Name, back: Name] {
  const { id, owner, level, modified, from, until, confidence, revoked, attributed, markings, labels } =
    contribution;
  const facts = [owner, level, modified, from, until ?? null, confidence ?? null, revoked, attributed, markings, labels]; // prettier-ignore
  return [
    {
      kind: kindIn(collection, type),
      value: [value, id, JSON.stringify(facts)].join(TAB),
      collection,
      added,
    },
    { kind: ownKindIn(collection), value: [id, type, value].join(TAB), collection, added },
  ];
}

/** Returns the row that a name is. */
export function rowOfName({ kind, value: line }: Pick<Name, 'kind' | 'value'>): ValueRow {
  const type = valueType(kind.slice(kind.lastIndexOf('/') + 1));
  const [value = '', id = '', ...rest] = line.split(TAB);
  const [owner, level, modified, from, until, confidence, revoked, attributed, markings, labels] = JSON.parse(
    rest.join(TAB),
  ) as [string, number, number, number, number | null, number | null, boolean, boolean, string[], string[]];
  return {
    type,
    value,
    contribution: {
      id,
      owner,
      level,
      modified,
      from,
      until: until ?? undefined,
      confidence: confidence ?? undefined,
      revoked,
      attributed,
      markings,
      labels,
    },
  };
}

function valueType(word: string): ValueType {
  const type = VALUE_TYPES.find((one) => one === word);
  if (type === undefined) throw new Error(`unknown type of value: ${word}`);
  return type;
}

/** Returns the range of all rows of a type. */
export function rowsIn(collection: string, type: ValueType): NameRange {
  return { kind: kindIn(collection, type), from: '', to: '\u{10FFFF}' };
}

/** Returns the range of the rows of one value. */
export function rowsOfValue(collection: string, { type, value }: ObservedValue): NameRange {
  return { kind: kindIn(collection, type), from: `${value}${TAB}`, to: `${value}${TAB}\u{10FFFF}` };
}

/** Returns the range of the suppressions that are noted in the removals of a collection. */
export function suppressedIn(collection: string): NameRange {
  return { kind: `value-suppressed/${collection}`, from: '', to: '\u{10FFFF}' };
}

/** Returns the ranges of everything that the view stores about a collection. */
export function allIn(collection: string): readonly NameRange[] {
  return [
    ...VALUE_TYPES.map((type) => rowsIn(collection, type)),
    { kind: ownKindIn(collection), from: '', to: '\u{10FFFF}' },
    suppressedIn(collection),
  ];
}

/** Returns the range of the names that lead from an indicator to its rows. */
export function backNamesOf(collection: string, id: string): NameRange {
  return { kind: ownKindIn(collection), from: `${id}${TAB}`, to: `${id}${TAB}\u{10FFFF}` };
}

/** Returns the range of the row to which such a name leads. */
export function rowBehind({ collection, value: line }: Name): NameRange {
  const [id = '', type = '', ...rest] = line.split(TAB);
  const row = `${rest.join(TAB)}${TAB}${id}${TAB}`;
  return { kind: kindIn(collection, valueType(type)), from: row, to: `${row}\u{10FFFF}` };
}
