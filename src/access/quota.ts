import type { Clock } from '../kernel/clock.ts';
import type { Directory } from './directory.ts';
import type { Principal } from './principal.ts';
import type { Tallies, TallyRules } from './tallies.ts';
import { accessErrors } from './errors.ts';

const DAY_MS = 86_400_000;

/** Stored objects are counted per day. */
export const QUOTA_TALLIES: TallyRules = { purpose: 'quota', keptMs: 2 * DAY_MS };

/**
 * Limits how many new objects a member can submit per day (UTC), so that a faulty script of one member cannot fill the
 * hub. The limit is the setting `limits.objects_per_day`, or `objects_per_day` of a member. 0 means unlimited. An
 * envelope that begins below the limit is accepted as a whole.
 */
export class Quota {
  readonly #directory: Directory;
  readonly #tallies: Pick<Tallies, 'add' | 'sum'>;
  readonly #clock: Clock;
  readonly #perDay: number;

  constructor(directory: Directory, tallies: Pick<Tallies, 'add' | 'sum'>, clock: Clock, perDay: number) {
    this.#directory = directory;
    this.#tallies = tallies;
    this.#clock = clock;
    this.#perDay = perDay;
  }

  /** Throws a Problem of kind rate-limited when the member of the principal has reached its limit for today. */
  async demand(principal: Principal): Promise<void> {
    const member = principal.kind === 'account' ? principal.member : undefined;
    if (member === undefined) return;
    const most = (await this.#directory.current()).members.get(member)?.objects_per_day ?? this.#perDay;
    if (most === 0 || this.#tallies.sum(this.#today(member)) < most) return;
    throw accessErrors.dailyLimit(
      { member, most },
      { headers: { 'Retry-After': String(Math.ceil((DAY_MS - (this.#clock.now() % DAY_MS)) / 1000)) } },
    );
  }

  /** Counts objects that were stored. */
  stored(principal: Principal, objects: number): void {
    const member = principal.kind === 'account' ? principal.member : undefined;
    if (member !== undefined && objects > 0) this.#tallies.add(this.#today(member), objects);
  }

  #today(member: string): string {
    return `${member} ${new Date(this.#clock.now()).toISOString().slice(0, 10)}`;
  }
}
