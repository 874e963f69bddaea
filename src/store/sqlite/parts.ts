import { nameText, type Batch, type Candidate, type HeldObject, type Name } from '../store.ts';

/** Maximum weight of a part, in characters or bytes, unless a single item weighs more. */
export const PART_WEIGHT = 1_048_576;
/** Weight of an item of which only short texts are copied. */
const SHORT = 200;

/**
 * A batch as it is sent to the writer thread. Names are lists of their texts, as JSON: many small objects would take
 * longer to copy than all other work with them.
 */
export interface SentBatch extends Omit<Batch, 'names' | 'staleNames'> {
  readonly names?: readonly string[];
  readonly staleNames?: readonly string[];
}

/**
 * A part of a batch. Copying a whole batch to the writer thread can take long, so a large batch is sent in parts, and
 * other requests have their turn in between.
 */
export type BatchPart =
  | { readonly of: 'placement'; readonly index: number; readonly candidates: readonly Candidate[] }
  | { readonly of: 'held'; readonly held: readonly HeldObject[] }
  | { readonly of: 'names'; readonly names: string }
  | { readonly of: 'envelope'; readonly index: number; readonly bytes: Uint8Array };

/** Returns the parts of a batch, and the rest of it. A batch that is small enough has no parts. */
export function divided(batch: Batch): { readonly rest: SentBatch; readonly parts: Iterable<BatchPart> } {
  const { placements = [], held = [], names = [], envelopes = [], staleNames = [] } = batch;
  const sent = { ...batch, staleNames: listsOf(staleNames) };
  if (weightOf(batch) <= PART_WEIGHT) return { rest: { ...sent, names: listsOf(names) }, parts: [] };
  const rest: SentBatch = {
    ...sent,
    placements: placements.map(({ collection }) => ({ collection, candidates: [] })),
    held: [],
    names: [],
    envelopes: envelopes.map((envelope) => ({ ...envelope, body: new Uint8Array() })),
  };
  return { rest, parts: partsOf({ placements, held, names, envelopes }) };
}

/** Adds the parts to the rest of their batch, in the order in which they were sent. */
export function joined(rest: SentBatch, parts: readonly BatchPart[]): SentBatch {
  if (parts.length === 0) return rest;
  const candidates = new Map<number, Candidate[]>();
  const bytes = new Map<number, Uint8Array[]>();
  const held: HeldObject[] = [];
  const names: string[] = [];
  for (const part of parts)
    if (part.of === 'placement') add(candidates, part.index, part.candidates);
    else if (part.of === 'envelope') add(bytes, part.index, [part.bytes]);
    else if (part.of === 'held') held.push(...part.held);
    else names.push(part.names);
  return {
    ...rest,
    placements: (rest.placements ?? []).map(({ collection }, i) => ({
      collection,
      candidates: candidates.get(i) ?? [],
    })),
    held,
    names,
    envelopes: (rest.envelopes ?? []).map((envelope, i) => ({
      ...envelope,
      body: Buffer.concat(bytes.get(i) ?? []),
    })),
  };
}

function add<T>(lists: Map<number, T[]>, index: number, items: readonly T[]): void {
  const list = lists.get(index) ?? [];
  list.push(...items);
  lists.set(index, list);
}

function listsOf(names: readonly Name[]): readonly string[] {
  return names.length === 0 ? [] : [listOf(names)];
}

/** Returns the texts of names as a JSON list. */
function listOf(names: readonly Name[]): string {
  return JSON.stringify(names.map((name) => nameText(name).toWellFormed()));
}

type Divided = Required<Pick<Batch, 'placements' | 'held' | 'names' | 'envelopes'>>;

function* partsOf({ placements, held, names, envelopes }: Divided): Generator<BatchPart> {
  for (const [index, { candidates }] of placements.entries())
    for (const items of portions(candidates, textWeight)) yield { of: 'placement', index, candidates: items };
  for (const items of portions(held, textWeight)) yield { of: 'held', held: items };
  for (const items of portions(names, () => SHORT)) yield { of: 'names', names: listOf(items) };
  for (const [index, { body }] of envelopes.entries())
    for (let at = 0; at < body.length; at += PART_WEIGHT)
      // A view of a buffer would be copied with the whole buffer.
      yield { of: 'envelope', index, bytes: Uint8Array.prototype.slice.call(body, at, at + PART_WEIGHT) };
}

function* portions<T>(items: readonly T[], weigh: (item: T) => number): Generator<readonly T[]> {
  let portion: T[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weigh(item);
    if (portion.length > 0 && weight + more > PART_WEIGHT) {
      yield portion;
      portion = [];
      weight = 0;
    }
    portion.push(item);
    weight += more;
  }
  if (portion.length > 0) yield portion;
}

function textWeight({ text }: Candidate | HeldObject): number {
  return text.length + SHORT;
}

function weightOf({ placements = [], held = [], names = [], envelopes = [] }: Batch): number {
  let weight = names.length * SHORT;
  for (const { candidates } of placements)
    for (const candidate of candidates) weight += textWeight(candidate);
  for (const object of held) weight += textWeight(object);
  for (const { body } of envelopes) weight += body.length;
  return weight;
}
