import type { Audit, FactDetails } from '../../access/audit/audit.ts';
import { changesByOwner, isOfHub, type AuditFact, type ChangedPlace } from '../../store/store.ts';

/** Returns the audit entries for placements in one collection that change together: one for each owner. */
export function placementFacts(
  collection: string,
  entries: readonly ChangedPlace[],
  because: string,
  fact: (resource: string, more: FactDetails) => AuditFact,
): readonly AuditFact[] {
  return changesByOwner(entries).map(({ owner, versions, ids }) =>
    fact(`collection/${collection}`, {
      member: isOfHub(owner) ? undefined : owner,
      details: { because, versions, ids },
    }),
  );
}

/** Returns the form of the audit entries for objects that are replaced by what their creator submitted. */
export function replacedForm(audit: Pick<Audit, 'ofHub'>): AuditFact {
  return audit.ofHub('placing', 'object.replace', 'collection', {
    details: { because: 'its creator submitted the object itself' },
  });
}
