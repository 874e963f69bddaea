import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Audit } from '../access/audit.ts';
import { decide } from '../access/policy.ts';
import { can } from '../access/rights.ts';
import type { Principal } from '../access/principal.ts';
import type { Directory } from '../access/directory.ts';
import type { CollectionInfo, Snapshot } from '../access/snapshot.ts';
import { Limiter } from '../kernel/limiter.ts';
import type { Log } from '../kernel/log.ts';
import { nearest } from '../kernel/nearest.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { WorkLoop } from '../kernel/work-loop.ts';
import { markingFacts, tlpOf } from '../stix/markings.ts';
import { taxiiTimestamp } from '../stix/timestamps.ts';
import type { StixObject } from '../stix/types.ts';
import { holdLease } from '../store/held-lease.ts';
import { ALL_VERSIONS, type EntryFacts, type HubRecord, type Lease, type Store } from '../store/store.ts';
import { send, type SendServices } from './channel-send.ts';

/** A way by which the hub brings a collection to a member: a cursor over it, and where to (DESIGN.md section 4). */
export interface Channel {
  readonly name: string;
  readonly member: string;
  readonly kind: 'taxii' | 'webhook';
  /** Of taxii: of the collection of the member's server. */
  readonly url: string;
  /** Id of the collection that is read; one that the member may read. */
  readonly collection: string;
  readonly username?: string;
  /** Reference of the password, the key, or what signs webhooks. */
  readonly secret?: string;
  readonly paused?: { readonly by: string; readonly at: string; readonly reason?: string };
}

/** How far a channel has come. */
interface ChannelState {
  readonly cursor: number;
  /** Objects that were taken. */
  readonly delivered: number;
  /** Tries in a row that failed, since when, and when the next one is (milliseconds since 1970). */
  readonly failures: number;
  readonly failing_since?: number;
  readonly next_at?: number;
  readonly last_ok?: string;
  readonly last_error?: string;
  /** The receiver does not let the hub in; a person must look. */
  readonly closed?: boolean;
  /** Objects of one parcel, fewer where a receiver could not take more. */
  readonly size: number;
  /** Where the parcel ends that is tried again: the same objects under the same key. */
  readonly to?: number;
  /** Objects that the receiver refused for good, the latest last. */
  readonly dead: readonly DeadLetter[];
}

/** An object that a receiver refused for good. */
export interface DeadLetter {
  readonly id: string;
  readonly version: string;
  readonly at: string;
  readonly message: string;
}

/** A channel as those see it who look after it. */
export interface ChannelListed {
  readonly name: string;
  readonly member: string;
  readonly kind: Channel['kind'];
  readonly url: string;
  /** Alias of the collection, or its id. */
  readonly collection: string;
  readonly state: 'current' | 'behind' | 'failing' | 'broken' | 'closed' | 'paused' | 'no grant';
  readonly delivered: number;
  /** Entries that wait; `more` says that there are even more. */
  readonly waiting: number;
  readonly more: boolean;
  readonly waiting_since?: string;
  readonly last_ok?: string;
  readonly last_error?: string;
  readonly next_try?: string;
  readonly dead_letters: readonly DeadLetter[];
  readonly paused?: Channel['paused'];
  readonly managed: string;
}

export interface ChannelRequest {
  readonly name: string;
  readonly member: string;
  readonly kind: Channel['kind'];
  readonly url: string;
  /** By id or alias; the member's own by default. */
  readonly collection?: string;
  readonly username?: string;
  readonly secret?: string;
}

const BATCH = 100;
const LEASE_MS = 30_000;
const PAUSE_MS = 5_000;
const AT_ONCE = 8;
const MOST_DEAD = 100;
const MOST_COUNTED = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Waits after failures (sharing.md section 11); the last one for ever: islands go dark for days. */
const WAITS_MS = [30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR] as const;
/** A channel that has failed for so long is broken: told, and tried on. */
const BROKEN_MS = 24 * HOUR;
const LONGEST_ASKED_MS = 24 * HOUR;
const NEW: ChannelState = { cursor: 0, delivered: 0, failures: 0, size: BATCH, dead: [] };

export interface ChannelServices extends SendServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly log: Log;
}

/**
 * Brings collections to members by themselves: TAXII push and signed webhooks. At least once, in order, whatever the other side
 * does; the policy is asked when something is sent, so who is not let in any more gets nothing more.
 */
export class Channels {
  readonly #s: ChannelServices;
  readonly #limiter = new Limiter(AT_ONCE);
  readonly #loop: WorkLoop;

