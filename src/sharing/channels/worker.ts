import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../../access/directory.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { joined } from '../../kernel/deadline.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { holdLease } from '../../store/held-lease.ts';
import { ALL_VERSIONS, oneVersion, type Lease, type Store } from '../../store/store.ts';
import type { Stored } from '../../store/records.ts';
import {
  BROKEN_MS,
  CHANNELS,
  CHANNEL_STATES,
  channelOf,
  isMicrosoft,
  rewound,
  stateOf,
  without,
  type Channel,
  type ChannelState,
} from './model.ts';
import { keyOf, letter, mayHave, type Entry } from './parcels.ts';
import { afterParcel, DONE, MORE, MOST_DEAD, movedOn, pauseOf, type Round, type Step } from './steps.ts';
import { Rounds } from './rounds.ts';
import { isPartial, send, sendEntries, type Fault, type SendServices } from './send.ts';
import type { Microsoft } from './microsoft/microsoft.ts';
import { hasPushed } from './microsoft/pushed.ts';
import { mailStep, type MailServices } from './email/email-channel.ts';

const LEASE_MS = 30_000;
const PAUSE_MS = 5_000;
export interface ChannelServices extends SendServices {
  readonly mail: Omit<MailServices, 'store' | 'clock'>;
  readonly microsoft: () => Microsoft;
  readonly store: Store;
  readonly directory: Directory;
  readonly log: Log;
}

/**
 * Delivers collections to members through TAXII push, signed webhooks and email. TAXII and webhooks deliver at least
 * once and in order, whatever the receiver does. The policy is checked when an object is sent, so a member that has
 * lost access receives nothing more.
 */
export class Channels {
  readonly #s: ChannelServices;
  readonly #rounds: Rounds<Channel>;
  readonly #loop: WorkLoop;

