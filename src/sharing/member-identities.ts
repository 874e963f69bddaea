import { hash } from 'node:crypto';
import { memberIdentityId, type Snapshot } from '../access/snapshot.ts';
import { rankOf, tlpMarkingId } from '../stix/markings.ts';
import { instantOf, stixTimestamp } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import type { Candidate } from '../store/store.ts';

/** When all of them were made, for STIX: what is made again is the same to the letter. */
const CREATED = Date.UTC(2026, 0, 1);

/**
 * The identity of a member in STIX (sharing.md section 2), where it has none of its own and the hub makes it: its id follows from
 * the name, and its times count the revisions of the member, so that making it again changes nothing. Undefined for other ids.
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

/** The same as something that may stand in a collection, beside what names it as its creator. */
export function identityCandidate(object: StixObject): Candidate {
  const text = JSON.stringify(object);
  const version = String(object['modified']);
  const id = String(object['id']);
  return {
    text,
    digest: hash('sha256', text),
    id,
    type: 'identity',
    version,
    instant: instantOf(version),
    spec: '2.1',
    level: rankOf('green'),
    owner: 'hub',
    // Submitted in the name of the member. It takes precedence over objects that others submit under its id,
    // but not over the member's own.
    creator: id,
    claims: id,
    unversioned: false,
    shared: false,
    relayed: false,
  };
}
