import type { Arrivals, Scorecard, Scorecards as ScorecardPage } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { readableBy } from '../reading/readable.ts';
import { arrivalsOf } from './arrivals.ts';
import { dayOf, EVERYWHERE, isMember, medianOf, NO_COUNTS, sumOf, type Counts } from './counting.ts';
import { scorecardErrors } from './errors.ts';
import type { Offer } from './offers.ts';
import type { ScoreFollower } from './follower.ts';
import { monthKey, SCORE_DAYS, SCORE_INTAKE, SCORE_SIGHTINGS, SCORE_STATE } from './model.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Of fewer values, one more or less changes a share too much. */
const MINIMUM = 20;
/** With fewer members, the scorecard of one shows what the others do. */
const FEWEST_MEMBERS = 3;
/** Smaller overlaps are left out. */
const SMALLEST_OVERLAP = 5;

interface ScorecardParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly follower: Pick<ScoreFollower, 'rebuild'>;
}

/** A question about scorecards. */
export interface ScorecardQuery {
  readonly days: number;
  /** Id or alias of a collection. Undefined: all together for hub staff, and each readable one for others. */
  readonly collection?: string | undefined;
  /** `feed:NAME`, `member:NAME` or `hub`. */
  readonly source?: string | undefined;
}

/** The numbers of one source in a period. */
interface Counted {
  counts: Counts;
  /** Of all collections together. Undefined for one collection. */
  offer: Offer | undefined;
  sighted: number | undefined;
}

/** Answers how good the sources of the hub are, from the counts of each day. */
export class Scorecards {
  readonly #s: ScorecardParts;

  constructor(parts: ScorecardParts) {
    this.#s = parts;
  }

  /**
   * Returns the scorecards that a caller may see, for the values that were reported in the last days. Hub staff see all
   * sources. Officers see their own member and the feeds of the collections that they read, compared only with what is in
   * the same collection, so that nothing shows what other collections contain.
   */
  async list(actor: Principal, { days, collection, source }: ScorecardQuery): Promise<ScorecardPage> {
    const { store, clock } = this.#s;
    const directory = await this.#s.directory.current();
    const now = clock.now();
    const [from, to] = [dayOf(now - (days - 1) * DAY_MS), dayOf(now)];
    const items: Scorecard[] = [];
    for (const scope of scopesOf(actor, directory, collection))
      items.push(...(await this.#ofScope(actor, scope, from, to)));
    const found = source === undefined ? items : items.filter((card) => card.source === source);
    if (source !== undefined && found.length === 0)
      throw scorecardErrors.notFound({ source: source.slice(0, 80) });
    const upTo = (await SCORE_STATE.in(store).get('hub'))?.document.followed;
    return {
      from,
      to,
      days,
      minimum: MINIMUM,
      ...(upTo === undefined ? {} : { up_to: new Date(upTo).toISOString() }),
      items: found,
    };
  }

  /** Returns how much each source offered on each of the last days, for hub staff. */
  arrivals(actor: Principal, days: number): Promise<Arrivals> {
    return arrivalsOf(this.#s.store, this.#s.clock, actor, days);
  }

  /** Has everything counted again from the stored objects. */
  async rebuild(actor: Principal): Promise<void> {
    const { store, audit, follower } = this.#s;
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'rebuild the scorecards' });
    await store.commit({ facts: [audit.fact(actor, 'scorecards.rebuild', 'hub/scorecards')] });
    await follower.rebuild();
  }

  async #ofScope(
    actor: Principal,
    scope: CollectionInfo | undefined,
    from: string,
    to: string,
  ): Promise<readonly Scorecard[]> {
    const counted = await this.#counted(scope?.id ?? EVERYWHERE, from, to);
    const members = [...counted].filter(([source, { counts }]) => isMember(source) && counts.values > 0);
    return [...counted]
      .filter(([source]) => {
        if (isMember(source) && members.length < FEWEST_MEMBERS) return false;
        // A scope that is not undefined is a collection that the caller reads.
        return can(actor, 'scorecard.read', { kind: 'scorecard', source, read: scope !== undefined });
      })
      .map(([source, one]) => cardOf(source, one, scope))
      .toSorted((a, b) => (a.source < b.source ? -1 : 1));
  }

