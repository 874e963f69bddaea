import { hash } from 'node:crypto';
import { instantOf } from '../../stix/timestamps.ts';
import type { StixObject } from '../../stix/types.ts';
import { isObservable } from '../../stix/versions.ts';
import type { Candidate } from '../../store/store.ts';

/** Properties of a candidate that depend on its way into the collection. The others follow from its text. */
export type Placed = Pick<
  Candidate,
  'text' | 'id' | 'type' | 'version' | 'spec' | 'level' | 'owner' | 'creator' | 'claims' | 'relayed'
> & {
  /** The digest of the text, if it is known. */
  readonly digest?: string | undefined;
};

/**
 * Returns an object as a candidate for a collection. Intake, forwarding and the hub's own identities all use this
 * function, so an object has the same properties in the store whichever way it takes.
 *
 * @param object The parsed text.
 */
export function candidateFrom(object: StixObject, placed: Placed): Candidate {
  // Copies of `placed` by spreading would take longer than everything else here.
  const candidate: { -readonly [Name in keyof Candidate]: Candidate[Name] } = {
    text: placed.text,
    id: placed.id,
    type: placed.type,
    version: placed.version,
    spec: placed.spec,
    level: placed.level,
    owner: placed.owner,
    relayed: placed.relayed,
    digest: placed.digest ?? hash('sha256', placed.text),
    instant: instantOf(placed.version),
    unversioned: object['modified'] === undefined && object['created'] === undefined,
    revoked: object['revoked'] === true,
    shared: placed.type === 'marking-definition' || isObservable(object),
  };
  if (placed.creator !== undefined) candidate.creator = placed.creator;
  if (placed.claims !== undefined) candidate.claims = placed.claims;
  return candidate;
}
