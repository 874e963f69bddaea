import { isInReach } from '../../access/keys/limits.ts';
import { can } from '../../access/rights.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { PUBLIC, memberOf, principalName, type Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Mail } from '../../kernel/mailer.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { tlpLabel, tlpOf, type Tlp } from '../../stix/markings.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import {
  LAST_VERSION,
  type EntryFacts,
  type HubRecord,
  type RecordChange,
  type Store,
} from '../../store/store.ts';
import {
  recipientOf,
  type Answer,
  type AnswerLinks,
  type LinkPurpose,
} from '../channels/email/answer-links.ts';
import { broughtBy, type Brought } from '../channels/delivered.ts';
import { channelOf, stateOf } from '../channels/model.ts';
import { rightfulOwner } from '../intake/owner.ts';
import { noObject } from '../reading/outlet.ts';
import { itemOf } from '../routing/placing.ts';
import { nameOf } from '../routing/reasons.ts';
import { MOST_OPEN, triageChange } from '../shares/triage.ts';
import { isServed } from './explain.ts';

/** The delivery status of an object for one member. */
export interface DeliveryStep {
  readonly member: string;
  /**
   * The latest known status: the object is available, was announced by email, was delivered, was opened by a person, or
   * was answered.
   */
  readonly state: 'available' | 'announced' | 'delivered' | 'opened' | Answer;
  /** The collection in which the object is available, since when, and by which grant. */
  readonly where: string;
  readonly available: string;
  readonly grant: string;
  /** The account that fetched the object or the channel that delivered it, as far as the hub can tell. */
  readonly delivered_by?: string;
  readonly opened?: string;
  readonly answered?: string;
  readonly answered_by?: string;
  readonly note?: string;
  /** The time until which an answer is requested. */
  readonly due?: string;
  readonly overdue?: boolean;
}

/** What the page behind a link in an email shows. */
export interface LinkShown {
  readonly does: LinkPurpose['does'];
  readonly member: string;
  readonly tlp?: Tlp;
  readonly added?: string;
}

export interface AnswerServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: { flush(): Promise<void> };
  readonly links: AnswerLinks;
  readonly mailer: { send(mail: Mail): Promise<void> } | undefined;
  readonly hub: { readonly title: string; readonly url: () => string };
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
}

/** Number of opened objects that are remembered in memory, so that opening them again costs nothing. */
const MOST_OPENED = 10_000;
/** Maximum number of objects for which answers are requested at the same time. */
const MOST_DEMANDS = 1_000;
/** A deadline may be at most this far in the future. */
const LONGEST_MS = 90 * 86_400_000;

/**
 * Returns the name of the account that answered, for a caller who may list the account. Other callers see the
 * member.
 */
function nameFor(visible: VisibleNames, by: string, member: string): string {
  return visible.actor(by) === by ? by : member;
}

interface Standing {
  readonly collection: CollectionInfo;
  readonly entry: EntryFacts & { readonly text?: string };
}

/**
 * The delivery status of objects for their readers: available, delivered, opened, answered. Also requests for answers.
 */
export class Answers {
  readonly #s: AnswerServices;
  readonly #opened = new Set<string>();

  constructor(services: AnswerServices) {
    this.#s = services;
  }

