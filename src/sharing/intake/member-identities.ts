import { memberIdentityId } from '../../access/member-model.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { rankOf, tlpMarkingId } from '../../stix/markings.ts';
import { stixTimestamp } from '../../stix/timestamps.ts';
import type { StixObject } from '../../stix/types.ts';
import type { Candidate } from '../../store/store.ts';
import { candidateFrom } from './candidate.ts';

/** The creation time of all these identities in STIX. Creating an identity again gives exactly the same text. */
const CREATED = Date.UTC(2026, 0, 1);

/**
 * Returns the STIX identity that the hub creates for a member without an identity of its own. Its id is derived from
 * the name, and its times count the revisions of the member, so creating it again changes nothing. Undefined for other
 * ids.
 */
export function madeIdentity(id: string, { memberByIdentity, members }: Snapshot): StixObject | undefined {
  const member = members.get(memberByIdentity.get(id) ?? '');
  if (member === undefined || id !== memberIdentityId(member.name)) return undefined;
  return {
    type: 'identity',
    spec_version: '2.1',
    id,
    created: stixTimestamp(CREATED),
    modified: stixTimestamp(CREATED + (member.revision ?? 0) * 1_000),
    name: member.title,
    identity_class: 'organization',
    object_marking_refs: [tlpMarkingId('green')],
  };
}

/** Returns the identity as a candidate for a collection that contains objects that name it as their creator. */
export function identityCandidate(object: StixObject): Candidate {
  const text = JSON.stringify(object);
  const version = String(object['modified']);
  const id = String(object['id']);
  return candidateFrom(object, {
    text,
    id,
    type: 'identity',
    version,
    spec: '2.1',
    level: rankOf('green'),
    owner: 'hub',
    // Submitted in the name of the member. It takes precedence over objects that others submit under its id,
    // but not over the member's own.
    creator: id,
    claims: id,
    relayed: false,
  });
}
