import type { DeliveryLog as StepList } from '../../api/schema-types.ts';
import {
  ACKNOWLEDGEMENT_REQUESTS,
  ANSWER_RECORDS,
  OPENED,
  type AcknowledgementRequestRecord,
  type AnswerRecord,
  type OpenedRecord,
} from './model.ts';
import { isInReach } from '../../access/keys/limits.ts';
import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { instantOf, taxiiTimestamp } from '../../stix/timestamps.ts';
import type { Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { statusOnChannel, type ChannelStatus } from '../channels/delivered.ts';
import { CHANNELS, CHANNEL_STATES, channelOf, stateOf, type ChannelRecord } from '../channels/model.ts';
import { rightfulOwner } from '../intake/owner.ts';
import { itemOf } from '../routing/placing.ts';
import { nameOf } from '../routing/reasons.ts';
import { isServed } from './explain.ts';
import { ownPlaces, locationsOf, type ObjectLocation } from './object-locations.ts';
import { versionFact } from '../../stix/versions.ts';

/** The delivery status of an object for one member. */
export type DeliveryStep = StepList['items'][number];

/** A place of the object that a member may read, and by which grant. */
type GrantedPlace = ObjectLocation & { readonly grant: string };

/** The result of a channel for the object. */
interface Way {
  readonly name: string;
  readonly kind: ChannelStatus['kind'];
}

/** Everything that is known about the object, for all members. */
interface Known {
  readonly snapshot: Snapshot;
  readonly visible: VisibleNames;
  readonly notes: Awaited<ReturnType<Store['readers']>>;
  readonly answers: readonly Stored<AnswerRecord>[];
  readonly opened: readonly Stored<OpenedRecord>[];
}

interface LogParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: { flush(): Promise<void> };
  readonly clock: Clock;
}

/**
 * Returns the name of the account that answered, for a caller who may list the account. Other callers see the
 * member.
 */
function nameFor(visible: VisibleNames, by: string, member: string): string {
  return visible.actor(by) === by ? by : member;
}

/** The delivery status of objects for their readers: available, announced, delivered, opened, answered. */
export class DeliveryLog {
  readonly #s: LogParts;

  constructor(parts: LogParts) {
    this.#s = parts;
  }

