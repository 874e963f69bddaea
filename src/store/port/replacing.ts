import { hash } from 'node:crypto';
import { mayRevealItsValue } from '../../stix/identifiers.ts';
import type { AuditFact } from './audit.ts';
import type { Batch, BatchResult, StoredForm } from './batch.ts';
import type { Placement, PlaceOutcome } from './placing.ts';

// The facts about changed placements. Both adapters complete those about stored and replaced entries.

/** Maximum number of ids in one audit entry. */
export const MOST_NAMED = 20;

/** An entry whose placement changed. */
export interface ChangedPlace {
  readonly id: string;
  readonly owner: string;
}

/** The content of an audit entry about the changed placements of one owner. */
export interface ChangedPlaces {
  readonly owner: string;
  /** The number of versions. */
  readonly versions: number;
  readonly ids: readonly string[];
}

/** True for the hub itself and its feeds. */
export function isOfHub(owner: string): boolean {
  return owner === 'hub' || owner.startsWith('feed:');
}

/**
 * Returns the changes of each owner, with the number of versions and the first ids, so that officers see only
 * the part of their member. Ids that are derived from values would reveal the values, so these objects are counted but not
 * named.
 */
export function changesByOwner(entries: readonly ChangedPlace[]): readonly ChangedPlaces[] {
  const byOwner = new Map<string, ChangedPlace[]>();
  for (const entry of entries) {
    // One list grows for each owner. A copy for each entry would take seconds for a large envelope.
    const own = byOwner.get(entry.owner);
    if (own === undefined) byOwner.set(entry.owner, [entry]);
    else own.push(entry);
  }
  return [...byOwner].map(([owner, own]) => {
    return { owner, versions: own.length, ids: namedOf(own) };
  });
}

/** The forms of the facts that the store completes. */
export type PlacementForms = Pick<Batch, 'replaced' | 'stored'>;

/** Returns the facts about what the placements of a batch stored and replaced. */
export function batchFacts(
  { placements = [], ...forms }: Pick<Batch, 'placements'> & PlacementForms,
  placed: BatchResult['placed'],
): readonly AuditFact[] {
  return placements.flatMap((placement, p) => factsOfPlacement(forms, placement, placed[p] ?? []));
}

/** Returns the facts about what one placement stored and replaced. */
export function factsOfPlacement(
  { replaced, stored }: PlacementForms,
  placement: Placement,
  outcomes: readonly PlaceOutcome[],
): readonly AuditFact[] {
  return [
    ...(stored === undefined ? [] : storedBy(stored, placement, outcomes)),
    ...(replaced === undefined ? [] : replacedBy(replaced, placement, outcomes)),
  ];
}

/** Returns the fact about the objects that one placement stored. Empty if it stored none of them. */
export function storedBy(
  { fact, listsObjects, first }: StoredForm,
  { collection, candidates }: Placement,
  outcomes: readonly PlaceOutcome[],
): readonly AuditFact[] {
  const stored = candidates.slice(0, first).filter((_, i) => outcomes[i]?.kind === 'stored');
  if (stored.length === 0) return [];
  const listed = { ...fact.details, objects: stored.length, ids: namedOf(stored) };
  const details = listsObjects ? { details: listed } : {};
  return [{ ...fact, id: idOf(fact.id, collection, 'stored'), ...details }];
}

/** Returns the first ids, once each, without those that are derived from values. They would reveal the values. */
export function namedOf(objects: readonly { readonly id: string }[]): readonly string[] {
  const ids = new Set<string>();
  for (const { id } of objects) {
    if (ids.size === MOST_NAMED) break;
    if (!mayRevealItsValue(id)) ids.add(id);
  }
  return [...ids];
}

/** Returns the facts about entries of others that one placement replaced, by owner. */
export function replacedBy(
  form: AuditFact,
  { collection, candidates }: Placement,
  outcomes: readonly PlaceOutcome[],
): readonly AuditFact[] {
  const entries = candidates.flatMap(({ id }, i): ChangedPlace[] => {
    const outcome = outcomes[i];
    return outcome?.kind === 'stored' && outcome.replaced !== undefined
      ? [{ id, owner: outcome.replaced.owner }]
      : [];
  });
  return changesByOwner(entries).map(({ owner, versions, ids }): AuditFact => ({
    ...form,
    id: idOf(form.id, collection, owner),
    resource: `collection/${collection}`,
    ...(isOfHub(owner) ? {} : { member: owner }),
    details: { ...form.details, versions, ids },
  }));
}

/** Returns an id as unique as the random one that it is derived from, as a UUID of version 8 (RFC 9562 §5.8). */
function idOf(random: string, collection: string, owner: string): string {
  const digits = hash('sha256', `${random} ${collection} ${owner}`);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
