import type { MispAttribute, MispEvent, MispEventReport } from './model.ts';

/** Deleted attributes stay in an event for this time, in which each MISP must fetch it. */
export const DELETED_S = 30 * 86_400;

/**
 * Returns an event as it follows on the one before. MISP keeps attributes that leave an event, and takes changes only
 * with a later time. So attributes that left the event are listed as deleted for 30 days, and whatever changed without
 * a later time of its own gets the time `now` (seconds since 1970). An event that no longer exists keeps its attributes,
 * all of them deleted. Undefined when it has no attributes left.
 *
 * Readers who were let in later also read what left the collection or became too strict for the event. It must not show
 * them more than ids, by which MISP finds what it has.
 */
export function evolved(
  before: MispEvent | undefined,
  next: MispEvent | undefined,
  now: number,
): MispEvent | undefined {
  if (before === undefined) return next;
  const stood = new Map(before.Attribute.map((one) => [one.uuid, one]));
  const kept = (next?.Attribute ?? []).map((one) => follow(stood.get(one.uuid), one, now));
  const listed = new Set(kept.map(({ uuid }) => uuid));
  const gone = before.Attribute.filter(({ uuid }) => !listed.has(uuid)).flatMap(
    (one) => ended(one, now) ?? [],
  );
  if (next === undefined && gone.length === 0) return undefined;
  const whole: MispEvent = { ...(next ?? emptied(before)), Attribute: [...kept, ...gone].toSorted(byUuid) };
  const newest = Math.max(
    ...whole.Attribute.map(({ timestamp }) => Number(timestamp)),
    Number(whole.timestamp),
  );
  const stamped = withTime(whole, newest);
  const isSame = JSON.stringify(withTime(stamped, 0)) === JSON.stringify(withTime(before, 0));
  if (isSame) return before;
  return withTime(stamped, Math.max(newest, now, Number(before.timestamp) + 1));
}

/** Attributes of an event are in the order of their ids, so equal contents have equal texts. */
export function byUuid(a: Pick<MispAttribute, 'uuid'>, b: Pick<MispAttribute, 'uuid'>): number {
  return a.uuid < b.uuid ? -1 : 1;
}

function withTime(event: MispEvent, at: number): MispEvent {
  return { ...event, timestamp: String(at), publish_timestamp: String(at) };
}

function follow(before: MispAttribute | undefined, next: MispAttribute, now: number): MispAttribute {
  if (before === undefined) return next;
  const isSame = JSON.stringify({ ...before, timestamp: '' }) === JSON.stringify({ ...next, timestamp: '' });
  if (isSame) return Number(before.timestamp) >= Number(next.timestamp) ? before : next;
  if (Number(next.timestamp) > Number(before.timestamp)) return next;
  return { ...next, timestamp: String(Math.max(now, Number(before.timestamp) + 1)) };
}

function ended(one: MispAttribute, now: number): MispAttribute | undefined {
  if (one.deleted) return Number(one.timestamp) + DELETED_S > now ? one : undefined;
  const { uuid, timestamp } = one;
  return {
    uuid,
    type: 'comment',
    category: 'Other',
    // MISP allows each value once in an event.
    value: `removed ${uuid}`,
    comment: '',
    to_ids: false,
    timestamp: String(Math.max(now, Number(timestamp) + 1)),
    deleted: true,
    disable_correlation: true,
  };
}

/** Returns an event that no longer exists, without its texts. */
function emptied(event: MispEvent): MispEvent {
  const { EventReport: reports = [], ...rest } = event;
  return {
    ...rest,
    info: 'Removed',
    Tag: [],
    extends_uuid: '',
    ...(reports.length === 0 ? {} : { EventReport: reports.map(deletedReport) }),
  };
}

function deletedReport({ uuid, timestamp, deleted }: MispEventReport): MispEventReport {
  const later = deleted ? timestamp : String(Number(timestamp) + 1);
  return { uuid, name: 'Removed', content: '', timestamp: later, deleted: true };
}
