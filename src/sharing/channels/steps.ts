import { createHash } from 'node:crypto';
import type { Lease } from '../../store/store.ts';
import { BATCH, type Channel, type ChannelState } from './model.ts';
import { letter, type Entry } from './parcels.ts';
import type { Fault } from './send.ts';

/** The number of objects that the receiver accepted, and whether more may be waiting. */
export interface Step {
  readonly taken: number;
  readonly more: boolean;
}

/** The state that the steps of one round share. */
export interface Round {
  /** Deletions that the receiver refused in this round. The round sends objects nevertheless, and then counts as failed. */
  left: Fault | undefined;
}

/** The channel of a round, and the means that each step gets. */
export interface Delivery {
  readonly channel: Channel;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly round: Round;
}

export const DONE: Step = { taken: 0, more: false };
export const MORE: Step = { taken: 0, more: true };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/**
 * Delays after consecutive failures. The last one repeats without limit, because island networks can be offline for
 * days.
 */
const WAITS_MS = [30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR] as const;
const LONGEST_ASKED_MS = 24 * HOUR;

/** Returns the time until the next attempt, in milliseconds. `asked` is what the receiver asked for. */
export function pauseOf(
  { name }: Pick<Channel, 'name'>,
  { failures }: Pick<ChannelState, 'failures'>,
  asked: number | undefined,
): number {
  const wait = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? HOUR;
  // The variation is derived from the name, so that many channels do not retry at the same moment.
  const share = createHash('sha256').update(`${name} ${failures}`).digest().readUInt8(0) / 255;
  return Math.max(wait * (0.8 + 0.4 * share), Math.min(asked ?? 0, LONGEST_ASKED_MS));
}

/** Returns the state after something was sent. It does not end the failure of a deletion that is still refused. */
export function movedOn(state: ChannelState, moved: ChannelState, { left }: Round): ChannelState {
  if (left === undefined) return moved;
  const { failures, failing_since: since, last_error: error } = state;
  return {
    ...moved,
    failures,
    ...(since === undefined ? {} : { failing_since: since }),
    ...(error === undefined ? {} : { last_error: error }),
  };
}

/** Maximum number of dead letters of a channel. The oldest are removed first. */
export const MOST_DEAD = 100;

/** Returns the state after a parcel, and how many objects the receiver took. It refused the others permanently. */
export function afterParcel(
  state: ChannelState,
  { allowed, last }: { readonly allowed: readonly Entry[]; readonly last: Entry },
  refusals: readonly { readonly id: string; readonly message: string }[],
  now: number,
): { readonly state: ChannelState; readonly taken: number } {
  const refused = new Map(refusals.map(({ id, message }) => [id, message]));
  const dead = allowed
    .filter(({ id }) => refused.has(id))
    .map((entry) => letter(entry, refused.get(entry.id) ?? '', now));
  const taken = allowed.length - dead.length;
  const moved = {
    ...(state.again === undefined ? {} : { again: state.again }),
    cursor: last.added,
    delivered: state.delivered + taken,
    failures: 0,
    size: Math.min(BATCH, state.size * 2),
    last_ok: new Date(now).toISOString(),
    dead: [...state.dead, ...dead].slice(-MOST_DEAD),
  };
  return { state: moved, taken };
}