  /**
   * Returns the delivery status of an object for each member that may read it. Only hub staff and the owner of the
   * object may see this.
   */
  async log(actor: Principal, id: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, ledger, clock } = this.#s;
    const snapshot = await directory.refresh();
    const standing = this.#ownPlaces(
      actor,
      id,
      (await this.#standing(id, snapshot)).filter(({ collection }) => isInReach(actor, collection.id)),
      snapshot,
      'delivery.read',
    );
    await ledger.flush();
    const [notes, channels, answers, opened, demand] = await Promise.all([
      store.readers(),
      store.records('channel'),
      store.records('answer', { index: { name: 'object', value: id } }),
      store.records('opened', { index: { name: 'object', value: id } }),
      store.record('answer-demand', id),
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
      const answer = answers.find(({ document }) => document['member'] === member.name)?.document;
      const look = opened.find(({ document }) => document['member'] === member.name)?.document;
      const way =
        (reader === undefined ? undefined : snapshot.accountLabel(reader.account)) ??
        (channel === undefined ? undefined : `channel ${channel}`);
      const isAnnounced = ways.some(({ kind }) => kind === 'announced');
      // Only hub staff see names of accounts.
      const by = way === undefined || isHub ? way : member.name;
      const due = demand === undefined ? undefined : Number(demand.document['due']);
      steps.push({
        member: member.name,
        state:
          (answer?.['answer'] as Answer | undefined) ??
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
        ...(look === undefined ? {} : { opened: String(look['at']) }),
        ...(answer === undefined
          ? {}
          : {
              answered: String(answer['at']),
              answered_by: nameFor(visible, String(answer['by']), member.name),
            }),
        ...(typeof answer?.['note'] === 'string' ? { note: answer['note'] } : {}),
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
    channels: readonly HubRecord[],
    places: readonly Standing[],
    snapshot: Snapshot,
  ): Promise<readonly { readonly name: string; readonly kind: Brought['kind'] }[]> {
    const ways: { name: string; kind: Brought['kind'] }[] = [];
    for (const channel of channels.map(channelOf)) {
      const place = places.find(({ collection }) => collection.id === channel.collection);
      if (channel.member !== member || place === undefined) continue;
      const state = stateOf(await this.#s.store.record('channel-state', channel.name));
      const item = itemOf(place.entry);
      const { kind } = await broughtBy(channel, state, item, place.collection, snapshot, this.#s);
      ways.push({ name: channel.name, kind });
    }
    return ways;
  }

  /** Requests an answer from everybody who may read an object, until a deadline. */
  async demand(actor: Principal, id: string, until: string): Promise<readonly DeliveryStep[]> {
    const { store, directory, clock, audit } = this.#s;
    const snapshot = await directory.refresh();
    this.#ownPlaces(actor, id, await this.#standing(id, snapshot), snapshot, 'answer.demand');
    const due = Date.parse(until);
    if (Number.isNaN(due) || due <= clock.now() || due > clock.now() + LONGEST_MS)
      throw new Problem('invalid-content', 'The deadline must lie in the next 90 days', {
        hint: 'Write it as 2026-01-15T00:00:00Z.',
        code: 'TLN-D-422',
      });
    const before = await store.record('answer-demand', id);
    const open = await store.records('answer-demand', { index: { name: 'state', value: 'open' }, limit: MOST_DEMANDS }); // prettier-ignore
    if (before === undefined && open.length >= MOST_DEMANDS)
      throw new Problem('conflict', `Answers to ${MOST_DEMANDS} objects are asked for already`, {
        hint: 'Ask again when their deadlines have passed.',
        code: 'TLN-D-409',
      });
    await store.commit({
      records: [
        {
          kind: 'answer-demand',
          id,
          expected: before?.revision ?? 0,
          document: { object: id, due, by: principalName(actor), at: new Date(clock.now()).toISOString() },
          index: { state: 'open' },
        },
      ],
      facts: [audit.fact(actor, 'answer.demand', `object/${id}`, { details: { until } })],
    });
    return this.log(actor, id);
  }

  /** Records a member's answer: acknowledged, not ours, or false positive. The last answer counts. */
  async answer(actor: Principal, id: string, answer: Answer, note?: string): Promise<void> {
    const { store, directory } = this.#s;
    const snapshot = await directory.current();
    const member = actor.kind === 'account' ? actor.member : undefined;
    const place = (await this.#standing(id, snapshot)).find(({ collection }) =>
      can(actor, 'object.answer', { kind: 'collection', rights: snapshot.rights(actor, collection) }),
    );
    if (place === undefined) throw noObject(id);
    if (member === undefined)
      throw new Problem('forbidden', 'Members answer', {
        description: 'You act for the hub.',
        code: 'TLN-A-403',
      });
    await store.commit(
      await this.#answered(actor, member, place, { answer, by: principalName(actor) }, note),
    );
  }

  /** Records that a person of a member has opened an object. */
  async opened(actor: Principal, id: string): Promise<void> {
    if (actor.kind !== 'account' || !actor.person || actor.member === undefined) return;
    const key = `${actor.member}/${id}`;
    if (this.#opened.has(key)) return;
    const { store, clock, log } = this.#s;
    if ((await store.record('opened', key)) === undefined)
      try {
        const at = new Date(clock.now()).toISOString();
        await store.commit({
          records: [
            {
              kind: 'opened',
              id: key,
              expected: 0,
              document: { member: actor.member, object: id, by: principalName(actor), at },
              index: { object: id, member: actor.member },
            },
          ],
        });
      } catch (error) {
        // Reading continues even if nothing can be written, or if somebody else of the same member opened it first.
        if (!(error instanceof Problem) || error.kind !== 'conflict')
          log.warn('opened.not_written', { reason: reasonOf(error) });
        return;
      }
    if (this.#opened.size >= MOST_OPENED) this.#opened.clear();
    this.#opened.add(key);
  }

  /**
   * Returns the purpose of a link in an email. Undefined if the link is forged, has expired, or its channel no longer
   * exists.
   */
  async find(token: string): Promise<LinkShown | undefined> {
    const found = await this.#followed(token);
    if (found === undefined) return undefined;
    const { purpose, member, place } = found;
    return {
      does: purpose.does,
      member,
      ...(place === undefined
        ? {}
        : { tlp: tlpOf(place.entry.level), added: taxiiTimestamp(place.entry.added) }),
    };
  }

  /** Performs the action of a link in an email. Returns false if the link is no longer valid. */
  async follow(token: string): Promise<boolean> {
    const found = await this.#followed(token);
    if (found === undefined) return false;
    const { store, clock, audit } = this.#s;
    const { purpose, member, place, channel } = found;
    if (purpose.does !== 'stop') {
      if (place === undefined) return false;
      const by = `mail of ${purpose.channel}`;
      await store.commit(await this.#answered(PUBLIC, member, place, { answer: purpose.does, by }));
      return true;
    }
    if (channel.document['paused'] !== undefined) return true;
    const paused = {
      by: 'its recipient',
      at: new Date(clock.now()).toISOString(),
      reason: 'ended by the link in a mail',
    };
    await store.commit({
      records: [
        {
          kind: 'channel',
          id: channel.id,
          expected: channel.revision,
          document: { ...channel.document, paused },
        },
      ],
      facts: [audit.fact(PUBLIC, 'channel.pause', `channel/${channel.id}`, { member })],
    });
    return true;
  }

  /**
   * Reminds members that have not answered in time, once, by email if they have an email channel. Also writes a log
   * event.
   */
  async remind(): Promise<number> {
    const { store, directory, clock, log, mailer, hub, links } = this.#s;
    const open = await store.records('answer-demand', { index: { name: 'state', value: 'open' } });
    let reminded = 0;
    for (const demand of open.filter(({ document }) => Number(document['due']) <= clock.now())) {
      const id = demand.id;
      const snapshot = await directory.current();
      const standing = await this.#standing(id, snapshot);
      const answers = await store.records('answer', { index: { name: 'object', value: id } });
      const channels = (await store.records('channel')).map(channelOf);
      for (const { name: member } of snapshot.members.values()) {
        const place = standing.find(({ collection }) => snapshot.grantFor(member, collection) !== undefined);
        const isDone = answers.some(({ document }) => document['member'] === member);
        if (member === 'hub' || place === undefined || isDone) continue;
        log.warn('answer.overdue', { member, object: id });
        const channel = channels.find(
          (one) => one.kind === 'mail' && one.member === member && one.paused === undefined,
        );
        if (channel === undefined || mailer === undefined) continue;
        const own = standing.find(({ collection }) => collection.id === channel.collection);
        try {
          await mailer.send({
            to: [channel.url.slice('mailto:'.length)],
            subject: `[TLP:CLEAR] ${hub.title}: an answer is overdue`,
            text: [
              `${hub.title} asked for an answer until ${new Date(Number(demand.document['due'])).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
              `It is about an item of ${tlpLabel(tlpOf(place.entry.level))} that was added ${taxiiTimestamp(place.entry.added).slice(0, 16).replace('T', ' ')} UTC.`,
              '',
              ...(own === undefined
                ? []
                : [
                    `Got it: ${links.make({ channel: channel.name, to: recipientOf(channel), added: own.entry.added, does: 'acknowledged' })}`,
                  ]),
              hub.url(),
              '',
            ].join('\n'),
            headers: { 'Auto-Submitted': 'auto-generated', 'X-TLP': 'TLP:CLEAR' },
          });
          reminded++;
        } catch (error) {
          log.warn('answer.not_reminded', { member, reason: reasonOf(error) });
        }
      }
      await store.commit({
        records: [
          {
            kind: 'answer-demand',
            id,
            expected: demand.revision,
            document: { ...demand.document, reminded: new Date(clock.now()).toISOString() },
            index: { state: 'reminded' },
          },
        ],
      });
    }
    return reminded;
  }

  /** Returns the changes that record an answer. "Not ours" and "false positive" also go to the triage queue. */
  async #answered(
    actor: Principal,
    member: string,
    { collection, entry }: Standing,
    given: { readonly answer: Answer; readonly by: string },
    note?: string,
  ): Promise<Parameters<Store['commit']>[0]> {
    const { store, clock, audit, log } = this.#s;
    const key = `${member}/${entry.id}`;
    const before = await store.record('answer', key);
    const document = {
      member,
      object: entry.id,
      version: entry.version,
      ...given,
      at: new Date(clock.now()).toISOString(),
      ...(note === undefined ? {} : { note }),
    };
    const records: RecordChange[] = [
      {
        kind: 'answer',
        id: key,
        expected: before?.revision ?? 0,
        document,
        index: { object: entry.id, member },
      },
    ];
    if (given.answer !== 'acknowledged') {
      const message = given.answer === 'not-ours' ? `${member} says that it is not its own` : `${member} says that it is a false alarm`; // prettier-ignore
      const change = triageChange(
        { source: collection.id, object: entry.id, reason: given.answer, member, message },
        clock.now(),
      );
      const known = await store.record('triage', change.id);
      const open = await store.records('triage', {
        index: { name: 'state', value: 'open' },
        limit: MOST_OPEN,
      });
      if (known !== undefined || open.length < MOST_OPEN)
        records.push({ ...change, expected: known?.revision ?? 0 });
      else log.warn('triage.full', { collection: nameOf(collection) });
    }
    return {
      records,
      facts: [
        audit.fact(actor, 'answer.give', `object/${entry.id}`, {
          member,
          details: { answer: given.answer, by: given.by },
        }),
      ],
    };
  }

  async #followed(token: string): Promise<
    | {
        readonly purpose: LinkPurpose;
        readonly member: string;
        readonly channel: HubRecord;
        readonly place: Standing | undefined;
      }
    | undefined
  > {
    const { store, directory, links } = this.#s;
    const purpose = links.read(token);
    const channel = purpose === undefined ? undefined : await store.record('channel', purpose.channel);
    if (purpose === undefined || channel === undefined) return undefined;
    const snapshot = await directory.current();
    const { member, collection: id, url } = channelOf(channel);
    // The email went to the recipient of an earlier channel of this name.
    if (purpose.to !== recipientOf({ member, url })) return undefined;
    const collection = snapshot.collections.get(id);
    // A member that may no longer read the collection may no longer answer either.
    if (collection === undefined || snapshot.grantFor(member, collection) === undefined) return undefined;
    if (purpose.does === 'stop') return { purpose, member, channel, place: undefined };
    const [entry] = await store.placed([{ collection: id, added: purpose.added }]);
    return entry === undefined ? undefined : { purpose, member, channel, place: { collection, entry } };
  }

  async #standing(id: string, snapshot: Snapshot): Promise<readonly Standing[]> {
    const found: Standing[] = [];
    for (const collection of snapshot.collections.values()) {
      const { entries } = await this.#s.store.entries(
        { collection: collection.id, after: 0, limit: 1, ids: [id], versions: LAST_VERSION },
        true,
      );
      for (const entry of entries) found.push({ collection, entry });
    }
    return found;
  }

  /**
   * Returns the places of an object that hub staff, or its owner, may ask about. For other callers the object
   * does not exist or belongs to somebody else. Objects that others store under the same id, where the owner
   * cannot read, do not change the answer to the owner.
   */
  #ownPlaces(
    actor: Principal,
    id: string,
    standing: readonly Standing[],
    snapshot: Snapshot,
    action: 'delivery.read' | 'answer.demand',
  ): readonly Standing[] {
    // A deadline applies to all readers of the object, so a key that is limited to some of its collections
    // cannot set one.
    const rights = {
      read: standing.every(({ collection }) => isInReach(actor, collection.id)),
      write: false,
    };
    const reads = ({ collection }: Standing): boolean =>
      can(actor, 'collection.read', { kind: 'collection', rights: snapshot.rights(actor, collection) });
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    const known = standing.filter((place) => isHub || reads(place) || place.entry.owner === memberOf(actor));
    const owner = rightfulOwner(
      known.map(({ entry }) => entry),
      snapshot,
    );
    const owners = owner === undefined ? [] : [owner];
    if (known.length > 0 && can(actor, action, { kind: 'object', rights, owners }))
      return isHub ? known : known.filter(({ entry }) => entry.owner === owner);
    const sees = standing.some(({ collection }) =>
      can(actor, 'collection.read', { kind: 'collection', rights: snapshot.rights(actor, collection) }),
    );
    if (!sees && !can(actor, 'hub.read', { kind: 'hub' })) throw noObject(id);
    if (standing.length === 0) throw noObject(id);
    throw new Problem('forbidden', 'Only the hub, and whose it is, see who has it', { code: 'TLN-A-403' });
  }
}
