/** Maximum number of findings that are noted. */
const MOST = 10_000;

/** The findings of a run that were held or refused. The next run submits them again. */
export class Unsettled {
  readonly #ids = new Set<string>();
  /** True when so much was not stored that no row may be skipped in the next run. */
  isTooMuch = false;

  get ids(): Iterable<string> {
    return this.#ids;
  }

  /** Notes a finding of which an object was not stored. */
  add(id: string): void {
    if (this.#ids.size < MOST) this.#ids.add(id);
    else this.isTooMuch = true;
  }
}
