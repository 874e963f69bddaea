import { decide, type Outlet } from '../../../access/policy.ts';
import type { CollectionInfo, Snapshot } from '../../../access/snapshot.ts';
import type { Clock, Micros } from '../../../kernel/clock.ts';
import type { Mail } from '../../../kernel/mailer.ts';
import { Problem, reasonOf } from '../../../kernel/problem.ts';
import { Constituency } from '../../../members/constituency.ts';
import { markingFacts, tlpLabel, tlpOf } from '../../../stix/markings.ts';
import { concernsOf, seenRefs } from '../../../stix/observables.ts';
import type { StixObject } from '../../../stix/types.ts';
import { ALL_VERSIONS, type Store } from '../../../store/store.ts';
import { recipientOf, type AnswerLinks } from './answer-links.ts';
import { isRemovalNotice } from '../../removal-notice.ts';
import { isWanted, type Channel } from '../model.ts';
import { nextDigest } from './digest-times.ts';
import { levelOf, type Level } from '../../routing/levels.ts';
import { labelOf, mailText, type MailItem } from './email-text.ts';
import { contextOf, itemsOf, type Item } from '../../routing/placing.ts';
import { targetWords } from '../../routing/targets.ts';

/** The progress of an email channel. Urgent objects were sent up to `seen`, and all objects up to `cursor`. */
export interface MailPlace {
  readonly cursor: Micros;
  readonly seen?: Micros;
  /** Milliseconds since 1970: when the next digest is due. */
  readonly digest_at?: number;
  /** Date added of the last item of an email that is retried. A retry has the same items and Message-ID. */
  readonly to?: Micros;
}

/** The result of one step. */
export type MailStep =
  | { readonly kind: 'moved'; readonly place: MailPlace; readonly told: number; readonly more: boolean }
  | { readonly kind: 'idle'; readonly place?: MailPlace }
  | { readonly kind: 'later' | 'closed'; readonly reason: string; readonly to: Micros };

export interface MailServices {
  readonly store: Store;
  readonly clock: Clock;
  readonly links: AnswerLinks;
  readonly hub: { readonly title: string; readonly timeZone: string; readonly url: () => string };
  /** Undefined if no mail server is configured. */
  readonly mailer: { send(mail: Mail): Promise<void> } | undefined;
}

const BATCH = 200;
/** Maximum number of entries that are examined for a digest, and of items that it lists one by one. */
const MOST_LOOKED_AT = 5_000;
const MOST_TOLD = 50;

/** Runs one step of an email channel: urgent objects first, then the digest if it is due. No empty emails are sent. */
export async function mailStep(
  channel: Channel,
  place: MailPlace,
  collection: CollectionInfo,
  snapshot: Snapshot,
  services: MailServices,
): Promise<MailStep> {
  const urgent = await urgentStep(channel, place, collection, snapshot, services);
  if (urgent !== undefined) return urgent;
  const { clock, hub } = services;
  const every = channel.every ?? 'day';
  if (every === 'now') return { kind: 'idle' };
  const now = clock.now();
  const due = nextDigest(now, every, channel.at ?? '08:00', channel.zone ?? hub.timeZone);
  if (place.digest_at === undefined) return { kind: 'idle', place: { ...progressOf(place), digest_at: due } };
  if (now < place.digest_at) return { kind: 'idle' };
  const { items, total, find, last } = await gather(channel, place, collection, snapshot, services);
  const failed = await tell(channel, items, total, false, find, snapshot, services, last);
  if (failed !== undefined) return failed;
  return {
    kind: 'moved',
    place: { cursor: last, seen: Math.max(seenOf(place), last), digest_at: due },
    told: total,
    more: isDigestRetry(place),
  };
}

function seenOf({ cursor, seen = 0 }: MailPlace): Micros {
  return Math.max(seen, cursor);
}

/** True when the email that is retried is a digest. */
function isDigestRetry(place: MailPlace): boolean {
  return place.to !== undefined && place.to <= seenOf(place);
}

/** Returns only the progress. Fields that belong to a failed attempt are dropped. */
function progressOf({ cursor, seen, digest_at: due }: MailPlace): MailPlace {
  return {
    cursor,
    ...(seen === undefined ? {} : { seen }),
    ...(due === undefined ? {} : { digest_at: due }),
  };
}

