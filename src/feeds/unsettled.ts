import { detached } from '../kernel/detached.ts';
import type { Outcome } from '../sharing/intake/outcome.ts';
import type { Quarantined } from './report.ts';

/** Maximum number of findings that are noted. */
const MOST = 10_000;
/** Maximum number of refused objects whose reasons are kept, and of characters of each. */
const MOST_REASONS = 1_000;
const LONGEST = 2_000;

/** The findings of a run that were held or refused. The next run submits them again. */
export class Unsettled {
  readonly #ids = new Set<string>();
  readonly #refused: Quarantined[] = [];
  #objects = 0;
  #refusedCount = 0;
  /** True when so much was not stored that no row may be skipped in the next run. */
  isTooMuch = false;

  get ids(): Iterable<string> {
    return this.#ids;
  }

  /** The objects of a STIX feed that were refused, with the reasons, for the quarantine of the run. */
  get refused(): readonly Quarantined[] {
    return this.#refused;
  }

  /**
   * Returns the warning about refused objects of a STIX feed, `kept` of which are in the quarantine. Reports are stored as
   * they are, and an id or a reason can quote TLP:RED, so only the quarantine has these: it is sealed.
   */
  warning(kept: number, feed: string): string | undefined {
    return this.#refusedCount === 0
      ? undefined
      : `refused: ${this.#refusedCount} objects. The ids and reasons of ${kept} are in the quarantine (talanoa feed quarantine ${feed})`;
  }

  /** Counts an object of a STIX feed, and keeps why it was refused. `text` is the object as it was received. */
  object({ id, kind, message }: Outcome, text: () => string): void {
    this.#objects++;
    if (kind !== 'refused') return;
    this.#refusedCount++;
    if (this.#refused.length >= MOST_REASONS) return;
    this.#refused.push({
      line: this.#objects,
      code: 'refused',
      message: `${id}: ${message ?? 'refused'}`.slice(0, LONGEST),
      raw: detached(text().slice(0, LONGEST)),
    });
  }

  /** Notes a finding of which an object was not stored. */
  add(id: string): void {
    if (this.#ids.size < MOST) this.#ids.add(id);
    else this.isTooMuch = true;
  }
}