  constructor(services: ChannelServices) {
    this.#s = services;
    this.#loop = new WorkLoop(
      services.clock,
      PAUSE_MS,
      async () => {
        await this.deliverAll();
      },
      (error) => services.log.error('channels.failed', { reason: reasonOf(error) }),
    );
  }

  /** Works until `stop`: at once after `notify`, else every few seconds. */
  start(): void {
    this.#loop.start();
  }

  /** Something new may be there to deliver. */
  notify(): void {
    this.#loop.notify();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Delivers what waits on every channel whose turn it is. Gives the number of objects that were taken. */
  async deliverAll(): Promise<number> {
    const channels = (await this.#s.store.records('channel')).map(channelOf);
    const counts = await Promise.all(
      channels.map((channel) => this.#limiter.run(() => this.#deliver(channel))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #deliver(channel: Channel): Promise<number> {
    const { store, clock, log } = this.#s;
    if (channel.paused !== undefined || !this.#isDue(await this.#state(channel.name))) return 0;
    const held = await holdLease(store, clock, `channel/${channel.name}`, LEASE_MS);
    if (held === undefined) return 0;
    const signal = AbortSignal.any([held.lost, this.#loop.signal]);
    let delivered = 0;
    try {
      for (let more = true; more && !signal.aborted;) {
        const step = await this.#step(channel, held.lease, signal);
        delivered += step.taken;
        more = step.more;
        await setImmediate();
      }
    } catch (error) {
      // Somebody else has the lease by now, and goes on from the cursor.
      if (!(error instanceof Problem) || error.kind !== 'conflict')
        log.error('channel.failed', { channel: channel.name, reason: reasonOf(error) });
    } finally {
      await held.release();
    }
    return delivered;
  }

  #isDue({ next_at: next, closed }: ChannelState): boolean {
    return closed !== true && (next ?? 0) <= this.#s.clock.now();
  }

  /** One parcel. What became of it and the cursor stand in one commit. */
  async #step(
    channel: Channel,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<{ readonly taken: number; readonly more: boolean }> {
    const { store, directory, clock } = this.#s;
    const record = await store.record('channel-state', channel.name);
    const state = stateOf(record);
    const snapshot = await directory.current();
    const collection = snapshot.collections.get(channel.collection);
    if (collection === undefined || snapshot.grantFor(channel.member, collection) === undefined)
      return { taken: 0, more: false };
    const page = await store.entries(
      { collection: channel.collection, after: state.cursor, limit: state.size, versions: ALL_VERSIONS, specs: collection.accept },
      true,
    ); // prettier-ignore
    const entries = (page.entries as readonly (EntryFacts & { readonly text: string })[]).filter(
      ({ added }) => state.to === undefined || added <= state.to,
    );
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) {
      // What was to be tried again is not there any more.
      if (state.to === undefined || page.entries.length === 0) return { taken: 0, more: false };
      await this.#keep(channel, record, { ...without(state), cursor: state.cursor }, lease);
      return { taken: 0, more: true };
    }
    const allowed = entries.filter((entry) => this.#may(entry, channel, snapshot));
    const sent =
      allowed.length === 0
        ? ({ kind: 'taken', refused: [] } as const)
        : await send(
            channel,
            {
              texts: allowed.map(({ text }) => text),
              key: keyOf(channel, first.added, last.added),
              from: taxiiTimestamp(first.added),
              to: taxiiTimestamp(last.added),
            },
            this.#s,
            signal,
          );
    if (signal.aborted) return { taken: 0, more: false };
    const now = clock.now();
    switch (sent.kind) {
      case 'taken': {
        const refused = new Map(sent.refused.map(({ id, message }) => [id, message]));
        const dead = allowed
          .filter(({ id }) => refused.has(id))
          .map((entry) => letter(entry, refused.get(entry.id) ?? '', now));
        await this.#keep(
          channel,
          record,
          {
            cursor: last.added,
            delivered: state.delivered + allowed.length - dead.length,
            failures: 0,
            size: Math.min(BATCH, state.size * 2),
            last_ok: new Date(now).toISOString(),
            dead: [...state.dead, ...dead].slice(-MOST_DEAD),
          },
          lease,
        );
        if (state.failures > 0) this.#s.log.info('channel.over', { channel: channel.name });
        return {
          taken: allowed.length - dead.length,
          more: page.more || page.entries.length > entries.length,
        };
      }
      case 'fewer': {
        if (entries.length > 1) {
          await this.#keep(
            channel,
            record,
            { ...without(state), size: Math.max(1, entries.length >> 1) },
            lease,
          );
          return { taken: 0, more: true };
        }
        // It is this one: it is put aside, and the others go on.
        await this.#keep(
          channel,
          record,
          {
            ...without(state),
            cursor: last.added,
            dead: [...state.dead, letter(last, sent.reason, now)].slice(-MOST_DEAD),
          },
          lease,
        );
        this.#s.log.warn('channel.dead_letter', {
          channel: channel.name,
          object: last.id,
          reason: sent.reason,
        });
        return { taken: 0, more: true };
      }
      case 'later':
        await this.#fail(channel, record, state, sent.reason, sent.afterMs, last.added, lease);
        return { taken: 0, more: false };
      case 'closed':
        await this.#keep(channel, record, { ...state, closed: true, last_error: sent.reason }, lease);
        this.#s.log.warn('channel.closed', { channel: channel.name, reason: sent.reason });
        return { taken: 0, more: false };
    }
  }

  async #fail(
    channel: Channel,
    record: HubRecord | undefined,
    state: ChannelState,
    reason: string,
    asked: number | undefined,
    to: number,
    lease: Lease,
  ): Promise<void> {
    const now = this.#s.clock.now();
    const since = state.failing_since ?? now;
    const wait = WAITS_MS[Math.min(state.failures, WAITS_MS.length - 1)] ?? HOUR;
    // Fixed by its name, so that many channels do not come back at once.
    const share =
      createHash('sha256').update(`${channel.name} ${state.failures}`).digest().readUInt8(0) / 255;
    const pause = Math.max(wait * (0.8 + 0.4 * share), Math.min(asked ?? 0, LONGEST_ASKED_MS));
    await this.#keep(
      channel,
      record,
      {
        ...state,
        failures: state.failures + 1,
        failing_since: since,
        next_at: Math.round(now + pause),
        last_error: reason,
        to,
      },
      lease,
    );
    const isBroken = now - since >= BROKEN_MS;
    this.#s.log.warn(isBroken ? 'channel.broken' : 'channel.later', {
      channel: channel.name,
      member: channel.member,
      reason,
      failures: state.failures + 1,
      next_try: new Date(now + pause).toISOString(),
    });
  }

  async #keep(
    channel: Channel,
    record: HubRecord | undefined,
    state: ChannelState,
    lease: Lease,
  ): Promise<void> {
    await this.#s.store.commit({
      records: [
        {
          kind: 'channel-state',
          id: channel.name,
          expected: record?.revision ?? 0,
          document: JSON.parse(JSON.stringify(state)) as Record<string, unknown>,
        },
      ],
      lease,
    });
  }

  /** Asked when it is sent, for the member and this way out. */
  #may(
    { text, level, owner }: EntryFacts & { readonly text: string },
    { member }: Channel,
    snapshot: Snapshot,
  ): boolean {
    const marking = markingFacts(JSON.parse(text) as StixObject, (ref) => snapshot.marking(ref, owner));
    return (
      decide(
        { effective: tlpOf(level), marking },
        { kind: 'member', name: member },
        'push',
        this.#s.clock.now(),
      ).verdict === 'allow'
    );
  }

  async #state(name: string): Promise<ChannelState> {
    return stateOf(await this.#s.store.record('channel-state', name));
  }

  // ---- looking after them

  async list(actor: Principal): Promise<readonly ChannelListed[]> {
    const directory = await this.#s.directory.refresh();
    const records = (await this.#s.store.records('channel')).filter(({ document }) =>
      can(actor, 'member.read', { kind: 'member', name: String(document['member']) }),
    );
    return Promise.all(records.map((record) => this.#listed(record, directory)));
  }

  async get(actor: Principal, name: string): Promise<ChannelListed> {
    const channels = await this.list(actor);
    const found = channels.find((channel) => channel.name === name);
    if (found !== undefined) return found;
    const near = nearest(name, channels.map((channel) => channel.name)); // prettier-ignore
    throw new Problem('not-found', 'There is no such channel', {
      code: 'TLN-V-404',
      ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
    });
  }

  async #listed(record: HubRecord, directory: Snapshot): Promise<ChannelListed> {
    const { clock, store } = this.#s;
    const channel = channelOf(record);
    const state = await this.#state(channel.name);
    const collection = directory.collections.get(channel.collection);
    const granted = collection !== undefined && directory.grantFor(channel.member, collection) !== undefined;
    const { entries, more } = await store.entries(
      { collection: channel.collection, after: state.cursor, limit: MOST_COUNTED, versions: ALL_VERSIONS },
      false,
    );
    const [first] = entries;
    const failing = state.failures > 0;
    const broken = failing && clock.now() - (state.failing_since ?? 0) >= BROKEN_MS;
    const { managed } = record.document;
    return {
      name: channel.name,
      member: channel.member,
      kind: channel.kind,
      url: channel.url,
      collection: collection?.alias ?? channel.collection,
      state:
        channel.paused !== undefined
          ? 'paused'
          : !granted
            ? 'no grant'
            : state.closed === true
              ? 'closed'
              : broken
                ? 'broken'
                : failing
                  ? 'failing'
                  : first === undefined
                    ? 'current'
                    : 'behind',
      delivered: state.delivered,
      waiting: entries.length,
      more,
      ...(first === undefined ? {} : { waiting_since: taxiiTimestamp(first.added) }),
      ...(state.last_ok === undefined ? {} : { last_ok: state.last_ok }),
      ...(state.last_error === undefined ? {} : { last_error: state.last_error }),
      ...(failing && state.next_at !== undefined ? { next_try: new Date(state.next_at).toISOString() } : {}),
      dead_letters: state.dead,
      ...(channel.paused === undefined ? {} : { paused: channel.paused }),
      managed: typeof managed === 'string' ? managed : 'hub',
    };
  }

  async add(actor: Principal, request: ChannelRequest): Promise<ChannelListed> {
    this.#demand(actor);
    const { store, directory, audit } = this.#s;
    if (!URL.canParse(request.url) || !/^https?:$/.test(new URL(request.url).protocol))
      throw new Problem('invalid-content', 'The address of the channel cannot be read', {
        hint: 'Write it as https://taxii.example.org/root/collections/ID/.',
        code: 'TLN-V-422',
      });
    const snapshot = await directory.refresh();
    const member = request.member === 'hub' ? undefined : snapshot.members.get(request.member);
    if (member === undefined)
      throw new Problem('not-found', `There is no member "${request.member.slice(0, 60)}"`, {
        code: 'TLN-M-404',
      });
    const collection = this.#collectionOf(request, snapshot);
    demandSecret(actor, request.secret);
    if (request.kind === 'webhook' && request.secret === undefined)
      throw new Problem('invalid-content', 'A webhook is signed, so it needs a secret', {
        hint: 'talanoa secret set NAME --host HOST, then --secret secret:NAME; the receiver gets the same.',
        code: 'TLN-V-422',
      });
    if (await store.record('channel', request.name))
      throw new Problem('conflict', `There is a channel "${request.name}" already`, { code: 'TLN-V-409' });
    const state = await store.record('channel-state', request.name);
    await store.commit({
      records: [
        {
          kind: 'channel',
          id: request.name,
          expected: 0,
          document: { ...request, collection: collection.id, managed: 'hub' },
        },
        // A name that is used again begins at the beginning.
        ...(state === undefined
          ? []
          : [{ kind: state.kind, id: state.id, expected: state.revision, document: undefined }]),
      ],
      facts: [
        audit.fact(actor, 'channel.add', `channel/${request.name}`, {
          member: request.member,
          details: { kind: request.kind, host: new URL(request.url).host, collection: collection.id },
        }),
      ],
    });
    this.notify();
    return this.get(actor, request.name);
  }

  #collectionOf({ collection: name, member }: ChannelRequest, snapshot: Snapshot): CollectionInfo {
    const own = snapshot.members.get(member)?.collection;
    const collection =
      name === undefined
        ? own === undefined
          ? undefined
          : snapshot.collections.get(own)
        : snapshot.find(name);
    if (collection === undefined)
      throw new Problem(
        'not-found',
        name === undefined ? `${member} has no collection of its own` : `There is no collection "${name}"`,
        {
          hint: 'Name one that the member may read.',
          code: 'TLN-L-404',
        },
      );
    if (snapshot.grantFor(member, collection) === undefined)
      throw new Problem(
        'conflict',
        `${member} may not read that collection, so nothing of it is sent to it`,
        {
          hint: `talanoa grant add ${collection.alias ?? collection.id} member:${member} --read`,
          code: 'TLN-V-403',
        },
      );
    return collection;
  }

  /** Keeps a channel from sending, or lets it again; whoever lets it has looked at what was wrong. */
  async pause(actor: Principal, name: string, paused: boolean, reason?: string): Promise<ChannelListed> {
    this.#demand(actor);
    const { store, audit, clock } = this.#s;
    const record = await this.#record(name);
    const { paused: _paused, ...channel } = record.document;
    const state = await store.record('channel-state', name);
    const { next_at: _next, closed: _closed, ...rest } = stateOf(state);
    await store.commit({
      records: [
        {
          kind: 'channel',
          id: name,
          expected: record.revision,
          document: paused
            ? {
                ...channel,
                paused: {
                  by: actor.kind === 'account' ? actor.account : 'public',
                  at: new Date(clock.now()).toISOString(),
                  ...(reason === undefined ? {} : { reason }),
                },
              }
            : channel,
        },
        ...(paused || state === undefined
          ? []
          : [{ kind: 'channel-state', id: name, expected: state.revision, document: { ...rest } }]),
      ],
      facts: [audit.fact(actor, paused ? 'channel.pause' : 'channel.resume', `channel/${name}`)],
    });
    this.notify();
    return this.get(actor, name);
  }

  /** Sets a channel back to a time: everything that was added since then is sent again. */
  async replay(actor: Principal, name: string, since: string): Promise<ChannelListed> {
    this.#demand(actor);
    const { store, audit } = this.#s;
    await this.#record(name);
    const state = await store.record('channel-state', name);
    const at = Date.parse(since);
    if (Number.isNaN(at))
      throw new Problem('invalid-content', 'The time cannot be read', {
        hint: 'Write it as 2026-01-15T00:00:00Z.',
        code: 'TLN-V-422',
      });
    const before = without(stateOf(state));
    await store.commit({
      records: [
        {
          kind: 'channel-state',
          id: name,
          expected: state?.revision ?? 0,
          document: JSON.parse(
            JSON.stringify({ ...before, cursor: Math.min(before.cursor, at * 1000) }),
          ) as Record<string, unknown>,
        },
      ],
      facts: [audit.fact(actor, 'channel.replay', `channel/${name}`, { details: { since } })],
    });
    this.notify();
    return this.get(actor, name);
  }

  async remove(actor: Principal, name: string): Promise<void> {
    this.#demand(actor);
    const { store, audit } = this.#s;
    const record = await this.#record(name);
    demandOwn(record);
    await store.commit({
      records: [{ kind: 'channel', id: name, expected: record.revision, document: undefined }],
      facts: [
        audit.fact(actor, 'channel.remove', `channel/${name}`, { member: String(record.document['member']) }),
      ],
    });
  }

  async #record(name: string): Promise<HubRecord> {
    const record = await this.#s.store.record('channel', name);
    if (record === undefined)
      throw new Problem('not-found', 'There is no such channel', {
        hint: 'talanoa channel list names them all.',
        code: 'TLN-V-404',
      });
    return record;
  }

  #demand(actor: Principal): void {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw new Problem('forbidden', 'You may not manage channels', { code: 'TLN-A-403' });
  }
}

