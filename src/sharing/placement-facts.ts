import type { Audit, FactDetails } from '../access/audit.ts';
import { isOfHub } from '../access/snapshot.ts';
import { tellsItsValue } from '../stix/identifiers.ts';
import type { AuditFact, Candidate, EntryFacts, PlaceOutcome } from '../store/store.ts';

/** Ids that one entry of the audit names. */
export const MOST_NAMED = 20;

/** What is told of an object whose placement changes. */
export type ChangedPlace = Pick<EntryFacts, 'id' | 'owner'>;

/**
 * What the audit is told of placements in a collection that change together: one fact for each owner, so that its officers see
 * what concerns their member and nothing else, with the number of versions and the first ids. Ids that are made
 * from values are as good as these, so they are counted and not named.
 */
export function placementFacts(
  collection: string,
  entries: readonly ChangedPlace[],
  because: string,
  fact: (resource: string, more: FactDetails) => AuditFact,
): readonly AuditFact[] {
  const byOwner = new Map<string, ChangedPlace[]>();
  for (const entry of entries) byOwner.set(entry.owner, [...(byOwner.get(entry.owner) ?? []), entry]);
  return [...byOwner].map(([owner, own]) => {
    const ids = [...new Set(own.map(({ id }) => id))].filter((id) => !tellsItsValue(id));
    return fact(`collection/${collection}`, {
      member: isOfHub(owner) ? undefined : owner,
      details: { because, versions: own.length, ids: ids.slice(0, MOST_NAMED) },
    });
  });
}

/** What the audit is told of entries that made way for what their creator has submitted itself. */
export function replacementFacts(
  collection: string,
  candidates: readonly Candidate[],
  outcomes: readonly PlaceOutcome[],
  audit: Pick<Audit, 'ofHub'>,
): readonly AuditFact[] {
  const replaced = candidates.flatMap(({ id }, i): ChangedPlace[] => {
    const outcome = outcomes[i];
    return outcome?.kind === 'stored' && outcome.replaced !== undefined
      ? [{ id, owner: outcome.replaced.owner }]
      : [];
  });
  return placementFacts(collection, replaced, 'its creator has submitted it itself', (resource, more) =>
    audit.ofHub('placing', 'object.replace', resource, more),
  );
}
