import { readsSince } from '../access/collection-service.ts';
import type { GroupRecord } from '../access/member-model.ts';
import { levelsAfter } from '../access/lowered-maximum.ts';
import { joinedSince } from '../members/group-service.ts';
import type { Stored } from '../store/records.ts';
import type { Present, Wanted } from './declared-records.ts';

/** Adds the times and levels to the declared documents that the hub itself has recorded. */
export function keepTimes(wanted: Wanted, present: Present, now: number): void {
  for (const [id, document] of wanted.collection)
    wanted.collection.set(id, {
      ...document,
      ...levelsAfter(present.collection.get(id)?.document, document),
    });
  for (const [id, document] of wanted.grant) {
    const since = readsSince(present.grant.get(id)?.document, document.read, now * 1_000, document.account);
    wanted.grant.set(id, { ...document, ...since });
  }
  for (const [id, document] of wanted.group)
    wanted.group.set(id, { ...document, ...keptJoined(present.group.get(id), document, now * 1_000) });
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
