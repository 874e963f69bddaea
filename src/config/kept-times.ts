import { readsSince } from '../access/collection-service.ts';
import type { GroupRecord } from '../access/member-model.ts';
import type { CollectionRecord } from '../access/model.ts';
import { joinedSince } from '../members/group-service.ts';
import { rankOf } from '../stix/markings.ts';
import type { Stored } from '../store/records.ts';
import type { Present, Wanted } from './declared-records.ts';

/** Adds the times and levels to the declared documents that the hub itself has recorded. */
export function keepTimes(wanted: Wanted, present: Present, now: number): void {
  for (const [id, document] of wanted.collection)
    wanted.collection.set(id, { ...document, ...keptTallest(present.collection.get(id), document) });
  for (const [id, document] of wanted.grant) {
    const since = readsSince(present.grant.get(id)?.document, document.read, now * 1_000, document.account);
    wanted.grant.set(id, { ...document, ...since });
  }
  for (const [id, document] of wanted.group)
    wanted.group.set(id, { ...document, ...keptJoined(present.group.get(id), document, now * 1_000) });
}

/**
 * Returns the strictest TLP that a collection may still contain after its maximum was lowered. The collection keeps
 * this value until the stricter objects are removed, so no reader gets access before that.
 */
function keptTallest(
  record: Stored<CollectionRecord> | undefined,
  document: CollectionRecord,
): Pick<CollectionRecord, 'tallest' | 'lowered_at'> {
  const before = record?.document;
  const max = document.max_tlp ?? 'amber+strict';
  const stood = before?.tallest ?? before?.max_tlp ?? (before === undefined ? max : 'amber+strict');
  if (rankOf(stood) > rankOf(max)) return { tallest: stood };
  return before?.lowered_at === undefined ? {} : { lowered_at: before.lowered_at };
}

/**
 * Returns the times at which members joined a group. A group from an earlier version stays unchanged as long as no
 * member is new in it.
 */
function keptJoined(
  record: Stored<GroupRecord> | undefined,
  { members }: GroupRecord,
  now: number,
): Pick<GroupRecord, 'joined'> {
  const joined = joinedSince(record?.document, members, now);
  return Object.keys(joined).length === 0 && record?.document.joined === undefined ? {} : { joined };
}
