import type { Audit, FactDetails } from '../../access/audit/audit.ts';
import { isOfHub } from '../../access/audience.ts';
import { tellsItsValue } from '../../stix/identifiers.ts';
import type { AuditFact, Candidate, EntryFacts, PlaceOutcome } from '../../store/store.ts';

/** Maximum number of ids in one audit entry. */
export const MOST_NAMED = 20;

/** The parts of an entry that the audit log needs when the placement of an object changes. */
export type ChangedPlace = Pick<EntryFacts, 'id' | 'owner'>;

/**
 * Returns the audit entries for placements in one collection that change together. There is one entry per
 * owner, with the number of versions and the first ids, so that officers see only what concerns their member.
 * Ids that are derived from values would reveal the values, so these objects are counted but not named.
 */
export function placementFacts(
  collection: string,
  entries: readonly ChangedPlace[],
  because: string,
  fact: (resource: string, more: FactDetails) => AuditFact,
): readonly AuditFact[] {
  const byOwner = new Map<string, ChangedPlace[]>();
  for (const entry of entries) {
    // One list grows for each owner. A copy for each entry would take seconds for a large envelope.
    const own = byOwner.get(entry.owner);
    if (own === undefined) byOwner.set(entry.owner, [entry]);
    else own.push(entry);
  }
  return [...byOwner].map(([owner, own]) => {
    const ids = [...new Set(own.map(({ id }) => id))].filter((id) => !tellsItsValue(id));
    return fact(`collection/${collection}`, {
      member: isOfHub(owner) ? undefined : owner,
      details: { because, versions: own.length, ids: ids.slice(0, MOST_NAMED) },
    });
  });
}

/** Returns the audit entries for objects that were replaced by what their creator submitted. */
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
  return placementFacts(collection, replaced, 'its creator submitted the object itself', (resource, more) =>
    audit.ofHub('placing', 'object.replace', resource, more),
  );
}
