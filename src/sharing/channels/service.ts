import type { Channel as ChannelListed, DeadLettersRequest } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { isOperator, principalName, readingBack, type Principal } from '../../access/principal.ts';
import { demandLasting } from '../../access/keys/limits.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { withoutFields, type Stored } from '../../store/records.ts';
import { ALL_VERSIONS, removal, type Store } from '../../store/store.ts';
import {
  BROKEN_MS,
  CHANNELS,
  CHANNEL_STATES,
  channelOf,
  hostOf,
  secretHostsOf,
  stateOf,
  without,
  type ChannelRecord,
  type ChannelRequest,
  type ChannelState,
  type DeadLetter,
  type Channel,
} from './model.ts';
import { demandManaged, managedBy } from '../../access/managed.ts';
import { demandAddress, demandApplication } from './addresses.ts';
import { channelErrors } from './errors.ts';
import { forgetPushed } from './microsoft/pushed.ts';
import { secretOf, type SendServices } from './send.ts';
import { accessErrors } from '../../access/errors.ts';
import { versionFact } from '../../stix/versions.ts';

const MOST_COUNTED = 1_000;
/** Maximum number of dead letters that wait to be sent again. */
const MOST_AGAIN = 100;

export interface ChannelAdminServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly clock: Clock;
  /** True if a mail server is configured. */
  readonly hasMail: boolean;
  /** Throws if a variable or file of the hub's machine cannot be used as a secret for a host. */
  readonly permit: (reference: string, host: string) => void;
  /** Wakes the delivery loop. */
  readonly notify: () => void;
  readonly secret: SendServices['secret'];
  readonly refreshSecrets: SendServices['refreshSecrets'];
}

/** Management of channels: create, pause, replay, and show their status. */
export class ChannelAdmin {
  readonly #s: ChannelAdminServices;

  constructor(services: ChannelAdminServices) {
    this.#s = services;
  }

