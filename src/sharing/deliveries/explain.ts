import { timeText } from '../../kernel/time-text.ts';
import type { Reason, Why } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import type { Stored } from '../../store/records.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, MemberInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Constituency } from '../../members/constituency.ts';
import type { StixObject } from '../../stix/types.ts';
import {
  ALL_REMOVALS,
  LAST_VERSION,
  type EntryFacts,
  type ReaderNote,
  type Store,
} from '../../store/store.ts';
import { statusOnChannel } from '../channels/delivered.ts';
import type { HeldObjects } from '../review/held-objects.ts';
import type { Basis } from '../reevaluation/basis.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import { ROUTING } from '../routing/model.ts';
import { CHANNELS, CHANNEL_STATES, channelOf, stateOf, type ChannelRecord } from '../channels/model.ts';
import { decidePassing } from '../routing/passing.ts';
import { contextOf } from '../routing/placing.ts';
import { reasonsNotRouted, distinct, nameOf } from '../routing/reasons.ts';
import { misfit, targetsOf } from '../routing/targets.ts';
import { VisibleNames, suggestion } from '../../access/visible-names.ts';
import { accessErrors } from '../../access/errors.ts';
import { suppressedReasons } from './suppressed-reasons.ts';

/** Maximum number of held objects that are examined. */
const MOST_HELD = 100;
/** Removals that are read to find out whether an object was removed. */
const REMOVAL_PAGE = 1_000;
const MOST_REMOVAL_PAGES = 200;

/** The answer to an officer about an object that the member cannot read, whether the hub has it or not. */
const NOT_READABLE: Reason = {
  code: 'not-readable',
  message: 'no collection that your member may read contains it',
  next_step:
    'The hub shows members only what they may read. If you expected this object, ask the hub, which can see all collections.',
};

/** An entry of the object in one collection. */
interface LocatedObject {
  readonly collection: CollectionInfo;
  readonly entry: EntryFacts;
  readonly object: StixObject;
}

/** Answers questions such as "why did Vanuatu not get this?". It uses the same policy and claims as routing. */
export class DeliveryExplanations {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ledger: { flush(): Promise<void> };
  readonly #clock: Clock;
  readonly #held: Pick<HeldObjects, 'heldOf'>;
  readonly #basis: Basis;
  readonly #suppressions: Pick<Suppressions, 'current'>;

