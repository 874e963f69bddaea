import type { Arrivals } from '../../api/schema-types.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { dayOf, isMember } from './counting.ts';
import { SCORE_INTAKE } from './model.ts';

const DAY_MS = 86_400_000;

/**
 * Returns how many objects, or rows of feeds, each source offered on each of the last days (UTC), today included, with the
 * sources that offered most first. The numbers of members are added when a day is over: within a day, they would show when
 * a member submits. Only for hub staff.
 */
export async function arrivalsOf(
  store: Pick<Store, 'record' | 'records'>,
  clock: Clock,
  actor: Principal,
  days: number,
): Promise<Arrivals> {
  if (!can(actor, 'hub.read', { kind: 'hub' }))
    throw accessErrors.notPermitted({ action: 'read what all sources offered' });
  const now = clock.now();
  const dates = Array.from({ length: days }, (_, i) => dayOf(now - (days - 1 - i) * DAY_MS));
  const places = new Map(dates.map((day, i) => [day, i]));
  const sources = new Map<string, { offered: number[]; rejected: number }>();
  for (const month of new Set(dates.map((day) => day.slice(0, 7))))
    for (const { document } of await SCORE_INTAKE.in(store).by('month', month)) {
      const at = places.get(document.day);
      if (at === undefined || (isMember(document.source) && at === days - 1)) continue;
      const one = sources.get(document.source) ?? { offered: dates.map(() => 0), rejected: 0 };
      one.offered[at] = (one.offered[at] ?? 0) + document.offered;
      one.rejected += document.rejected;
      sources.set(document.source, one);
    }
  return {
    dates,
    items: [...sources]
      .map(([source, { offered, rejected }]) => ({
        source: isMember(source) ? `member:${source}` : source,
        offered,
        rejected,
        total: offered.reduce((sum, number) => sum + number, 0),
      }))
      .toSorted((a, b) => b.total - a.total || (a.source < b.source ? -1 : 1)),
  };
}
