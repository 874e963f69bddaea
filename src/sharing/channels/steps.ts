import { createHash } from 'node:crypto';
import type { Channel, ChannelState } from './model.ts';

/** The number of objects that the receiver accepted, and whether more may be waiting. */
export interface Step {
  readonly taken: number;
  readonly more: boolean;
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