  async #counted(scope: string, from: string, to: string): Promise<ReadonlyMap<string, Counted>> {
    const { store, clock } = this.#s;
    const today = dayOf(clock.now());
    const counted = new Map<string, Counted>();
    const of = (source: string): Counted => {
      const known = counted.get(source) ?? { counts: NO_COUNTS, offer: undefined, sighted: undefined };
      counted.set(source, known);
      return known;
    };
    for (const month of monthsOf(from, to)) {
      for (const { document } of await SCORE_DAYS.in(store).by('month', monthKey(scope, month))) {
        if (document.day < from || document.day > to) continue;
        const one = of(document.source);
        one.counts = sumOf(one.counts, document);
      }
      // Offers are not counted by collection, and readers of one must not learn about the others.
      if (scope !== EVERYWHERE) continue;
      for (const { document } of await SCORE_INTAKE.in(store).by('month', month)) {
        const { source, day, offered, rejected } = document;
        // The day of a member is stated when it is over. Within a day, the numbers would show when it submits.
        if (day < from || day > to || (isMember(source) && day >= today)) continue;
        const one = of(source);
        one.offer = {
          offered: (one.offer?.offered ?? 0) + offered,
          rejected: (one.offer?.rejected ?? 0) + rejected,
        };
      }
    }
    for (const { document } of await SCORE_SIGHTINGS.in(store).by('scope', scope)) {
      const one = counted.get(document.source);
      if (one !== undefined)
        one.sighted = Object.entries(document.days).reduce(
          (sum, [day, n]) => (day < from || day > to ? sum : sum + n),
          0,
        );
    }
    return counted;
  }
}

/** Returns the collections that are looked at one by one. Undefined stands for all of them together. */
function scopesOf(
  actor: Principal,
  directory: Snapshot,
  name: string | undefined,
): readonly (CollectionInfo | undefined)[] {
  const readable = readableBy(actor, directory);
  if (name !== undefined) {
    const chosen = VisibleNames.of(directory, actor).chosen(name);
    if (chosen === undefined || !readable.includes(chosen))
      throw accessErrors.collectionNotFound(
        { name: name.slice(0, 64) },
        { hint: 'To list the collections, run: talanoa collection list' },
      );
    return [chosen];
  }
  if (can(actor, 'scorecard.read', { kind: 'scorecard', source: 'hub', read: false })) return [undefined];
  return readable;
}

/** Returns the months of a period, as days in them. */
function monthsOf(from: string, to: string): readonly string[] {
  const months: string[] = [];
  let [year = 0, month = 1] = from.split('-').map(Number);
  for (;;) {
    const text = `${year}-${String(month).padStart(2, '0')}`;
    if (text > to.slice(0, 7)) return months;
    months.push(text);
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
}

function cardOf(
  source: string,
  { counts, offer = { offered: 0, rejected: 0 }, sighted }: Counted,
  scope: CollectionInfo | undefined,
): Scorecard {
  const { values, shared, first, followed, harmless, age, lead, overlap } = counts;
  return {
    source: isMember(source) ? `member:${source}` : source,
    ...(scope === undefined ? {} : { collection: scope.alias ?? scope.id }),
    values,
    unique: shareOf(values - shared, values),
    first: shareOf(first, values),
    corroborated: shareOf(followed, first),
    lead: hoursOf(lead, followed),
    age: hoursOf(age, values),
    false_positives: shareOf(harmless, values),
    sighted: sighted === undefined ? { of: values } : shareOf(sighted, values),
    ...(scope === undefined ? { rejected: shareOf(offer.rejected, offer.offered) } : {}),
    overlap:
      values < MINIMUM
        ? []
        : Object.entries(overlap)
            .filter(([other, n]) => other.startsWith('feed:') && n >= SMALLEST_OVERLAP)
            .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
            .map(([other, n]) => ({ source: other, share: rounded(n / values) })),
  };
}

/** Returns a share, or only the number that it would be of if that is too small. */
function shareOf(part: number, of: number): Scorecard['unique'] {
  return of < MINIMUM ? { of } : { of, share: rounded(part / of) };
}

function hoursOf(buckets: Counts['age'], of: number): Scorecard['lead'] {
  const median = of < MINIMUM ? undefined : medianOf(buckets);
  return median === undefined ? { of } : { of, hours: Math.round((median / HOUR_MS) * 10) / 10 };
}

function rounded(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