/** Reports the objects that do not wait for the digest. Returns undefined when nothing new was added. */
async function urgentStep(
  channel: Channel,
  place: MailPlace,
  collection: CollectionInfo,
  snapshot: Snapshot,
  services: MailServices,
): Promise<MailStep | undefined> {
  if (isDigestRetry(place)) return undefined;
  const page = await services.store.entries(
    { collection: collection.id, after: seenOf(place), limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
    true,
  ); // prettier-ignore
  // A retry contains the same items as the failed attempt. Newer items are sent after it.
  const repeated = page.entries.filter(({ added }) => added <= (place.to ?? 0));
  const entries = repeated.length > 0 ? repeated : page.entries;
  const last = entries.at(-1);
  if (last === undefined) return undefined;
  const isAtOnce = channel.every === 'now';
  const wanted = (level: Level): boolean => level === 'critical' || (isAtOnce && level === 'digest');
  const found = await itemsOf(entries, services.clock);
  const read = await readItems(channel, found, collection, snapshot, 'mail', services);
  const items = read.items.filter(({ level }) => wanted(level));
  const isUrgent = items.some(({ level }) => level === 'critical');
  const failed = await tell(
    channel,
    items,
    items.length,
    isUrgent,
    read.find,
    snapshot,
    services,
    last.added,
  );
  if (failed !== undefined) return failed;
  return {
    kind: 'moved',
    place: { ...progressOf(place), ...(isAtOnce ? { cursor: last.added } : {}), seen: last.added },
    told: items.length,
    // The digest may be due after the last urgent item.
    more: page.more || page.entries.length > entries.length || !isAtOnce,
  };
}

type Read = MailItem & { readonly level: Level };

/** Collects what waits for the digest: the first items one by one, and the total number. */
async function gather(
  channel: Channel,
  { cursor, to = Number.POSITIVE_INFINITY }: MailPlace,
  collection: CollectionInfo,
  snapshot: Snapshot,
  services: MailServices,
): Promise<{ items: MailItem[]; total: number; last: Micros; find: Find }> {
  const items: MailItem[] = [];
  const known = new Map<string, StixObject>();
  let total = 0;
  let last = cursor;
  for (let looked = 0, more = true; more && looked < MOST_LOOKED_AT;) {
    const page = await services.store.entries(
      { collection: collection.id, after: last, limit: 1_000, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    const entries = page.entries.filter(({ added }) => added <= to);
    const read = await readItems(
      channel,
      await itemsOf(entries, services.clock),
      collection,
      snapshot,
      'digest',
      services,
    );
    for (const item of read.items) {
      if (item.level !== 'digest') continue;
      total++;
      if (items.length < MOST_TOLD) items.push(item);
    }
    for (const [id, object] of read.seen) known.set(id, object);
    looked += entries.length;
    last = entries.at(-1)?.added ?? last;
    more = page.more && entries.length === page.entries.length;
  }
  return { items, total, last, find: (id) => known.get(id) };
}

type Find = (id: string) => StixObject | undefined;

/** Returns the entries that an email channel reports, each with its level and with what the email may show of it. */
export async function readItems(
  channel: Channel,
  entries: readonly Item[],
  collection: CollectionInfo,
  snapshot: Snapshot,
  outlet: Outlet,
  { store, clock }: Pick<MailServices, 'store' | 'clock'>,
): Promise<{
  readonly items: readonly Read[];
  readonly seen: ReadonlyMap<string, StixObject>;
  readonly find: Find;
}> {
  const { member, relevance } = channel;
  const now = clock.now();
  const objects = entries.map(({ object }) => object);
  const { seen } = await contextOf(store, collection.id, objects, snapshot, now);
  const find: Find = (id) => seen.get(id);
  const audience = snapshot.audienceOfMember(member);
  // An email includes the objects that an observation refers to, so it is as strict as the strictest of them.
  const levels = await store.levels([...seen.keys()], [collection.id]);
  const items = entries.flatMap(({ entry, object }): readonly Read[] => {
    const match = Constituency.of(snapshot)
      .match(concernsOf(object, find))
      .find((one) => one.member === member);
    const isRemoval = isRemovalNotice(object, entry.owner);
    if (!isRemoval && !isWanted(channel, object)) return [];
    // A value that was blocked by mistake is an outage.
    const level = isRemoval ? 'critical' : levelOf(object, match);
    const isWeak = match?.strength === 'weak' && relevance === 'all' && level === 'silent';
    if (level === 'silent' && !isWeak) return [];
    // The policy is checked at the time of sending. A member that has lost access is no longer notified.
    const asked = (what: StixObject, rank: number): string =>
      decide(
        {
          effective: tlpOf(rank),
          marking: markingFacts(what, (ref) => snapshot.marking(ref, entry.owner)),
        },
        audience,
        outlet,
        now,
      ).verdict;
    const verdict = asked(object, entry.level);
    if (verdict !== 'allow' && verdict !== 'notice') return [];
    const spoken = spokenOf(object, find);
    const tlp = tlpOf(Math.max(entry.level, ...spoken.map(({ id }) => levels.get(String(id)) ?? 0)));
    const isWhole =
      verdict === 'allow' &&
      spoken.every((one) => asked(one, levels.get(String(one['id'])) ?? entry.level) === 'allow');
    return [
      { object, added: entry.added, tlp, isWhole, why: match === undefined ? undefined : targetWords({ match }), level: isWeak ? 'digest' : level },
    ]; // prettier-ignore
  });
  return { items, seen, find };
}

/** Returns the objects that an observation or a sighting refers to, and the objects that these refer to. */
function spokenOf(object: StixObject, find: Find, depth = 0): readonly StixObject[] {
  if (depth > 2) return [];
  return seenRefs(object).flatMap((id) => {
    const seen = find(id);
    return seen === undefined ? [] : [seen, ...spokenOf(seen, find, depth + 1)];
  });
}

/**
 * Sends one email if there are items. Returns undefined if it was sent or there was nothing to send, otherwise the
 * failure.
 */
async function tell(
  channel: Channel,
  items: readonly MailItem[],
  total: number,
  isUrgent: boolean,
  find: Find,
  snapshot: Snapshot,
  { mailer, links, hub }: MailServices,
  to: Micros,
): Promise<MailStep | undefined> {
  if (items.length === 0) return undefined;
  if (mailer === undefined) return { kind: 'later', reason: 'the hub has no mail server (setting mail)', to };
  const label = tlpLabel(labelOf(items));
  const host = new URL(hub.url()).hostname;
  const stop = links.make({ channel: channel.name, to: recipientOf(channel), added: 0, does: 'stop' });
  const first = items[0]?.added ?? 0;
  try {
    await mailer.send({
      to: [channel.url.slice('mailto:'.length)],
      // The subject contains no names or values, because it can be read in transit.
      subject: `[${label}] ${hub.title}: ${isUrgent ? 'urgent, ' : ''}${total} ${total === 1 ? 'item' : 'items'}`,
      text: mailText({
        hub: hub.title,
        title: snapshot.members.get(channel.member)?.title ?? channel.member,
        isUrgent,
        items,
        total,
        find,
        link: ({ added }, does) =>
          links.make({ channel: channel.name, to: recipientOf(channel), added, does }),
        url: hub.url(),
        zone: channel.zone ?? hub.timeZone,
      }),
      // Every retry has the same Message-ID, so an email that was accepted although the response was lost is recognised
      // as a duplicate.
      messageId: `${channel.name}.${first}.${to}.${isUrgent ? 'now' : 'digest'}@${host}`,
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-TLP': label,
        'List-Id': `<${channel.name}.${host}>`,
        'List-Unsubscribe': `<${stop}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    });
    return undefined;
  } catch (error) {
    const reason = [reasonOf(error), error instanceof Problem ? (error.description ?? '') : '']
      .filter((part) => part !== '')
      .join(': ')
      .slice(0, 300);
    const isForGood = error instanceof Problem && error.code === 'TLN-E-022';
    return isForGood
      ? {
          kind: 'closed',
          reason: `${reason}. Check the address, then run: talanoa channel resume ${channel.name}`,
          to,
        }
      : { kind: 'later', reason, to };
  }
}
