import { TRIAGE } from '../shares/model.ts';
import { ANSWER_RECORDS } from './model.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { PUBLIC, principalName, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { tlpOf, type Tlp } from '../../stix/markings.ts';
import { instantOf, taxiiTimestamp } from '../../stix/timestamps.ts';
import type { Stored } from '../../store/records.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import {
  recipientOf,
  type Answer,
  type AnswerLinks,
  type LinkPurpose,
} from '../channels/email/answer-links.ts';
import { CHANNELS, channelOf, type ChannelRecord } from '../channels/model.ts';
import { noObject } from '../reading/outlet.ts';
import { nameOf } from '../routing/reasons.ts';
import { MOST_OPEN, triageChange } from '../shares/triage.ts';
import { locationsOf, type ObjectLocation } from './object-locations.ts';
import { accessErrors } from '../../access/errors.ts';

/** The content of the page behind a link in an email. */
export interface LinkShown {
  readonly does: LinkPurpose['does'];
  readonly member: string;
  readonly tlp?: Tlp;
  readonly added?: string;
}

interface ResponseParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly links: AnswerLinks;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
}

/** The answers of members to objects, given by the API or by a link in an email. */
export class Responses {
  readonly #s: ResponseParts;

  constructor(parts: ResponseParts) {
    this.#s = parts;
  }

  /** Records a member's answer: acknowledged, not ours, or false positive. The last answer counts. */
  async answer(actor: Principal, id: string, answer: Answer, note?: string): Promise<void> {
    const { store, directory } = this.#s;
    const snapshot = await directory.current();
    const member = actor.kind === 'account' ? actor.member : undefined;
    const place = (await locationsOf(store, id, snapshot)).find(({ collection }) =>
      can(actor, 'object.answer', { kind: 'collection', rights: snapshot.rights(actor, collection) }),
    );
    if (place === undefined) throw noObject(id);
    if (member === undefined)
      throw accessErrors.notPermitted(
        { action: 'acknowledge objects' },
        {
          description: 'Only members acknowledge objects, and you act for the hub.',
          hint: 'Use an account of your member: talanoa login URL. Then add --hub URL to the command.',
        },
      );
    await store.commit(
      await this.#answered(actor, member, place, { answer, by: principalName(actor) }, note),
    );
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
    if (channel.document.paused !== undefined) return true;
    const paused = {
      by: 'its recipient',
      at: new Date(clock.now()).toISOString(),
      reason: 'unsubscribed with the link in an email',
    };
    await store.commit({
      records: [CHANNELS.change(channel, { ...channel.document, paused })],
      facts: [audit.fact(PUBLIC, 'channel.pause', `channel/${channel.id}`, { member })],
    });
    return true;
  }

  /** Returns the changes that record an answer. "Not ours" and "false positive" also go to the triage queue. */
  async #answered(
    actor: Principal,
    member: string,
    { collection, entry }: ObjectLocation,
    given: { readonly answer: Answer; readonly by: string },
    note?: string,
  ): Promise<Parameters<Store['commit']>[0]> {
    const { store, clock, audit, log } = this.#s;
    const key = `${member}/${entry.id}`;
    const before = await ANSWER_RECORDS.in(store).get(key);
    const document = {
      member,
      object: entry.id,
      version: entry.version,
      ...given,
      at: new Date(clock.now()).toISOString(),
      ...(note === undefined ? {} : { note }),
    };
    const records: RecordChange[] = [ANSWER_RECORDS.put(key, before, document)];
    if (given.answer !== 'acknowledged') {
      const message = given.answer === 'not-ours' ? `${member} says that it is not affected` : `${member} says that it is a false positive`; // prettier-ignore
      const { version } = entry;
      const change = triageChange(
        { source: collection.id, object: entry.id, reason: given.answer, member, version, message },
        clock.now(),
      );
      const known = await TRIAGE.in(store).get(change.id);
      // An answer about a version that hub staff decided on opens nothing: the links in an email work for sixty days.
      if (known === undefined || isNewer(version, known.document.version ?? before?.document.version)) {
        const isOpen = known?.document.state === 'open';
        const open = isOpen ? [] : await TRIAGE.in(store).by('state', 'open', { limit: MOST_OPEN });
        if (isOpen) records.push(TRIAGE.change(known, { ...known.document, version }));
        else if (open.length < MOST_OPEN) records.push({ ...change, expected: known?.revision ?? 0 });
        else log.warn('triage.full', { collection: nameOf(collection) });
      }
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
        readonly channel: Stored<ChannelRecord>;
        readonly place: ObjectLocation | undefined;
      }
    | undefined
  > {
    const { store, directory, links } = this.#s;
    const purpose = links.read(token);
    const channel = purpose === undefined ? undefined : await CHANNELS.in(store).get(purpose.channel);
    if (purpose === undefined || channel === undefined) return undefined;
    const snapshot = await directory.current();
    const { member, collection: id, url } = channelOf(channel);
    // The email went to the recipient of an earlier channel of this name.
    if (purpose.to !== recipientOf({ member, url })) return undefined;
    const collection = snapshot.collections.get(id);
    // A member that may no longer read the collection may no longer answer either.
    if (collection === undefined || snapshot.grantFor(member, collection) === undefined) return undefined;
    if (purpose.does === 'stop') return { purpose, member, channel, place: undefined };
    const [entry] = (await store.placed([{ collection: id, added: purpose.added }])).entries;
    return entry === undefined ? undefined : { purpose, member, channel, place: { collection, entry } };
  }
}

function isNewer(version: string, than: string | undefined): boolean {
  return than !== undefined && instantOf(version) > instantOf(than);
}
