import type { Clock } from '../kernel/clock.ts';
import type { Directory } from './directory.ts';
import type { Principal } from './principal.ts';
import type { Tallies, TallyRules } from './tallies.ts';
import { accessErrors } from './errors.ts';

const DAY_MS = 86_400_000;
/** When a submitter tries again while earlier envelopes of its member may reach the limit. */
const RETRY_S = 10;

/** Stored objects are counted per day. */
export const QUOTA_TALLIES: TallyRules = { purpose: 'quota', keptMs: 2 * DAY_MS };

/** The room that the daily limit leaves an envelope. */
export interface Room {
  /** Number of new objects. */
  readonly objects: number;
  /** Gives the room back. Called after the stored objects were counted. */
  readonly end: () => void;
}

/**
 * Limits how many new objects a member can submit per day (UTC), so that a faulty script of one member cannot fill the
 * hub. The limit is the setting `limits.objects_per_day`, or `objects_per_day` of a member. 0 means unlimited. An
 * envelope gets room for as many new objects as the limit leaves, and keeps it until it has been processed, so that
 * simultaneous ones cannot fill the same room.
 */
export class Quota {
  readonly #directory: Directory;
  readonly #tallies: Pick<Tallies, 'add' | 'sum'>;
  readonly #clock: Clock;
  readonly #perDay: number;
  /** Room of envelopes in progress, by member. */
  readonly #working = new Map<string, number>();

  constructor(directory: Directory, tallies: Pick<Tallies, 'add' | 'sum'>, clock: Clock, perDay: number) {
    this.#directory = directory;
    this.#tallies = tallies;
    this.#clock = clock;
    this.#perDay = perDay;
  }

  /**
   * Begins an envelope with a number of objects. Throws a Problem of kind rate-limited when the member of the principal
   * has reached its limit for today, or when envelopes in progress have taken what it leaves.
   *
   * @param least Minimum number of objects that belong together. Without room for them, none is stored.
   */
  async begin(principal: Principal, objects: number, least = 1): Promise<Room> {
    const member = principal.kind === 'account' ? principal.member : undefined;
    if (member === undefined) return { objects: Infinity, end: () => undefined };
    const most = (await this.#directory.current()).members.get(member)?.objects_per_day ?? this.#perDay;
    const stored = this.#tallies.sum(this.#today(member));
    if (most !== 0 && stored + least > most)
      throw accessErrors.dailyLimit(
        { member, most },
        { headers: { 'Retry-After': String(Math.ceil((DAY_MS - (this.#clock.now() % DAY_MS)) / 1000)) } },
      );
    const left = most === 0 ? Infinity : most - stored - (this.#working.get(member) ?? 0);
    if (left < least)
      throw accessErrors.dailyLimitNear({ member, most }, { headers: { 'Retry-After': String(RETRY_S) } });
    const room = Math.min(objects, left);
    this.#add(member, room);
    let isOpen = true;
    return {
      objects: room,
      end: () => {
        if (isOpen) this.#add(member, -room);
        isOpen = false;
      },
    };
  }

  /** Counts objects that were stored. */
  stored(principal: Principal, objects: number): void {
    const member = principal.kind === 'account' ? principal.member : undefined;
    if (member !== undefined && objects > 0) this.#tallies.add(this.#today(member), objects);
  }

  #add(member: string, objects: number): void {
    const now = (this.#working.get(member) ?? 0) + objects;
    if (now === 0) this.#working.delete(member);
    else this.#working.set(member, now);
  }

  #today(member: string): string {
    return `${member} ${new Date(this.#clock.now()).toISOString().slice(0, 10)}`;
  }
}
