import { hash } from 'node:crypto';
import { memberIdentityId, type MemberInfo, type Snapshot } from '../access/snapshot.ts';
import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { rankOf, tlpMarking, tlpMarkingId } from '../stix/markings.ts';
import { instantOf, stixTimestamp } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import { versionOf } from '../stix/versions.ts';
import type { Candidate, Lease, Store } from '../store/store.ts';

/**
 * What a member is in STIX: its identity, the countries that it is for, and that it is located there (sharing.md section 2). One
 * that has an identity of its own publishes that itself; for the others the hub makes one, whose id follows from the name.
 */
export function identityObjects(
  { name, title, sectors, countries }: MemberInfo,
  created: string,
  modified: string,
): readonly StixObject[] {
  const id = memberIdentityId(name);
  const common = { spec_version: '2.1', created, modified, object_marking_refs: [tlpMarkingId('green')] };
  return [
    {
      type: 'identity',
      id,
      ...common,
      name: title,
      identity_class: 'organization',
      ...(sectors.length === 0 ? {} : { sectors }),
    },
    ...countries.flatMap((country) => {
      const location = `location--${uuidV5(`member|${name}|${country}`, HUB_NAMESPACE)}`;
      return [
        { type: 'location', id: location, ...common, country },
        {
          type: 'relationship',
          id: `relationship--${uuidV5(`member|${name}|${country}`, HUB_NAMESPACE)}`,
          ...common,
          relationship_type: 'located-at',
          source_ref: id,
          target_ref: location,
        },
      ];
    }),
  ];
}

/** When all of them were made, for STIX: what is made again, after a process was killed, is the same to the letter. */
const CREATED = Date.UTC(2026, 0, 1);

/**
 * Places the identities that the hub makes with the members whose they are, and a later version when something of them has
 * changed. Their times count versions and do not come from a clock, so that repeating this is harmless.
 */
export async function keepIdentities(store: Store, snapshot: Snapshot, lease: Lease): Promise<number> {
  const known = new Map((await store.records('member-identity')).map((record) => [record.id, record]));
  let placed = 0;
  for (const member of snapshot.members.values()) {
    const { name, collection, active } = member;
    if (collection === undefined || !active || member.identities[0] !== memberIdentityId(name)) continue;
    const record = known.get(name);
    const revision = record?.revision ?? 0;
    const digest = hash('sha256', JSON.stringify(identityObjects(member, '', '')));
    if (record?.document['digest'] === digest) continue;
    const modified = stixTimestamp(CREATED + revision * 1_000);
    const objects = [tlpMarking('green'), ...identityObjects(member, stixTimestamp(CREATED), modified)];
    const placement = { collection, candidates: objects.map(candidateOf) };
    const { placed: outcomes } = await store.commit({ placements: [placement], lease });
    // Another content stands under this time where the member has changed after a try that was broken off: the next one is later.
    const isOther = outcomes.flat().some(({ kind }) => kind === 'conflict');
    const document = { digest: isOther ? '' : digest };
    await store.commit({
      records: [{ kind: 'member-identity', id: name, expected: revision, document }],
      lease,
    });
    placed++;
  }
  return placed;
}

function candidateOf(object: StixObject): Candidate {
  const text = JSON.stringify(object);
  const version = versionOf(object);
  const isMarking = object['type'] === 'marking-definition';
  return {
    text,
    digest: hash('sha256', text),
    id: String(object['id']),
    type: String(object['type']),
    version,
    instant: instantOf(version),
    spec: '2.1',
    level: rankOf(isMarking ? 'clear' : 'green'),
    owner: 'hub',
    unversioned: false,
    shared: isMarking,
    relayed: false,
  };
}
