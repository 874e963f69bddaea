import type { DeliveryLog as StepList } from '../../api/schema-types.ts';
import { ANSWER_DEMANDS, ANSWER_RECORDS, OPENED } from './model.ts';
import { isInReach } from '../../access/keys/limits.ts';
import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { broughtBy, type Brought } from '../channels/delivered.ts';
import { CHANNELS, CHANNEL_STATES, channelOf, stateOf, type ChannelRecord } from '../channels/model.ts';
import { itemOf } from '../routing/placing.ts';
import { nameOf } from '../routing/reasons.ts';
import { isServed } from './explain.ts';
import { ownPlaces, placesOf, type Standing } from './standing.ts';

/** The delivery status of an object for one member. */
export type DeliveryStep = StepList['items'][number];

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
   * Returns the delivery status of an object for each member that may read it. Only hub staff and the owner of the
   * object may see this.
   */
  async log(actor: Principal, id: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, ledger, clock } = this.#s;
    const snapshot = await directory.refresh();
    const standing = ownPlaces(
      actor,
      id,
      (await placesOf(store, id, snapshot)).filter(({ collection }) => isInReach(actor, collection.id)),
      snapshot,
      'delivery.read',
    );
    await ledger.flush();
    const [notes, channels, answers, opened, demand] = await Promise.all([
      store.readers(),
      CHANNELS.in(store).list(),
      ANSWER_RECORDS.in(store).by('object', id),
      OPENED.in(store).by('object', id),
      ANSWER_DEMANDS.in(store).get(id),
    ]);
    const steps: DeliveryStep[] = [];
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    const visible = VisibleNames.of(snapshot, actor);
    for (const member of snapshot.members.values()) {
      if (member.name === 'hub') continue;
      const places = standing.flatMap((place) => {
        const grant = snapshot.grantFor(member.name, place.collection);
        return grant === undefined ? [] : [{ ...place, grant }];
      });
      const [first] = places.toSorted((a, b) => a.entry.added - b.entry.added);
      if (first === undefined) continue;
      const reader = notes.find(
        (note) =>
          snapshot.accounts.get(note.account)?.member === member.name &&
          places.some((place) => isServed(note, place)),
      );
      const ways = await this.#ways(member.name, channels, places, snapshot);
      const channel = ways.find(({ kind }) => kind === 'brought')?.name;
      const answer = answers.find(({ document }) => document.member === member.name)?.document;
      const look = opened.find(({ document }) => document.member === member.name)?.document;
      const way =
        (reader === undefined ? undefined : snapshot.accountLabel(reader.account)) ??
        (channel === undefined ? undefined : `channel ${channel}`);
      const isAnnounced = ways.some(({ kind }) => kind === 'announced');
      // Only hub staff see names of accounts.
      const by = way === undefined || isHub ? way : member.name;
      const due = demand === undefined ? undefined : demand.document.due;
      steps.push({
        member: member.name,
        state:
          answer?.answer ??
          (look !== undefined
            ? 'opened'
            : by !== undefined
              ? 'delivered'
              : isAnnounced
                ? 'announced'
                : 'available'),
        // The owner sees which members have the object, but not collections and groups that the owner cannot list.
        where: visible.collection(first.collection) ? nameOf(first.collection) : '',
        available: taxiiTimestamp(first.entry.added),
        grant: visible.collection(first.collection) ? (visible.grant(first.grant) ?? '') : '',
        ...(by === undefined ? {} : { delivered_by: by }),
        ...(look === undefined ? {} : { opened: look.at }),
        ...(answer === undefined
          ? {}
          : {
              answered: answer.at,
              answered_by: nameFor(visible, answer.by, member.name),
            }),
        ...(answer?.note === undefined ? {} : { note: answer.note }),
        ...(due === undefined
          ? {}
          : {
              due: new Date(due).toISOString(),
              overdue: answer === undefined && clock.now() > due,
            }),
      });
    }
    return steps.toSorted((a, b) => (a.member < b.member ? -1 : 1));
  }

  /** Returns what the channels of a member have done with the object. */
  async #ways(
    member: string,
    channels: readonly Stored<ChannelRecord>[],
    places: readonly Standing[],
    snapshot: Snapshot,
  ): Promise<readonly { readonly name: string; readonly kind: Brought['kind'] }[]> {
    const ways: { name: string; kind: Brought['kind'] }[] = [];
    for (const channel of channels.map(channelOf)) {
      const place = places.find(({ collection }) => collection.id === channel.collection);
      if (channel.member !== member || place === undefined) continue;
      const state = stateOf(await CHANNEL_STATES.in(this.#s.store).get(channel.name));
      const item = itemOf(place.entry);
      const { kind } = await broughtBy(channel, state, item, place.collection, snapshot, this.#s);
      ways.push({ name: channel.name, kind });
    }
    return ways;
  }
}