function demandOwn({ document, id }: HubRecord): void {
  if (document['managed'] === 'file')
    throw new Problem('conflict', `The channel "${id}" stands in the settings file`, {
      hint: 'Change it there, and start the hub again. Pausing it works here.',
      code: 'TLN-L-410',
    });
}

/** Files and variables of the hub's machine are named by whoever is at that machine. */
function demandSecret(actor: Principal, secret: string | undefined): void {
  if (secret === undefined || secret.startsWith('secret:')) return;
  if (actor.kind === 'account' && actor.account === 'operator') return;
  throw new Problem(
    'forbidden',
    'A channel that reads files or variables of the hub is added at the hub itself',
    {
      hint: 'Keep the key as a secret of the hub (talanoa secret set NAME --host HOST) and name it secret:NAME.',
      code: 'TLN-F-403',
    },
  );
}

function letter({ id, version }: EntryFacts, message: string, now: number): DeadLetter {
  return { id, version, at: new Date(now).toISOString(), message: message.slice(0, 300) };
}

/** The state without what belongs to a try that failed. */
function without({ failing_since: _since, next_at: _next, to: _to, ...state }: ChannelState): ChannelState {
  return { ...state, failures: 0 };
}

function keyOf({ name }: Channel, from: number, to: number): string {
  return `msg_${createHash('sha256').update(`${name}|${from}|${to}`).digest('hex').slice(0, 32)}`;
}

function channelOf({ id, document }: HubRecord): Channel {
  return { ...(document as object as Channel), name: id };
}

function stateOf(record: HubRecord | undefined): ChannelState {
  return { ...NEW, ...(record?.document as object as ChannelState | undefined) };
}
