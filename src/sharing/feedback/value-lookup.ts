import type { ValueDetails } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import type { Clock } from '../../kernel/clock.ts';
import { readableObserved, readObserved, type ObservedValue } from '../../stix/values/observed-values.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import { currentValue } from '../values/current.ts';
import type { Contribution } from '../values/contribution.ts';
import type { LifeSettings, Lifetimes } from '../values/life.ts';
import type { ValueView } from '../values/value-view.ts';
import { feedbackErrors } from './errors.ts';
import { readableBy } from '../reading/readable.ts';
import type { SealedReports } from './sealed-reports.ts';
import { countable, summaryFor, type FeedbackSummary } from './summary.ts';

/** The hint for a value that is not found while the hub has not read all of the caller's collections yet. */
const NOT_READ_YET = 'The hub is still reading new objects in your collections. Try again in a few minutes.';

interface LookupParts {
  readonly directory: Directory;
  readonly view: Pick<ValueView, 'catchUp' | 'of'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly reports: Pick<SealedReports, 'about'>;
  readonly clock: Clock;
}

/** Returns the facts that a caller may know about one value. */
export class ValueLookup {
  readonly #s: LookupParts;

  constructor(parts: LookupParts) {
    this.#s = parts;
  }

  /**
   * Returns the state of a value in each collection that the caller can read, and how many members reported it. Throws
   * `not-found` for a value that none of these collections contains.
   */
  async get(actor: Principal, written: string): Promise<ValueDetails> {
    const { view, suppressions, reports, clock } = this.#s;
    const observed = readObserved(written);
    if (observed === undefined) throw feedbackErrors.invalidValue({ value: written.slice(0, 100) });
    const directory = await this.#s.directory.current();
    const [now, life] = [clock.now(), this.#s.life.of(directory)];
    const places: ValueDetails['places'][number][] = [];
    const containing = [];
    let isComplete = true;
    for (const collection of readableBy(actor, directory)) {
      const { complete } = await view.catchUp(collection.id);
      isComplete &&= complete;
      const rows = (await view.of(collection.id, observed)).map(({ contribution }) => contribution);
      if (rows.length === 0) continue;
      containing.push(collection);
      places.push(placeOf(collection.alias ?? collection.id, observed, rows, { now, life }));
    }
    if (places.length === 0) throw feedbackErrors.valueNotFound(isComplete ? {} : { hint: NOT_READ_YET });
    const suppression = (await suppressions.current()).of(observed)?.document;
    const said = await reports.about(observed);
    const counted = countable(containing, actor, directory);
    const summary = (kind: 'sighting' | 'false-positive') =>
      listed(summaryFor(said, kind, counted, actor, directory, now));
    const [sightings, falsePositives] = [summary('sighting'), summary('false-positive')];
    return {
      type: observed.type,
      value: readableObserved(observed),
      places,
      ...(suppression === undefined
        ? {}
        : {
            suppressed: {
              cause: suppression.cause,
              reason: suppression.reason,
              at: new Date(suppression.at).toISOString(),
            },
          }),
      ...(sightings === undefined ? {} : { sightings }),
      ...(falsePositives === undefined ? {} : { false_positives: falsePositives }),
    };
  }
}

/** Describes the state of a value in one collection. */
function placeOf(
  collection: string,
  observed: ObservedValue,
  rows: readonly Contribution[],
  { now, life }: { readonly now: number; readonly life: Lifetimes },
): ValueDetails['places'][number] {
  const { type } = observed;
  const found = currentValue(observed, rows, now, life);
  const { state, confidence, firstSeen, lastSeen, validUntil, sources } = found;
  const active = rows.filter((one) => life.stateOf(type, one, now) === 'active');
  const score = Math.round(Math.max(0, ...active.map((one) => life.scoreOf(type, one, now))));
  return {
    collection,
    state,
    ...(confidence === undefined ? {} : { confidence }),
    ...(state === 'active' ? { score } : {}),
    first_seen: new Date(firstSeen).toISOString(),
    last_seen: new Date(lastSeen).toISOString(),
    valid_until: new Date(validUntil).toISOString(),
    sources,
  };
}

function listed(found: FeedbackSummary | undefined) {
  if (found === undefined) return undefined;
  const { members, last } = found;
  return { members, ...(last === undefined ? {} : { last_day: new Date(last).toISOString().slice(0, 10) }) };
}