  async #state(name: string): Promise<ChannelState> {
    return stateOf(await CHANNEL_STATES.in(this.#s.store).get(name));
  }

  async list(actor: Principal): Promise<readonly ChannelListed[]> {
    const directory = await this.#s.directory.refresh();
    const records = (await CHANNELS.in(this.#s.store).whole()).filter(({ document }) =>
      can(actor, 'member.read', { kind: 'member', name: document.member }),
    );
    const visible = VisibleNames.of(directory, actor);
    if (records.length > 0) await this.#s.refreshSecrets();
    return Promise.all(records.map((record) => this.#listed(record, directory, visible)));
  }

  async get(actor: Principal, name: string): Promise<ChannelListed> {
    const channels = await this.list(actor);
    const found = channels.find((channel) => channel.name === name);
    if (found !== undefined) return found;
    throw channelErrors.notFound({ name: name.slice(0, 64) });
  }

  async #listed(
    record: Stored<ChannelRecord>,
    directory: Snapshot,
    visible: VisibleNames,
  ): Promise<ChannelListed> {
    const { clock, store } = this.#s;
    const channel = channelOf(record);
    const state = await this.#state(channel.name);
    const collection = directory.collections.get(channel.collection);
    const granted = collection !== undefined && directory.grantFor(channel.member, collection) !== undefined;
    // A collection that the member can no longer read has no backlog for the member, and its name is not
    // shown.
    const isSeen = collection !== undefined && visible.collection(collection);
    const { entries, more } =
      granted || isSeen
        ? await store.entries(
            {
              collection: channel.collection,
              after: state.cursor,
              limit: MOST_COUNTED,
              versions: ALL_VERSIONS,
            },
            false,
          )
        : { entries: [], more: false };
    const [first] = entries;
    const failing = state.failures > 0;
    const { fault } = secretOf(channel, this.#s);
    return {
      name: channel.name,
      member: channel.member,
      kind: channel.kind,
      url: channel.url,
      collection:
        collection !== undefined && !granted && !isSeen ? '' : (collection?.alias ?? channel.collection),
      state: stateWord(channel, state, granted, first !== undefined, clock.now()),
      delivered: state.delivered,
      waiting: entries.length,
      more,
      ...(first === undefined ? {} : { waiting_since: taxiiTimestamp(first.added) }),
      ...(state.last_ok === undefined ? {} : { last_ok: state.last_ok }),
      ...(state.last_error === undefined ? {} : { last_error: state.last_error }),
      ...(fault === undefined || fault === state.last_error ? {} : { problem: fault }),
      ...(failing && state.next_at !== undefined ? { next_try: new Date(state.next_at).toISOString() } : {}),
      ...(channel.kind === 'mail' ? { every: channel.every ?? 'day' } : {}),
      ...(state.digest_at === undefined ? {} : { next_digest: new Date(state.digest_at).toISOString() }),
      dead_letters: state.dead.map(({ version, ...dead }) => ({ ...dead, ...versionFact(version) })),
      ...(channel.paused === undefined ? {} : { paused: channel.paused }),
      managed: managedBy(record),
    };
  }

  async create(actor: Principal, request: ChannelRequest): Promise<ChannelListed> {
    this.#demand(actor);
    demandLasting(actor, 'channel.create');
    const { store, directory, audit } = this.#s;
    demandAddress(request);
    if (request.kind === 'mail' && !this.#s.hasMail) throw channelErrors.noMailServer();
    const snapshot = await directory.refresh();
    const member = request.member === 'hub' ? undefined : snapshot.members.get(request.member);
    if (member === undefined) throw accessErrors.memberNotFound({ name: request.member.slice(0, 60) });
    const collection = this.#collectionOf(actor, request, snapshot);
    demandSecret(actor, request.secret);
    demandApplication(request);
    if (request.secret !== undefined)
      for (const host of secretHostsOf(request)) this.#s.permit(request.secret, host);
    if (request.kind === 'webhook' && request.secret === undefined) throw channelErrors.secretRequired();
    if (await CHANNELS.in(store).get(request.name)) throw channelErrors.exists({ name: request.name });
    const state = await CHANNEL_STATES.in(store).get(request.name);
    // An earlier channel of this name may have sent values to another tenant.
    await forgetPushed(store, request.name);
    await store.commit({
      records: [
        CHANNELS.insert(request.name, { ...request, collection: collection.id, managed: 'hub' }),
        // A channel that reuses a name starts from the beginning.
        ...(state === undefined ? [] : [removal(state)]),
      ],
      facts: [
        audit.fact(actor, 'channel.create', `channel/${request.name}`, {
          member: request.member,
          details: { kind: request.kind, host: hostOf(request.url), collection: collection.id },
        }),
      ],
    });
    this.#s.notify();
    return this.get(readingBack(actor), request.name);
  }

  #collectionOf(
    actor: Principal,
    { collection: name, member }: ChannelRequest,
    snapshot: Snapshot,
  ): CollectionInfo {
    const own = snapshot.members.get(member)?.collection;
    const collection =
      name === undefined
        ? own === undefined
          ? undefined
          : snapshot.collections.get(own)
        : VisibleNames.of(snapshot, readingBack(actor)).chosen(name);
    if (collection === undefined)
      throw name === undefined
        ? channelErrors.noOwnCollection({ member })
        : accessErrors.collectionNotFound({ name }, { hint: 'Name a collection that the member can read.' });
    if (snapshot.grantFor(member, collection) === undefined)
      throw channelErrors.notReadable({ member, collection: collection.alias ?? collection.id });
    return collection;
  }

  /** Pauses or resumes a channel. A resumed channel tries again at once, even if its receiver had denied access. */
  async pause(actor: Principal, name: string, paused: boolean, reason?: string): Promise<ChannelListed> {
    this.#demand(actor);
    if (!paused) demandLasting(actor, 'channel.resume');
    const { store, audit, clock } = this.#s;
    const record = await this.#record(name);
    const channel = withoutFields(record.document, ['paused']);
    const state = await CHANNEL_STATES.in(store).get(name);
    const { next_at: _next, closed: _closed, ...rest } = stateOf(state);
    await store.commit({
      records: [
        CHANNELS.change(
          record,
          paused
            ? {
                ...channel,
                paused: {
                  by: principalName(actor),
                  at: new Date(clock.now()).toISOString(),
                  ...(reason === undefined ? {} : { reason }),
                },
              }
            : channel,
        ),
        ...(paused || state === undefined ? [] : [CHANNEL_STATES.change(state, rest)]),
      ],
      facts: [audit.fact(actor, paused ? 'channel.pause' : 'channel.resume', `channel/${name}`)],
    });
    this.#s.notify();
    return this.get(readingBack(actor), name);
  }

  /** Moves a channel back to a time. Everything that was added since then is sent again. */
  async replay(actor: Principal, name: string, since: string): Promise<ChannelListed> {
    this.#demand(actor);
    demandLasting(actor, 'channel.replay');
    const { store, audit } = this.#s;
    const { document } = await this.#record(name);
    const state = await CHANNEL_STATES.in(store).get(name);
    const at = Date.parse(since);
    if (Number.isNaN(at)) throw channelErrors.invalidTime();
    // An email channel also searches for urgent objects from this position again.
    const { seen: _seen, ...before } = without(stateOf(state));
    const cursor = Math.min(before.cursor, at * 1000);
    const sentAgain = await this.#addedAfter(document.collection, before.dead, cursor);
    await store.commit({
      // The replay sends these dead letters, too. Those that are refused again return to the list.
      records: [
        CHANNEL_STATES.put(name, state, {
          ...before,
          cursor,
          dead: before.dead.filter((letter) => !sentAgain.has(`${letter.id} ${letter.version}`)),
        }),
      ],
      facts: [audit.fact(actor, 'channel.replay', `channel/${name}`, { details: { since } })],
    });
    this.#s.notify();
    return this.get(readingBack(actor), name);
  }

  /** Returns the versions among dead letters that were added to a collection after a position. */
  async #addedAfter(
    collection: string,
    dead: readonly DeadLetter[],
    after: number,
  ): Promise<ReadonlySet<string>> {
    if (dead.length === 0) return new Set();
    const ids = [...new Set(dead.map(({ id }) => id))];
    const { entries } = await this.#s.store.entries(
      { collection, after, limit: MOST_COUNTED, ids, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      false,
    );
    return new Set(entries.map(({ id, version }) => `${id} ${version}`));
  }

  /**
   * Sends dead letters again, or clears them: those of the objects in `ids`, or all. Objects that are sent again are
   * checked like all others.
   */
  async settle(
    actor: Principal,
    name: string,
    way: DeadLettersRequest['way'],
    ids?: readonly string[],
  ): Promise<ChannelListed> {
    this.#demand(actor);
    if (way === 'send') demandLasting(actor, 'channel.replay');
    const { store, audit } = this.#s;
    const { document } = await this.#record(name);
    const record = await CHANNEL_STATES.in(store).get(name);
    const state = stateOf(record);
    const meant = state.dead.filter(({ id }) => ids === undefined || ids.includes(id));
    if (meant.length === 0) throw channelErrors.noDeadLetters({ name });
    const again = [...(state.again ?? []), ...(way === 'send' ? meant : [])].slice(-MOST_AGAIN);
    await store.commit({
      records: [
        CHANNEL_STATES.put(name, record, {
          ...state,
          dead: state.dead.filter((letter) => !meant.includes(letter)),
          ...(again.length === 0 ? {} : { again }),
        }),
      ],
      facts: [
        audit.fact(actor, way === 'send' ? 'channel.resend' : 'channel.clear', `channel/${name}`, {
          member: document.member,
          details: { objects: meant.length },
        }),
      ],
    });
    this.#s.notify();
    return this.get(readingBack(actor), name);
  }

  async delete(actor: Principal, name: string): Promise<void> {
    this.#demand(actor);
    const { store, audit } = this.#s;
    const record = await this.#record(name);
    demandOwn(record);
    const state = await CHANNEL_STATES.in(store).get(name);
    await store.commit({
      records: [removal(record), ...(state === undefined ? [] : [removal(state)])],
      facts: [audit.fact(actor, 'channel.delete', `channel/${name}`, { member: record.document.member })],
    });
    await forgetPushed(store, name);
  }

  async #record(name: string): Promise<Stored<ChannelRecord>> {
    const record = await CHANNELS.in(this.#s.store).get(name);
    if (record === undefined) throw channelErrors.notFound({ name: name.slice(0, 64) });
    return record;
  }

  #demand(actor: Principal): void {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'manage channels' });
  }
}

function demandOwn(record: Stored<ChannelRecord>): void {
  demandManaged(record, `The channel "${record.id}"`, 'You can pause it here.');
}

/** Only the operator may refer to files and variables of the hub's machine. */
function demandSecret(actor: Principal, secret: string | undefined): void {
  if (secret === undefined || secret.startsWith('secret:')) return;
  if (isOperator(actor)) return;
  throw channelErrors.localOnly();
}

function stateWord(
  channel: Channel,
  state: ChannelState,
  granted: boolean,
  hasBacklog: boolean,
  now: number,
): ChannelListed['state'] {
  if (channel.paused !== undefined) return 'paused';
  if (!granted) return 'no grant';
  if (state.closed === true) return 'closed';
  if (state.failures > 0) return now - (state.failing_since ?? 0) >= BROKEN_MS ? 'broken' : 'failing';
  // Entries that wait for the next digest do not make the channel `behind`.
  const isWaiting = channel.kind === 'mail' && channel.every !== 'now';
  return hasBacklog && !isWaiting ? 'behind' : 'current';
}
