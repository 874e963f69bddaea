import { Slices } from '../../kernel/slices.ts';
import type { Clock } from '../../kernel/clock.ts';
import { rankOf } from '../../stix/markings.ts';
import { valueKey, type ObservedValue } from '../../stix/values/observed-values.ts';
import { namePages, removal, type Store } from '../../store/store.ts';
import type { SealedReports } from '../feedback/sealed-reports.ts';
import { valueOf } from '../suppression/value-of.ts';
import { countsOf, EVERYWHERE, scoredAt, scoreOfName } from './counting.ts';
import { SCORE_SIGHTINGS } from './model.ts';

/** Sightings are counted at most this often, because their seals are opened one by one. */
const EVERY_MS = 3_600_000;
/** Fewer reporters together say what one of them sees in its networks. */
const FEWEST_REPORTERS = 3;
/** Maximum number of sighted values that are counted. */
const MOST_VALUES = 200_000;
const AT_ONCE = 200;

interface SightedParts {
  readonly store: Store;
  readonly reports: Pick<SealedReports, 'each'>;
  readonly clock: Clock;
}

/** The members that sighted a value, by the collections in which they could read it. */
interface Sighted {
  readonly observed: ObservedValue;
  readonly members: Map<string, Set<string>>;
}

/**
 * Counts how many values of each source members have sighted. The reports are sealed, so the counts of a source are stored
 * only if at least three members together have sighted its values, and no value is ever stored with them.
 */
export class SightedValues {
  readonly #s: SightedParts;

  constructor(parts: SightedParts) {
    this.#s = parts;
  }

  /** Counts the sightings again if the last time was an hour ago. Returns false if they were not counted. */
  async count(last: number, now: number): Promise<boolean> {
    if (now >= last && now - last < EVERY_MS) return false;
    const { store } = this.#s;
    const sources = await this.#bySource(await this.#sighted());
    const present = new Map(
      (await SCORE_SIGHTINGS.in(store).list()).map((record) => [record.id, record] as const),
    );
    const records = [...sources].flatMap(([id, { scope, source, reporters, days }]) => {
      if (reporters.size < FEWEST_REPORTERS) return [];
      const before = present.get(id);
      present.delete(id);
      return SCORE_SIGHTINGS.put(id, before, { scope, source, days: Object.fromEntries(days) });
    });
    await store.commit({ records: [...records, ...[...present.values()].map(removal)] });
    return true;
  }

  async #sighted(): Promise<readonly Sighted[]> {
    const found = new Map<string, Sighted>();
    const slices = new Slices(this.#s.clock);
    for await (const { kind, type, value, member, collections, level, apart } of this.#s.reports.each()) {
      if (kind !== 'sighting' || apart === true || level >= rankOf('red')) continue;
      const key = valueKey({ type, value });
      const observed = valueOf({ type, value });
      const one = found.get(key) ?? { observed, members: new Map<string, Set<string>>() };
      if (!found.has(key) && found.size >= MOST_VALUES) continue;
      found.set(key, one);
      one.members.set(member, new Set([...(one.members.get(member) ?? []), ...collections]));
      if (slices.isOver()) await slices.next();
    }
    return [...found.values()];
  }

  async #bySource(sighted: readonly Sighted[]) {
    const sources = new Map<
      string,
      { scope: string; source: string; reporters: Set<string>; days: Map<string, number> }
    >();
    for (let at = 0; at < sighted.length; at += AT_ONCE) {
      const some = sighted.slice(at, at + AT_ONCE);
      const byKey = new Map(some.map((one) => [`score/${one.observed.type} ${one.observed.value}`, one]));
      const ranges = some.map(({ observed }) => scoredAt(observed));
      for await (const names of namePages(this.#s.store, ranges, AT_ONCE))
        for (const name of names) {
          const scored = scoreOfName(name);
          const members =
            byKey.get(`${name.kind} ${scored.value}`)?.members ?? new Map<string, Set<string>>();
          for (const { scope, source, day } of countsOf(scored)) {
            const reporters = [...members].filter(
              ([member, collections]) =>
                member !== source && (scope === EVERYWHERE || collections.has(scope)),
            );
            if (reporters.length === 0) continue;
            const id = `${scope}/${source}`;
            const found = sources.get(id) ?? { scope, source, reporters: new Set(), days: new Map() };
            sources.set(id, found);
            for (const [member] of reporters) found.reporters.add(member);
            found.days.set(day, (found.days.get(day) ?? 0) + 1);
          }
        }
    }
    return sources;
  }
}
