import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { BROKEN_MS, CHANNEL_STATES, stateOf, without, type ChannelState } from './model.ts';
import { letter, type Entry } from './parcels.ts';
import { isPartial, type Fault } from './send.ts';
import { afterParcel, DONE, MORE, MOST_DEAD, movedOn, pauseOf, type Delivery, type Step } from './steps.ts';

interface ProgressServices {
  readonly store: Pick<Store, 'record' | 'records' | 'commit'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** The stored progress of a channel at the beginning of a step, which ends with at most one change of it. */
export class Progress {
  readonly state: ChannelState;
  readonly #delivery: Delivery;
  readonly #record: Stored<Partial<ChannelState>> | undefined;
  readonly #s: ProgressServices;

  private constructor(
    delivery: Delivery,
    record: Stored<Partial<ChannelState>> | undefined,
    services: ProgressServices,
  ) {
    this.state = stateOf(record);
    this.#delivery = delivery;
    this.#record = record;
    this.#s = services;
  }

  static async read(delivery: Delivery, services: ProgressServices): Promise<Progress> {
    const record = await CHANNEL_STATES.in(services.store).get(delivery.channel.name);
    return new Progress(delivery, record, services);
  }

  /** Stores the progress, unless another process has the lease by now. */
  async keep(state: ChannelState): Promise<void> {
    const { channel, lease } = this.#delivery;
    await this.#s.store.commit({ records: [CHANNEL_STATES.put(channel.name, this.#record, state)], lease });
  }

  /** Ends a failure of a deletion, which no parcel follows. */
  async recovered(): Promise<Step> {
    if (this.state.failures === 0) return DONE;
    const { last_error: _error, ...rest } = without(this.state);
    await this.keep(rest);
    this.#s.log.info('channel.recovered', { channel: this.#delivery.channel.name });
    return DONE;
  }

  /** Moves on after a parcel. The objects in it that the receiver refused become dead letters. */
  async taken(
    { allowed, last, more }: { allowed: readonly Entry[]; last: Entry; more: boolean },
    refusals: readonly { readonly id: string; readonly message: string }[],
  ): Promise<Step> {
    const { channel, round } = this.#delivery;
    const { state: moved, taken } = afterParcel(this.state, { allowed, last }, refusals, this.#s.clock.now());
    await this.keep(movedOn(this.state, moved, round));
    if (this.state.failures > 0 && round.left === undefined)
      this.#s.log.info('channel.recovered', { channel: channel.name });
    return { taken, more };
  }

  /** Makes the next parcel smaller. A single object that the receiver cannot take becomes a dead letter. */
  async fewer(state: ChannelState, count: number, last: Entry, reason: string): Promise<Step> {
    if (count > 1) {
      await this.keep({ ...state, size: Math.max(1, count >> 1) });
      return MORE;
    }
    // This single object is the cause. It becomes a dead letter, and the others continue.
    const dead = [...state.dead, letter(last, reason, this.#s.clock.now())].slice(-MOST_DEAD);
    await this.keep({ ...state, cursor: last.added, dead });
    const { name } = this.#delivery.channel;
    this.#s.log.warn('channel.dead_letter', { channel: name, object: last.id, reason });
    return MORE;
  }

  /** Stops after a parcel that was not taken: until a person acts, or for some time. */
  async halt(fault: Fault, to: number | undefined): Promise<Step> {
    const { channel } = this.#delivery;
    const { kind, reason } = fault;
    if (kind === 'closed') {
      await this.keep({ ...this.state, closed: true, last_error: reason });
      this.#s.log.warn('channel.closed', { channel: channel.name, reason });
    } else {
      await this.#fail(fault, to);
    }
    return DONE;
  }

  async #fail(fault: Fault, to: number | undefined): Promise<void> {
    const { channel } = this.#delivery;
    const { state } = this;
    const now = this.#s.clock.now();
    const since = state.failing_since ?? now;
    const asked = fault.kind === 'later' ? fault.afterMs : undefined;
    // The service works, so its refusal of a deletion neither lengthens this pause nor those after later failures.
    const before = isPartial(fault) ? 0 : state.failures;
    const pause = pauseOf(channel, { failures: before }, asked);
    await this.keep({
      ...state,
      failures: before + 1,
      failing_since: since,
      next_at: Math.round(now + pause),
      last_error: fault.reason,
      ...(to === undefined ? {} : { to }),
    });
    this.#s.log.warn(now - since >= BROKEN_MS ? 'channel.failing' : 'channel.delayed', {
      channel: channel.name,
      member: channel.member,
      reason: fault.reason,
      failures: before + 1,
      next_try: new Date(now + pause).toISOString(),
    });
  }
}