  constructor(
    store: Store,
    directory: Directory,
    ledger: { flush(): Promise<void> },
    clock: Clock,
    held: Pick<HeldObjects, 'heldOf'>,
    basis: Basis,
    suppressions: Pick<Suppressions, 'current'>,
  ) {
    this.#basis = basis;
    this.#suppressions = suppressions;
    this.#held = held;
    this.#store = store;
    this.#directory = directory;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /**
   * Returns why a member has an object or does not have it, for hub staff and for officers of the member. Officers
   * learn only of collections that their member may read. Any other object looks like one that does not exist.
   */
  async why(actor: Principal, id: string, name: string): Promise<Why> {
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    if (!can(actor, 'delivery.explain', { kind: 'member', name }))
      throw accessErrors.notPermitted({ action: 'see the deliveries of other members' });
    const directory = await this.#directory.refresh();
    const member = memberNamed(directory, actor, name);
    await this.#ledger.flush();
    const standing = await this.#standing(id, directory);
    const reasons: Reason[] = [];
    if (!member.active)
      reasons.push({
        code: 'member-inactive',
        message: `${name} is not an active member, so it receives nothing`,
        ...(isHub ? { next_step: 'Make it active again. It then receives the waiting objects.' } : {}),
      });
    const readable = standing.filter(({ collection }) => directory.grantFor(name, collection) !== undefined);
    const notes = (await this.#store.readers()).filter(
      ({ account }) => directory.accounts.get(account)?.member === name,
    );
    const channels = (await CHANNELS.in(this.#store).whole()).filter(
      ({ document }) => document.member === name,
    );
    const suppressed = await this.#suppressions.current();
    const shown = isHub ? standing : readable;
    reasons.push(...distinct(shown.flatMap(({ object }) => suppressedReasons(object, suppressed, isHub))));
    let received = false;
    for (const place of readable) {
      const served = notes.filter((note) => isServed(note, place));
      const pushed = await this.#pushed(place, channels, directory);
      received ||= served.length > 0 || pushed.some(({ code }) => code === 'pushed');
      reasons.push(
        ...placeReasons(
          name,
          place,
          directory.grantFor(name, place.collection) ?? '',
          served,
          notes,
          directory,
        ),
      );
      reasons.push(...pushed);
    }
    if (readable.length === 0 && !isHub) reasons.push(NOT_READABLE);
    else if (readable.length === 0)
      reasons.push(
        ...(await this.#whyNot(id, member, standing, directory, VisibleNames.of(directory, actor))),
      );
    return {
      object: id,
      member: name,
      answer: received ? 'received' : readable.length > 0 ? 'available' : 'no',
      reasons,
    };
  }

  /** Returns what channels have done with the object. */
  async #pushed(
    { collection, entry, object }: LocatedObject,
    channels: readonly Stored<ChannelRecord>[],
    directory: Snapshot,
  ): Promise<readonly Reason[]> {
    const reasons: Reason[] = [];
    const services = { store: this.#store, clock: this.#clock };
    for (const record of channels) {
      const channel = channelOf(record);
      if (channel.collection !== collection.id) continue;
      const { name } = channel;
      const state = stateOf(await CHANNEL_STATES.in(this.#store).get(name));
      const item = { entry: { ...entry, text: '' }, object };
      const brought = await statusOnChannel(channel, state, item, collection, directory, services);
      const next = `talanoa channel show ${name}`;
      switch (brought.kind) {
        case 'delivered':
          reasons.push({ code: 'pushed', message: `the channel ${name} has delivered it` });
          break;
        case 'announced':
          reasons.push({ code: 'announced', message: `the channel ${name} has announced it, because its content must not be sent by email` }); // prettier-ignore
          break;
        case 'refused':
          reasons.push({
            code: 'dead-letter',
            message: `the receiver of the channel ${name} rejected it permanently: ${brought.message}`,
            next_step: next,
          });
          break;
        case 'behind':
          reasons.push({
            code: 'channel-behind',
            message: `the channel ${name} has not reached it yet${state.last_error === undefined ? '' : `: ${state.last_error}`}`,
            next_step: next,
          });
          break;
        case 'unwanted':
          reasons.push({ code: 'filtered-out', message: `the channel ${name} excludes it by its type, label, confidence or TLP level` }); // prettier-ignore
      }
    }
    return reasons;
  }

  async #standing(id: string, directory: Snapshot): Promise<readonly LocatedObject[]> {
    const found: LocatedObject[] = [];
    for (const collection of directory.collections.values()) {
      const { entries } = await this.#store.entries(
        { collection: collection.id, after: 0, limit: 1, ids: [id], versions: LAST_VERSION },
        true,
      );
      for (const entry of entries)
        found.push({ collection, entry, object: JSON.parse(entry.text ?? '{}') as StixObject });
    }
    return found;
  }

  async #whyNot(
    id: string,
    member: MemberInfo,
    standing: readonly LocatedObject[],
    directory: Snapshot,
    visible: VisibleNames,
  ): Promise<readonly Reason[]> {
    const held = await this.#held.heldOf(id, MOST_HELD);
    const waiting = held.map(({ id: heldId, reason, message, collection }) => ({
      code: 'held',
      message: `it has been on hold since it was submitted to ${nameOf(directory.collections.get(collection), collection)}: ${reason}: ${message}`,
      next_step: `talanoa held show ${heldId}`,
    }));
    const sources = standing.filter(({ collection }) => collection.ownOf === undefined);
    if (sources.length === 0)
      return waiting.length > 0
        ? waiting
        : [
            {
              code: 'unknown-object',
              message: 'the hub does not have it: it was never submitted, was rejected, or was removed',
              next_step: 'talanoa delivery lag shows refused requests, and talanoa audit list shows actions.',
            },
          ];
    const reasons: Reason[] = [...waiting];
    for (const source of sources) {
      reasons.push({
        code: 'no-grant',
        message: `it has been in ${nameOf(source.collection)} since ${timeText(Math.floor(source.entry.added / 1_000))}, which ${member.name} cannot read`,
        next_step: `If it should: talanoa grant create ${nameOf(source.collection)} member:${member.name} --read`,
      });
      reasons.push(...(await this.#notPassedOn(source, member, directory)));
      reasons.push(...(await this.#notRouted(source, member, directory, visible)));
    }
    return distinct(reasons);
  }

  /** Returns why rules have not forwarded the object to a collection that the member reads. */
  async #notPassedOn(
    { collection: source, entry, object }: LocatedObject,
    member: MemberInfo,
    directory: Snapshot,
  ): Promise<readonly Reason[]> {
    const reasons: Reason[] = [];
    for (const rule of directory.rules) {
      const target = directory.collections.get(rule.to);
      if (rule.from !== source.id || target === undefined) continue;
      if (directory.grantFor(member.name, target) === undefined) continue;
      const context = await contextOf(this.#store, source.id, [object], directory, this.#clock.now());
      const passing = decidePassing(object, entry, target, context);
      const why =
        misfit(rule, object, entry, directory) ??
        (passing.verdict === 'withheld' ? passing.message : 'routing has not processed it yet');
      reasons.push({
        code: 'rule',
        message: `the rule ${rule.name} forwards to ${nameOf(target)}, which ${member.name} reads, but it does not forward this object: ${why}`,
      });
    }
    return reasons;
  }

  /** Returns why routing has not placed the object with the member. */
  async #notRouted(
    { collection: source, entry, object }: LocatedObject,
    member: MemberInfo,
    directory: Snapshot,
    visible: VisibleNames,
  ): Promise<readonly Reason[]> {
    const target = member.collection === undefined ? undefined : directory.collections.get(member.collection);
    if (target === undefined)
      return [
        {
          code: 'no-own-collection',
          message: `${member.name} has no collection of its own in which the hub could place objects that affect it`,
          next_step: 'Give it one (collection: true).',
        },
      ];
    const constituency = Constituency.of(directory);
    const context = await contextOf(this.#store, source.id, [object], directory, this.#clock.now());
    const goes = targetsOf(object, entry, constituency, context);
    const concern = goes.some((one) => one.member === member.name)
      ? []
      : reasonsNotRouted(object, member, context, visible);
    if (concern.length > 0) return concern;
    const passing = decidePassing(object, entry, target, context);
    if (passing.verdict === 'withheld')
      return [
        {
          code: passing.reason,
          message: `it affects ${member.name}, but is withheld from its collection: ${passing.message}`,
        },
      ];
    return [await this.#neverPlaced(source, entry, member, target, directory)];
  }

  /** Returns why an object is not in a collection in which it may be placed, as far as the hub has evidence. */
  async #neverPlaced(
    source: CollectionInfo,
    entry: EntryFacts,
    member: MemberInfo,
    target: CollectionInfo,
    directory: Snapshot,
  ): Promise<Reason> {
    const cursor = (await ROUTING.in(this.#store).get(source.id))?.document;
    const isCurrent = cursor?.basis === this.#basis.of(directory, source);
    if (!isCurrent || cursor.added < entry.added)
      return {
        code: 'routing-behind',
        message: `it affects ${member.name} and may be placed there, but routing has not processed it yet${cursor === undefined || isCurrent ? '' : ' since the settings changed'}`,
        next_step: 'Try again in a few seconds.',
      };
    return (await this.#wasRemoved(target, entry))
      ? {
          code: 'removed',
          message: `it affects ${member.name} and was placed there, but it was removed`,
          next_step: 'The audit log shows who removed it.',
        }
      : {
          code: 'never-placed',
          message: `it affects ${member.name} and may be placed there, but the hub has no record that it ever was`,
          next_step: `To share it by hand, run: talanoa share with ${entry.id} ${member.name}`,
        };
  }

  /** Returns true if a tombstone shows that an object was removed after it came to the hub. */
  async #wasRemoved(target: CollectionInfo, { id, added }: EntryFacts): Promise<boolean> {
    let after = added;
    for (let page = 0; page < MOST_REMOVAL_PAGES; page++) {
      const query = { collection: target.id, after, limit: REMOVAL_PAGE, ...ALL_REMOVALS };
      const gone = await this.#store.removals(query);
      if (gone.some((one) => one.id === id)) return true;
      if (gone.length < REMOVAL_PAGE) return false;
      after = gone.at(-1)?.removed ?? after;
    }
    return false;
  }
}

/** Returns a member by name. Throws a Problem of kind not-found, with the closest name that the caller can list. */
export function memberNamed(directory: Snapshot, actor: Principal, name: string): MemberInfo {
  const member = name === 'hub' ? undefined : directory.members.get(name);
  if (member !== undefined) return member;
  throw accessErrors.memberNotFound(
    { name: name.slice(0, 60) },
    {
      ...suggestion(
        VisibleNames.of(directory, actor),
        'member',
        name,
        'To list the members, run: talanoa member list',
      ),
    },
  );
}

/** Returns true if a reader has read past an entry, as far as the hub can tell. */
export function isServed(
  { collection, kind, cursor, filters }: ReaderNote,
  { collection: place, entry }: Pick<LocatedObject, 'collection' | 'entry'>,
): boolean {
  return collection === place.id && kind === 'objects' && filters === '' && cursor >= entry.added;
}

function placeReasons(
  member: string,
  { collection, entry }: LocatedObject,
  grant: string,
  served: readonly ReaderNote[],
  notes: readonly ReaderNote[],
  directory: Snapshot,
): readonly Reason[] {
  const where = `it has been in ${nameOf(collection)} since ${timeText(Math.floor(entry.added / 1_000))}, which ${member} reads (${grant})`;
  const last = served.toSorted((a, b) => b.seen - a.seen)[0];
  if (last !== undefined)
    return [
      { code: 'available', message: where },
      {
        code: 'served',
        message: `${directory.accountLabel(last.account)} has read beyond it; last seen ${timeText(last.seen)}`,
      },
    ];
  const mine = notes.filter(
    ({ collection: read, kind }) => read === collection.id && kind !== 'lookup' && kind !== 'key',
  );
  const latest = mine.toSorted((a, b) => b.seen - a.seen)[0];
  return [
    { code: 'available', message: where },
    latest === undefined
      ? {
          code: 'never-polled',
          message: `no account of ${member} has ever read that collection`,
          next_step: 'Check that its tool is running, with the right address and key: talanoa delivery lag',
        }
      : {
          code: 'behind',
          message: `${directory.accountLabel(latest.account)} has not reached it, as far as the hub can tell; last seen ${timeText(latest.seen)}`,
          next_step: 'To see the progress of each reader, run: talanoa delivery lag',
        },
  ];
}
