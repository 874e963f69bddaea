import { hash } from 'node:crypto';
import { digestOf, type EventMemory, type Said } from './memory.ts';
import { attributeUuid, type MispAttribute, type MispEvent, type MispOrganisation } from './model.ts';

/** Deleted attributes stay in an event for this time, in which each MISP must fetch it. */
const DELETED_S = 30 * 86_400;
/** Maximum number of deleted attributes of one event: those that were deleted last. */
const MOST_DELETED = 20_000;

/** An event as a feed contains it, and what is to be remembered about it. */
export interface Evolved {
  readonly event: MispEvent;
  readonly memory: EventMemory;
}

/** The facts about a feed on which the events of all collections depend. */
export interface FeedFacts {
  /** The key from which ids are made. */
  readonly key: string;
  readonly hub: MispOrganisation;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Returns an event as it follows on what the feed said about it before. MISP keeps attributes that leave an event, and
 * takes changes only with a later time. So attributes that left the event are listed as deleted for 30 days, and whatever
 * changed without a later time of its own gets the time of now. An event that no longer exists keeps its attributes, all
 * of them deleted. Undefined when it has no attributes left.
 *
 * Readers who were let in later also read what left the event, so that shows them nothing but ids, by which MISP finds
 * what it has. The ids are made with a key, because nobody may find a value by trying which one has this id.
 */
export function evolved(
  uuid: string,
  before: EventMemory | undefined,
  next: MispEvent | undefined,
  facts: FeedFacts,
): Evolved | undefined {
  const { now } = facts;
  const said = before?.attributes ?? new Map<string, Said>();
  const digests = new Map<string, number>();
  const kept = (next?.Attribute ?? []).map((one) => {
    const digest = digestOf(one);
    digests.set(one.uuid, digest);
    return { ...one, timestamp: String(timeOf(said.get(one.uuid), Number(one.timestamp), digest, now)) };
  });
  const gone = [...said]
    .filter(([id]) => !digests.has(id))
    .flatMap(([id, one]) => {
      const at = one.digest === 0 ? one.timestamp : Math.max(now, one.timestamp + 1);
      return at + DELETED_S > now ? [[id, at] as const] : [];
    })
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_DELETED);
  if (next === undefined && gone.length === 0) return undefined;
  const report = reportOf(before, next);
  const whole: MispEvent = {
    ...(next ?? emptied(uuid, facts)),
    Attribute: [...kept, ...gone.map(([id, at]) => deleted(id, at))].toSorted(byUuid),
    ...(report?.isDeleted === true
      ? { EventReport: [deletedReport(uuid, report.timestamp, facts.key)] }
      : {}),
  };
  const newest = Math.max(0, ...timesOf(whole), next === undefined ? 0 : Number(next.timestamp));
  const digest = hash('sha256', JSON.stringify(withTime(whole, 0)), 'base64url').slice(0, 22);
  const timestamp = stampOf(before, digest, newest, now);
  const event = withTime(whole, timestamp);
  const attributes = new Map(
    event.Attribute.map((one) => [
      one.uuid,
      { timestamp: Number(one.timestamp), digest: digests.get(one.uuid) ?? 0 },
    ]),
  );
  const day = next?.date ?? before?.day ?? event.date;
  return {
    event,
    memory: { day, timestamp, digest, attributes, ...(report === undefined ? {} : { report }) },
  };
}

/** Returns the time of an event: that of its newest part, and later than before if it changed. */
function stampOf(before: EventMemory | undefined, digest: string, newest: number, now: number): number {
  if (before === undefined) return newest;
  return before.digest === digest ? before.timestamp : Math.max(newest, now, before.timestamp + 1);
}

/** Attributes of an event are in the order of their ids, so equal contents have equal texts. */
export function byUuid(a: Pick<MispAttribute, 'uuid'>, b: Pick<MispAttribute, 'uuid'>): number {
  return a.uuid < b.uuid ? -1 : 1;
}

function timesOf({ Attribute: attributes }: MispEvent): readonly number[] {
  // A large event has more attributes than a function takes arguments.
  return [attributes.reduce((newest, { timestamp }) => Math.max(newest, Number(timestamp)), 0)];
}

function withTime(event: MispEvent, at: number): MispEvent {
  return { ...event, timestamp: String(at), publish_timestamp: String(at) };
}

/** Returns the time of an attribute of now: not before the one that MISP has, and later if the attribute changed. */
function timeOf(before: Said | undefined, own: number, digest: number, now: number): number {
  if (before === undefined || own > before.timestamp) return own;
  return before.digest === digest ? before.timestamp : Math.max(now, before.timestamp + 1);
}

function deleted(uuid: string, at: number): MispAttribute {
  return {
    uuid,
    type: 'comment',
    category: 'Other',
    // MISP allows each value once in an event.
    value: `removed ${uuid}`,
    comment: '',
    to_ids: false,
    timestamp: String(at),
    deleted: true,
    disable_correlation: true,
  };
}

function reportOf(before: EventMemory | undefined, next: MispEvent | undefined): EventMemory['report'] {
  const [now] = next?.EventReport ?? [];
  if (now !== undefined) return { timestamp: Number(now.timestamp), isDeleted: false };
  const was = before?.report;
  return was === undefined || was.isDeleted ? was : { timestamp: was.timestamp + 1, isDeleted: true };
}

/**
 * Returns an event that no longer exists. MISP demands an organisation and a day, which are those of the hub and of
 * the epoch: the producer and the day of the event are facts about what was removed.
 */
function emptied(uuid: string, { hub }: FeedFacts): MispEvent {
  return {
    uuid,
    info: 'Removed',
    date: '1970-01-01',
    analysis: '2',
    threat_level_id: '4',
    timestamp: '0',
    publish_timestamp: '0',
    published: true,
    extends_uuid: '',
    protected: false,
    Orgc: hub,
    Tag: [],
    Attribute: [],
  };
}

function deletedReport(
  event: string,
  timestamp: number,
  key: string,
): NonNullable<MispEvent['EventReport']>[number] {
  const uuid = attributeUuid(key, event, 'report', '');
  return { uuid, name: 'Removed', content: '', timestamp: String(timestamp), deleted: true };
}
