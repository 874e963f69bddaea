import type { Dates } from './member-model.ts';

/** Returns a stored date in milliseconds since 1970. */
export function dateOf(text: string | undefined): number | undefined {
  const date = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

/** Decides which dated memberships and claims are in force, and when the first of them begins or ends. */
export class Calendar {
  readonly #now: number;
  changesAt = Number.POSITIVE_INFINITY;

  constructor(now: number) {
    this.#now = now;
  }

  isIn(dates: Dates | undefined): boolean {
    const now = this.#now;
    const [since, until] = [dateOf(dates?.since), dateOf(dates?.until)];
    for (const date of [since, until])
      if (date !== undefined && date > now) this.changesAt = Math.min(this.changesAt, date);
    return (since ?? now) <= now && (until === undefined || now < until);
  }
}