  constructor(services: ChannelServices) {
    this.#s = services;
    const failed = (error: unknown): void => services.log.error('channels.failed', { reason: reasonOf(error) }); // prettier-ignore
    this.#loop = new WorkLoop(
      services.clock,
      PAUSE_MS,
      async () => this.#rounds.round(await this.#channels(), failed),
      failed,
    );
    this.#rounds = new Rounds({
      clock: services.clock,
      deliver: (channel) => this.#deliver(channel),
      ending: () => this.#loop.signal,
      notify: () => this.notify(),
    });
  }

  /** Runs until `stop`: immediately after `notify`, otherwise every few seconds. */
  start(): void {
    this.#loop.start();
  }

  /** Announces that there may be new objects to deliver. */
  notify(): void {
    this.#loop.notify();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#rounds.end();
  }

  /** Delivers the backlog of every channel that is due. Returns the number of objects that receivers accepted. */
  async deliverAll(): Promise<number> {
    const counts = await Promise.all(this.#rounds.begin(await this.#channels()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #channels(): Promise<readonly Channel[]> {
    return (await CHANNELS.all(this.#s.store)).map(channelOf);
  }

  async #deliver(channel: Channel): Promise<number> {
    const { store, clock, log } = this.#s;
    const { next_at: next, closed } = stateOf(await CHANNEL_STATES.in(store).get(channel.name));
    if (channel.paused !== undefined || closed === true || (next ?? 0) > clock.now()) return 0;
    const held = await holdLease(store, clock, `channel/${channel.name}`, LEASE_MS);
    if (held === undefined) return 0;
    const { signal, release } = joined(held.lost, this.#loop.signal);
    let delivered = 0;
    const round: Round = { left: undefined };
    try {
      for (let more = true; more && !signal.aborted;) {
        const step = await this.#step(channel, held.lease, signal, round);
        delivered += step.taken;
        more = step.more;
        await setImmediate();
      }
    } catch (error) {
      // Another process holds the lease now and continues from the cursor.
      if (!(error instanceof Problem) || error.kind !== 'conflict')
        log.error('channel.failed', { channel: channel.name, reason: reasonOf(error) });
    } finally {
      release();
      await held.release();
    }
    return delivered;
  }

  /** Sends one parcel. The result and the cursor are stored in one commit. */
  async #step(channel: Channel, lease: Lease, signal: AbortSignal, round: Round): Promise<Step> {
    const { store, directory } = this.#s;
    const record = await CHANNEL_STATES.in(store).get(channel.name);
    const state = stateOf(record);
    const snapshot = await directory.current();
    const collection = snapshot.collections.get(channel.collection);
    if (collection === undefined || snapshot.grantFor(channel.member, collection) === undefined)
      return channel.kind === 'defender'
        ? this.#withdraw(channel, record, state, snapshot, lease, signal)
        : DONE;
    if (channel.kind === 'mail') return this.#mail(channel, record, state, collection, snapshot, lease);
    const fault = round.left ?? (channel.kind === 'defender' ? await this.#s.microsoft().sweep(channel, snapshot, lease, signal) : undefined); // prettier-ignore
    if (signal.aborted) return DONE;
    if (fault !== undefined && !isPartial(fault))
      return this.#halt(channel, record, state, fault, state.to, lease);
    round.left = fault;
    const rest = movedOn(state, without(state), round);
    if ((state.again ?? []).length > 0)
      return this.#again(channel, record, state, snapshot, lease, signal, round);
    const page = await store.entries(
      { collection: channel.collection, after: state.cursor, limit: state.size, versions: ALL_VERSIONS, specs: collection.accept },
      true,
    ); // prettier-ignore
    const entries = (page.entries as readonly Entry[]).filter(
      ({ added }) => state.to === undefined || added <= state.to,
    );
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) {
      if (fault !== undefined && page.entries.length === 0)
        return this.#halt(channel, record, state, fault, state.to, lease);
      if (isMicrosoft(channel) && page.entries.length === 0)
        return this.#recovered(channel, record, state, lease);
      // The objects that were to be retried no longer exist.
      if (state.to === undefined || page.entries.length === 0) return DONE;
      await this.#keep(channel, record, rest, lease);
      return MORE;
    }
    const allowed = entries.filter((entry) => mayHave(entry, channel, snapshot, this.#s.clock.now()));
    const sent = isMicrosoft(channel)
      ? await this.#s.microsoft().send(channel, allowed, snapshot, lease, signal)
      : await sendEntries(channel, allowed, first.added, last.added, this.#s, signal);
    if (signal.aborted) return DONE;
    switch (sent.kind) {
      case 'taken': {
        const more = page.more || page.entries.length > entries.length || fault !== undefined;
        const parcel = { allowed, last, more };
        return this.#taken(channel, record, state, parcel, sent.refused, lease, round);
      }
      case 'fewer':
        await this.#fewer(channel, record, rest, entries.length, last, sent.reason, lease);
        return MORE;
      case 'waiting':
        return DONE;
      case 'later':
      case 'closed':
        return this.#halt(channel, record, state, sent, last.added, lease);
    }
  }

  /** Empties the tenant of a member that lost access. With access again, it gets everything again. */
  async #withdraw(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    snapshot: Snapshot,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Step> {
    if (state.cursor > 0 && (await hasPushed(this.#s.store, channel.name))) {
      // The cursor moves before the deletion, so that a crash in between loses nothing.
      await this.#keep(channel, record, rewound(state), lease);
      return MORE;
    }
    const fault = await this.#s.microsoft().withdraw(channel, snapshot, lease, signal);
    if (signal.aborted) return DONE;
    return fault === undefined
      ? this.#recovered(channel, record, state, lease)
      : this.#halt(channel, record, state, fault, state.to, lease);
  }

  /** Ends a failure of a deletion, which no parcel follows. */
  async #recovered(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    lease: Lease,
  ): Promise<Step> {
    if (state.failures === 0) return DONE;
    const { last_error: _error, ...rest } = without(state);
    await this.#keep(channel, record, rest, lease);
    this.#s.log.info('channel.recovered', { channel: channel.name });
    return DONE;
  }

  /** Stops after a parcel that was not taken: until a person acts, or for some time. */
  async #halt(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    sent: Fault,
    to: number | undefined,
    lease: Lease,
  ): Promise<Step> {
    const { kind, reason } = sent;
    if (kind === 'closed') {
      await this.#keep(channel, record, { ...state, closed: true, last_error: reason }, lease);
      this.#s.log.warn('channel.closed', { channel: channel.name, reason });
    } else {
      await this.#fail(channel, record, state, sent, to, lease);
    }
    return DONE;
  }

  /** Sends one dead letter that a person wants to send again. It becomes a dead letter again if the receiver refuses it. */
  async #again(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    snapshot: Snapshot,
    lease: Lease,
    signal: AbortSignal,
    round: Round,
  ): Promise<Step> {
    const { store, clock } = this.#s;
    const [next, ...rest] = state.again ?? [];
    if (next === undefined) return DONE;
    const { entries } = await store.entries(
      { collection: channel.collection, after: 0, limit: 2, ids: [next.id], versions: oneVersion(next.version), specs: ['2.0', '2.1'] },
      true,
    ); // prettier-ignore
    const found = (entries as readonly Entry[]).find(({ version }) => version === next.version);
    const moved = { ...movedOn(state, without(state), round), again: rest };
    // An object that was removed, or that the member may no longer have, is not sent.
    if (found === undefined || !mayHave(found, channel, snapshot, clock.now())) {
      await this.#keep(channel, record, moved, lease);
      return MORE;
    }
    const parcel = {
      texts: [found.text],
      // The receiver has seen the key of the first attempt.
      key: keyOf({ ...channel, name: `${channel.name}|${next.at}` }, found.added, found.added),
      from: taxiiTimestamp(found.added),
      to: taxiiTimestamp(found.added),
    };
    const sent = isMicrosoft(channel)
      ? await this.#s.microsoft().send(channel, [found], snapshot, lease, signal)
      : await send(channel, parcel, this.#s, signal);
    if (signal.aborted || sent.kind === 'waiting') return DONE;
    if (sent.kind === 'later' || sent.kind === 'closed')
      return this.#halt(channel, record, state, sent, state.to, lease);
    const refusal = sent.kind === 'fewer' ? sent.reason : sent.refused[0]?.message;
    const dead = refusal === undefined ? [] : [letter(found, refusal, clock.now())];
    const ok = refusal === undefined ? { last_ok: new Date(clock.now()).toISOString() } : {};
    await this.#keep(
      channel,
      record,
      {
        ...moved,
        ...ok,
        dead: [...state.dead, ...dead].slice(-MOST_DEAD),
        delivered: state.delivered + 1 - dead.length,
      },
      lease,
    );
    return { taken: 1 - dead.length, more: true };
  }

  /** Moves on after a parcel. The objects in it that the receiver refused become dead letters. */
  async #taken(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    { allowed, last, more }: { allowed: readonly Entry[]; last: Entry; more: boolean },
    refusals: readonly { readonly id: string; readonly message: string }[],
    lease: Lease,
    round: Round,
  ): Promise<Step> {
    const { state: moved, taken } = afterParcel(state, { allowed, last }, refusals, this.#s.clock.now());
    await this.#keep(channel, record, movedOn(state, moved, round), lease);
    if (state.failures > 0 && round.left === undefined)
      this.#s.log.info('channel.recovered', { channel: channel.name });
    return { taken, more };
  }

  /** Makes the next parcel smaller. A single object that the receiver cannot take becomes a dead letter. */
  async #fewer(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    count: number,
    last: Entry,
    reason: string,
    lease: Lease,
  ): Promise<void> {
    if (count > 1) {
      await this.#keep(channel, record, { ...state, size: Math.max(1, count >> 1) }, lease);
      return;
    }
    // This single object is the cause. It becomes a dead letter, and the others continue.
    const dead = [...state.dead, letter(last, reason, this.#s.clock.now())].slice(-MOST_DEAD);
    await this.#keep(channel, record, { ...state, cursor: last.added, dead }, lease);
    this.#s.log.warn('channel.dead_letter', { channel: channel.name, object: last.id, reason });
  }

  /** Sends one email: urgent objects at once, the rest with the digest. */
  async #mail(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    collection: CollectionInfo,
    snapshot: Snapshot,
    lease: Lease,
  ): Promise<Step> {
    const { store, clock, mail, log } = this.#s;
    const step = await mailStep(channel, state, collection, snapshot, { ...mail, store, clock });
    switch (step.kind) {
      case 'idle':
        if (step.place !== undefined) await this.#keep(channel, record, { ...state, ...step.place }, lease);
        return DONE;
      case 'later':
        await this.#fail(channel, record, state, { kind: 'later', reason: step.reason }, step.to, lease);
        return DONE;
      case 'closed':
        await this.#keep(channel, record, { ...state, closed: true, last_error: step.reason }, lease);
        log.warn('channel.closed', { channel: channel.name, reason: step.reason });
        return DONE;
      case 'moved': {
        const { last_error: _error, ...rest } = without(state);
        const ok = step.told === 0 ? {} : { last_ok: new Date(clock.now()).toISOString() };
        const moved = { ...rest, ...step.place, ...ok, delivered: state.delivered + step.told };
        await this.#keep(channel, record, moved, lease);
        return { taken: step.told, more: step.more };
      }
    }
  }

  async #fail(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    fault: Fault,
    to: number | undefined,
    lease: Lease,
  ): Promise<void> {
    const now = this.#s.clock.now();
    const since = state.failing_since ?? now;
    const asked = fault.kind === 'later' ? fault.afterMs : undefined;
    // The service works, so its refusal of a deletion neither lengthens this pause nor those after later failures.
    const before = isPartial(fault) ? 0 : state.failures;
    const pause = pauseOf(channel, { failures: before }, asked);
    const failed = {
      ...state,
      failures: before + 1,
      failing_since: since,
      next_at: Math.round(now + pause),
      last_error: fault.reason,
      ...(to === undefined ? {} : { to }),
    };
    await this.#keep(channel, record, failed, lease);
    const isBroken = now - since >= BROKEN_MS;
    this.#s.log.warn(isBroken ? 'channel.failing' : 'channel.delayed', {
      channel: channel.name,
      member: channel.member,
      reason: fault.reason,
      failures: before + 1,
      next_try: new Date(now + pause).toISOString(),
    });
  }

  async #keep(
    channel: Channel,
    record: Stored<Partial<ChannelState>> | undefined,
    state: ChannelState,
    lease: Lease,
  ): Promise<void> {
    await this.#s.store.commit({ records: [CHANNEL_STATES.put(channel.name, record, state)], lease });
  }
}
