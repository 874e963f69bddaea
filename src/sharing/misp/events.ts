import {
  attributeUuid,
  eventUuid,
  seconds,
  tag,
  type MispAttribute,
  type MispEvent,
  type MispOrganisation,
} from './model.ts';
import { byUuid } from './evolve.ts';
import { categoryOf } from './attributes.ts';
import type { Draft, Spooled } from './collect.ts';
import type { MispContext } from './context.ts';
import { confidenceTags, labelTags, tlpTag } from './tags.ts';

/** Maximum number of attributes of one event. MISP becomes slow with larger ones. */
export const MOST_IN_EVENT = 5_000;

/** One event of a draft: its attributes from a position on. */
export interface EventPart {
  readonly draft: Draft;
  /** Counts from 1. */
  readonly number: number;
  readonly uuid: string;
}

/** From what the ids of a feed are made. */
export interface EventIds {
  readonly secret: string;
  readonly collection: string;
}

/** Returns the events of some drafts in the order of their ids. Events without attributes are left out. */
export function partsOf(ids: EventIds, drafts: readonly Draft[], context: MispContext): readonly EventPart[] {
  return drafts
    .flatMap((draft) => {
      const count = Math.ceil(draft.records.count / MOST_IN_EVENT);
      const isTold = count > 0 || describing(draft, 1, context).length > 0;
      return Array.from({ length: Math.max(count, isTold ? 1 : 0) }, (_each, at) => ({
        draft,
        number: at + 1,
        uuid: uuidOf(ids, draft, at + 1),
      }));
    })
    .toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

function uuidOf({ secret, collection }: EventIds, { key }: Draft, number: number): string {
  return eventUuid(secret, collection, number === 1 ? key : `${key} ${number}`);
}

/** Returns an event with its attributes. */
export function eventOf(
  ids: EventIds,
  { draft, number, uuid }: EventPart,
  spooled: readonly Spooled[],
  context: MispContext,
  hub: MispOrganisation,
): MispEvent {
  const { report, producer, day, level } = draft;
  const name = context.nameOf(producer);
  const { secret } = ids;
  const attributes = [...attributesIn(secret, uuid, spooled, draft), ...linksIn(secret, uuid, draft, number, context)];
  const moved = spooled.reduce((latest, one) => Math.max(latest, one.moved), report?.moved ?? 0);
  const title = report?.name ?? `Indicators of ${name ?? hub.name} of ${day}`;
  const isStricter = report !== undefined && level > report.level;
  const timestamp = String(seconds(moved));
  return {
    uuid,
    info: `${title}${isStricter ? ` (${tlpTag(level).toUpperCase()})` : ''}${number > 1 ? ` (part ${number})` : ''}`,
    date: day,
    analysis: '2',
    threat_level_id: '4',
    timestamp,
    publish_timestamp: timestamp,
    published: true,
    extends_uuid: isStricter || number > 1 ? uuidOf(ids, first(draft), 1) : '',
    protected: false,
    Orgc: name === undefined || producer === undefined ? hub : { name, uuid: producer.slice(producer.indexOf('--') + 2) },
    Tag: [tlpTag(level), ...(report === undefined ? [] : tagsOf(report, context))].map(tag),
    Attribute: attributes.toSorted(byUuid),
    ...describedIn(secret, uuid, draft, number),
  };
} // prettier-ignore

/** Returns the draft of the event that others with the same title extend. */
function first(draft: Draft): Draft {
  return draft.report === undefined ? draft : { ...draft, key: `${draft.report.id} ${draft.report.level}` };
}

function tagsOf(report: NonNullable<Draft['report']>, context: MispContext): readonly string[] {
  return [
    ...new Set([
      ...confidenceTags(report.confidence),
      ...labelTags(report.labels),
      ...context.clustersOf(report),
    ]),
  ];
}

/** Joins what several indicators say about the same value, because MISP takes each value of an event once. */
function attributesIn(
  secret: string,
  event: string,
  spooled: readonly Spooled[],
  { level }: Draft,
): readonly MispAttribute[] {
  const values = new Map<string, Spooled>();
  for (const one of spooled) {
    const key = `${one.type}\n${one.value}`;
    const before = values.get(key);
    values.set(key, before === undefined ? one : together(before, one));
  }
  return [...values.values()].map((one) => {
    const tags = [...(one.level < level ? [tlpTag(one.level)] : []), ...one.tags];
    return {
      uuid: attributeUuid(secret, event, one.type, one.value),
      type: one.type,
      category: categoryOf(one.type),
      value: one.value,
      comment: one.comment,
      to_ids: one.to_ids,
      timestamp: String(seconds(one.modified)),
      deleted: false,
      disable_correlation: false,
      first_seen: `${new Date(one.from).toISOString().slice(0, 23)}000+00:00`,
      ...(tags.length === 0 ? {} : { Tag: tags.map(tag) }),
    };
  });
}

function together(a: Spooled, b: Spooled): Spooled {
  const [newer, older] = a.modified >= b.modified ? [a, b] : [b, a];
  return {
    ...newer,
    comment: newer.comment === '' ? older.comment : newer.comment,
    to_ids: a.to_ids || b.to_ids,
    moved: Math.max(a.moved, b.moved),
    from: Math.min(a.from, b.from),
    level: Math.max(a.level, b.level),
    tags: [...new Set([...newer.tags, ...older.tags])].slice(0, 60),
  };
}

/** Returns the links and vulnerabilities of a report, which are not for detection. */
function describing(
  { report, level }: Pick<Draft, 'report' | 'level'>,
  number: number,
  context: MispContext,
): readonly { readonly type: 'link' | 'vulnerability'; readonly value: string }[] {
  if (report === undefined || number > 1 || level > report.level) return [];
  return [
    ...report.links.map((value) => ({ type: 'link' as const, value })),
    ...context
      .vulnerabilitiesOf(report)
      .filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name))
      .map((value) => ({ type: 'vulnerability' as const, value })),
  ];
}

function linksIn(
  secret: string,
  event: string,
  draft: Draft,
  number: number,
  context: MispContext,
): readonly MispAttribute[] {
  const moved = String(seconds(draft.report?.moved ?? 0));
  const values = new Map(describing(draft, number, context).map((one) => [`${one.type}\n${one.value}`, one]));
  return [...values.values()].map(({ type, value }) => ({
    uuid: attributeUuid(secret, event, type, value),
    type,
    category: categoryOf(type),
    value,
    comment: '',
    to_ids: false,
    timestamp: moved,
    deleted: false,
    disable_correlation: false,
  }));
}

function describedIn(
  secret: string,
  event: string,
  { report, level }: Draft,
  number: number,
): Pick<MispEvent, 'EventReport'> {
  if (report?.description === undefined || number > 1 || level > report.level) return {};
  return {
    EventReport: [
      {
        uuid: attributeUuid(secret, event, 'report', ''),
        name: report.name,
        content: report.description,
        timestamp: String(seconds(report.moved)),
        deleted: false,
      },
    ],
  };
}
