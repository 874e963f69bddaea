import type { Slices } from '../../kernel/slices.ts';
import { timestampFault, compareTimestamps } from '../../stix/timestamps.ts';
import { text, type StixObject } from '../../stix/types.ts';
import { faultLine } from '../../stix/validation/fault.ts';
import { sameInAllVersions } from '../../stix/validation/set.ts';
import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import { errorsOf, findingsOf } from '../../stix/validation/validate.ts';
import { LAST_VERSION, entryPages, type Store } from '../../store/store.ts';
import { reportedFindings } from './findings.ts';
import type { Judged } from './judge.ts';
import type { Submission } from './submission.ts';

type Candidate = Extract<Judged, { kind: 'candidate' }>;

/** Number of ids that are read at once. */
const AT_ONCE = 500;

/**
 * Compares the versions of an object in a submission with each other, and later ones with the latest one that their
 * owner has in the collection: `created` and `created_by_ref` are the same in all versions (STIX 2.1 §3.2 and §3.6). Only
 * submitters that may read the collection learn of stored versions, because the response shows what is stored there.
 * Objects of feeds are made by the hub.
 */
export async function comparedWithEarlier(
  given: readonly Judged[],
  { actor, collection }: Submission,
  level: ValidationLevel,
  store: Pick<Store, 'entries'>,
  slices: Slices,
): Promise<readonly Judged[]> {
  if (actor.kind === 'feed') return given;
  const judged = comparedWithin(given, level);
  if (!actor.mayRead) return judged;
  const later = judged.filter((item): item is Candidate => item.kind === 'candidate' && isLater(item.object));
  if (later.length === 0) return judged;
  const changed = new Map<Judged, Judged>();
  for (let from = 0; from < later.length; from += AT_ONCE) {
    const part = new Map<string, Candidate[]>();
    for (const item of later.slice(from, from + AT_ONCE)) {
      const { id } = item.candidate;
      part.set(id, [...(part.get(id) ?? []), item]);
    }
    const query = {
      collection: collection.id, after: 0, limit: AT_ONCE, ids: [...part.keys()], versions: LAST_VERSION,
      specs: ['2.0', '2.1'],
    } as const; // prettier-ignore
    for await (const entries of entryPages(store, query))
      for (const entry of entries) {
        const own = (part.get(entry.id) ?? []).filter(({ candidate }) => candidate.owner === entry.owner);
        if (own.length === 0 || entry.text === undefined) continue;
        if (slices.isOver(entry.text.length)) await slices.next();
        const earlier = JSON.parse(entry.text) as StixObject;
        for (const item of own) changed.set(item, compared(item, earlier, level));
      }
  }
  return judged.map((item) => changed.get(item) ?? item);
}

/** Compares each version with the first one of the same object in the submission. */
function comparedWithin(judged: readonly Judged[], level: ValidationLevel): readonly Judged[] {
  const first = new Map<string, Candidate>();
  return judged.map((item) => {
    if (item.kind !== 'candidate') return item;
    const key = `${item.candidate.id} ${item.candidate.owner}`;
    const other = first.get(key);
    if (other !== undefined) return compared(item, other.object, level);
    first.set(key, item);
    return item;
  });
}

/** True for an object that is not the first version, by its own times. */
function isLater(object: StixObject): boolean {
  const [created, modified] = [text(object, 'created'), text(object, 'modified')];
  if (created === undefined || modified === undefined) return false;
  if (timestampFault(created) !== undefined || timestampFault(modified) !== undefined) return false;
  return compareTimestamps(created, modified) !== 0;
}

function compared(item: Candidate, earlier: StixObject, level: ValidationLevel): Judged {
  const faults = sameInAllVersions(item.object, earlier, level);
  const [error] = errorsOf(faults);
  const { id, version } = item.candidate;
  if (error !== undefined)
    return {
      kind: 'refused',
      outcome: { id, version, kind: 'refused', message: faultLine(error) },
      marked: item.marked,
    };
  // The comparison within the submission has found these already.
  const known = new Set(item.findings.map(({ rule }) => rule));
  const findings = reportedFindings(findingsOf(faults).filter(({ rule }) => !known.has(rule)));
  return findings.length === 0 ? item : { ...item, findings: [...item.findings, ...findings] };
}