  /**
   * Returns the delivery status of an object for each member that may read it, for hub staff and the owner of the object.
   * Officers of another member that may read the object see the status for their own member.
   */
  async log(actor: Principal, id: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, ledger, clock } = this.#s;
    const snapshot = await directory.refresh();
    const all = (await locationsOf(store, id, snapshot)).filter(({ collection }) =>
      isInReach(actor, collection.id),
    );
    const own = ownMemberPlaces(actor, all, snapshot);
    const standing = own ?? ownPlaces(actor, id, all, snapshot, 'delivery.read');
    await ledger.flush();
    const [notes, channels, answers, opened, requests] = await Promise.all([
      store.readers(),
      CHANNELS.in(store).whole(),
      ANSWER_RECORDS.in(store).by('object', id),
      OPENED.in(store).by('object', id),
      requestsFor(store, id),
    ]);
    const known: Known = { snapshot, visible: VisibleNames.of(snapshot, actor), notes, answers, opened };
    // Only hub staff see names of accounts.
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    const steps: DeliveryStep[] = [];
    for (const { name } of snapshot.members.values()) {
      const isAsked = own === undefined || (actor.kind === 'account' && name === actor.member);
      const places = name === 'hub' || !isAsked ? [] : placesFor(name, standing, snapshot);
      if (places.length === 0) continue;
      const ways = await this.#ways(name, channels, places, snapshot);
      const by = bringerOf(name, places, ways, known);
      const step = stepOf(name, places, by === undefined || isHub ? by : name, ways, known);
      const due = earliestDue(requests, places);
      steps.push({ ...step, ...(due === undefined ? {} : dueOf(due, step, clock.now())) });
    }
    return steps.toSorted((a, b) => (a.member < b.member ? -1 : 1));
  }

  /** Returns what the channels of a member have done with the object. */
  async #ways(
    member: string,
    channels: readonly Stored<ChannelRecord>[],
    places: readonly ObjectLocation[],
    snapshot: Snapshot,
  ): Promise<readonly Way[]> {
    const ways: Way[] = [];
    for (const channel of channels.map(channelOf)) {
      const place = places.find(({ collection }) => collection.id === channel.collection);
      if (channel.member !== member || place === undefined) continue;
      const state = stateOf(await CHANNEL_STATES.in(this.#s.store).get(channel.name));
      const item = itemOf(place.entry);
      const { kind } = await statusOnChannel(channel, state, item, place.collection, snapshot, this.#s);
      ways.push({ name: channel.name, kind });
    }
    return ways;
  }
}

/**
 * Returns the places that an officer reads of an object of another owner. Undefined for other callers, and for those
 * who may see the deliveries to all members.
 */
function ownMemberPlaces(
  actor: Principal,
  standing: readonly ObjectLocation[],
  snapshot: Snapshot,
): readonly ObjectLocation[] | undefined {
  const member = actor.kind === 'account' ? actor.member : undefined;
  if (member === undefined || !can(actor, 'delivery.explain', { kind: 'member', name: member }))
    return undefined;
  const read = standing.filter(({ collection }) =>
    can(actor, 'collection.read', { kind: 'collection', rights: snapshot.rights(actor, collection) }),
  );
  const owner = rightfulOwner(
    read.map(({ entry }) => entry),
    snapshot,
  );
  return read.length === 0 || owner === member ? undefined : read;
}

/** Returns the places of the object that the member may read, the oldest first. */
function placesFor(
  member: string,
  standing: readonly ObjectLocation[],
  snapshot: Snapshot,
): readonly GrantedPlace[] {
  return standing
    .flatMap((place) => {
      const grant = snapshot.grantFor(member, place.collection);
      return grant === undefined ? [] : [{ ...place, grant }];
    })
    .toSorted((a, b) => a.entry.added - b.entry.added);
}

/** Returns the account that fetched the object for the member, or the channel that delivered it. */
function bringerOf(
  member: string,
  places: readonly GrantedPlace[],
  ways: readonly Way[],
  { snapshot, notes }: Known,
): string | undefined {
  const reader = notes.find(
    (note) =>
      snapshot.accounts.get(note.account)?.member === member && places.some((place) => isServed(note, place)),
  );
  const account = reader === undefined ? undefined : snapshot.accountLabel(reader.account);
  const channel = ways.find(({ kind }) => kind === 'delivered')?.name;
  return account ?? (channel === undefined ? undefined : `channel ${channel}`);
}

/** Returns the latest known status for one member. */
function stepOf(
  member: string,
  places: readonly GrantedPlace[],
  by: string | undefined,
  ways: readonly Way[],
  { visible, answers, opened }: Known,
): DeliveryStep {
  const answer = answers.find(({ document }) => document.member === member)?.document;
  const look = opened.find(({ document }) => document.member === member)?.document;
  const arrived = ways.some(({ kind }) => kind === 'announced') ? 'announced' : 'available';
  const unanswered = look !== undefined ? 'opened' : by !== undefined ? 'delivered' : arrived;
  const [first] = places;
  // The owner sees which members have the object, but not collections and groups that the owner cannot list.
  const isSeen = first !== undefined && visible.collection(first.collection);
  return {
    member,
    state: answer?.answer ?? unanswered,
    where: isSeen ? nameOf(first.collection) : '',
    ...versionFact(newestOf(places)),
    available: taxiiTimestamp(first?.entry.added ?? 0),
    grant: isSeen ? (visible.grant(first.grant) ?? '') : '',
    ...(by === undefined ? {} : { delivered_by: by }),
    ...(look === undefined ? {} : { opened: look.at }),
    ...(answer === undefined
      ? {}
      : { answered: answer.at, answered_by: nameFor(visible, answer.by, member) }),
    ...(answer?.note === undefined ? {} : { note: answer.note }),
  };
}

/** Returns the newest version among the places of an object. */
function newestOf(places: readonly GrantedPlace[]): string {
  const [newest] = places
    .map(({ entry }) => entry.version)
    .toSorted((a, b) => (instantOf(a) < instantOf(b) ? 1 : -1));
  return newest ?? '';
}

/** Returns the requests for an object, also one that an earlier version stored. */
async function requestsFor(
  store: Pick<Store, 'record' | 'records'>,
  id: string,
): Promise<readonly AcknowledgementRequestRecord[]> {
  const requests = ACKNOWLEDGEMENT_REQUESTS.in(store);
  const [first, found] = await Promise.all([requests.get(id), requests.by('object', id)]);
  return [...(first === undefined ? [] : [first]), ...found.filter((one) => one.id !== id)].map(
    ({ document }) => document,
  );
}

/** Returns the first deadline of those who ask about an object in one of these places. */
function earliestDue(
  requests: readonly AcknowledgementRequestRecord[],
  places: readonly ObjectLocation[],
): number | undefined {
  const owners = new Set(places.map(({ entry }) => entry.owner));
  const asked = requests.filter(({ owner }) => owner === undefined || owners.has(owner));
  return asked.length === 0 ? undefined : Math.min(...asked.map(({ due }) => due));
}

function dueOf(due: number, { answered }: DeliveryStep, now: number): Pick<DeliveryStep, 'due' | 'overdue'> {
  return { due: new Date(due).toISOString(), overdue: answered === undefined && now > due };
}
