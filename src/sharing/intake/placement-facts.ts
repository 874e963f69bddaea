import type { Audit, FactDetails } from '../../access/audit/audit.ts';
import {
  changesByOwner,
  isOfHub,
  namedOf,
  type AuditFact,
  type Batch,
  type Candidate,
  type ChangedPlace,
} from '../../store/store.ts';
import type { Submission } from './submission.ts';

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

/**
 * Returns how the audit log records a submission that stores objects: the form of a fact that the store writes, and
 * completes with these objects. For a submitter that cannot read the collection, every outcome is "stored", and it can
 * read its own facts. Its fact therefore counts all objects, because it must not reveal what the collection contained.
 */
export function storedFactOf(
  candidates: readonly Candidate[],
  { actor, factIfStored }: Pick<Submission, 'actor' | 'factIfStored'>,
): { readonly form: Pick<Batch, 'stored'>; readonly facts: readonly AuditFact[] } {
  if (factIfStored === undefined || candidates.length === 0) return { form: {}, facts: [] };
  if (actor.kind === 'feed' || actor.mayRead)
    return { form: { stored: { ...factIfStored, first: candidates.length } }, facts: [] };
  const { fact, listsObjects } = factIfStored;
  const listed = { ...fact.details, objects: candidates.length, ids: namedOf(candidates) };
  return { form: {}, facts: [listsObjects ? { ...fact, details: listed } : fact] };
}
