import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../../access/directory.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { joined } from '../../kernel/deadline.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { holdLease } from '../../store/held-lease.ts';
import { ALL_VERSIONS, oneVersion, type Store } from '../../store/store.ts';
import {
  CHANNELS,
  CHANNEL_STATES,
  channelOf,
  isMicrosoft,
  rewound,
  stateOf,
  without,
  type Channel,
} from './model.ts';
import { keyOf, letter, mayHave, type Entry } from './parcels.ts';
import { Progress } from './progress.ts';
import { DONE, MORE, MOST_DEAD, movedOn, type Delivery, type Step } from './steps.ts';
import { Rounds } from './rounds.ts';
import { isPartial, send, sendEntries, type SendServices } from './send.ts';
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
    const delivery: Delivery = { channel, lease: held.lease, signal, round: { left: undefined } };
    try {
      for (let more = true; more && !signal.aborted;) {
        const step = await this.#step(delivery);
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
  async #step(delivery: Delivery): Promise<Step> {
    const { channel, lease, signal, round } = delivery;
    const { store, directory } = this.#s;
    const snapshot = await directory.current();
    const progress = await Progress.read(delivery, this.#s);
    const { state } = progress;
    const collection = snapshot.collections.get(channel.collection);
    if (collection === undefined || snapshot.grantFor(channel.member, collection) === undefined)
      return channel.kind === 'defender' ? this.#withdraw(delivery, progress, snapshot) : DONE;
    if (channel.kind === 'mail') return this.#mail(delivery, progress, collection, snapshot);
    const fault = channel.kind === 'defender' ? await this.#s.microsoft().sweep(channel, snapshot, lease, signal) : undefined; // prettier-ignore
    if (signal.aborted) return DONE;
    if (fault !== undefined && !isPartial(fault)) return progress.halt(fault, state.to);
    round.left = fault;
    const rest = movedOn(state, without(state), round);
    if ((state.again ?? []).length > 0) return this.#again(delivery, progress, snapshot);
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
      if (fault !== undefined && page.entries.length === 0) return progress.halt(fault, state.to);
      if (isMicrosoft(channel) && page.entries.length === 0) return progress.recovered();
      // The objects that were to be retried no longer exist.
      if (state.to === undefined || page.entries.length === 0) return DONE;
      await progress.keep(rest);
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
        return progress.taken({ allowed, last, more }, sent.refused);
      }
      case 'fewer':
        return progress.fewer(rest, entries.length, last, sent.reason);
      case 'waiting':
        return DONE;
      case 'later':
      case 'closed':
        return progress.halt(sent, last.added);
    }
  }

  /** Empties the tenant of a member that lost access. With access again, it gets everything again. */
  async #withdraw(
    { channel, lease, signal }: Delivery,
    progress: Progress,
    snapshot: Snapshot,
  ): Promise<Step> {
    const { state } = progress;
    if (state.cursor > 0 && (await hasPushed(this.#s.store, channel.name))) {
      // The cursor moves before the deletion, so that a crash in between loses nothing.
      await progress.keep(rewound(state));
      return MORE;
    }
    const fault = await this.#s.microsoft().withdraw(channel, snapshot, lease, signal);
    if (signal.aborted) return DONE;
    return fault === undefined ? progress.recovered() : progress.halt(fault, state.to);
  }

  /** Sends one dead letter that a person wants to send again. It becomes a dead letter again if the receiver refuses it. */
  async #again(delivery: Delivery, progress: Progress, snapshot: Snapshot): Promise<Step> {
    const { channel, lease, signal, round } = delivery;
    const { store, clock } = this.#s;
    const { state } = progress;
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
      await progress.keep(moved);
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
    if (sent.kind === 'later' || sent.kind === 'closed') return progress.halt(sent, state.to);
    const refusal = sent.kind === 'fewer' ? sent.reason : sent.refused[0]?.message;
    const dead = refusal === undefined ? [] : [letter(found, refusal, clock.now())];
    const ok = refusal === undefined ? { last_ok: new Date(clock.now()).toISOString() } : {};
    await progress.keep({
      ...moved,
      ...ok,
      dead: [...state.dead, ...dead].slice(-MOST_DEAD),
      delivered: state.delivered + 1 - dead.length,
    });
    return { taken: 1 - dead.length, more: true };
  }

  /** Sends one email: urgent objects at once, the rest with the digest. */
  async #mail(
    { channel }: Delivery,
    progress: Progress,
    collection: CollectionInfo,
    snapshot: Snapshot,
  ): Promise<Step> {
    const { store, clock, mail } = this.#s;
    const { state } = progress;
    const step = await mailStep(channel, state, collection, snapshot, { ...mail, store, clock });
    switch (step.kind) {
      case 'idle':
        if (step.place !== undefined) await progress.keep({ ...state, ...step.place });
        return DONE;
      case 'later':
      case 'closed':
        return progress.halt(step, step.kind === 'later' ? step.to : undefined);
      case 'moved': {
        const { last_error: _error, ...rest } = without(state);
        const ok = step.told === 0 ? {} : { last_ok: new Date(clock.now()).toISOString() };
        await progress.keep({ ...rest, ...step.place, ...ok, delivered: state.delivered + step.told });
        return { taken: step.told, more: step.more };
      }
    }
  }
}
