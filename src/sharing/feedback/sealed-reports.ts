import type { Sealer } from '../../access/sealing.ts';
import type { ObservedValue } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type RecordChange, type Store } from '../../store/store.ts';
import { FEEDBACK, REPORT, type FeedbackRecord, type Report } from './model.ts';

const DAY_MS = 86_400_000;
/** Maximum number of reports about one value and of one standing that are read. */
const MOST_READ = 2_000;

/** The parts of a report that determine by which key it is found. */
type Indexed = Pick<Report, 'type' | 'value' | 'apart' | 'debut'>;

type Sealing = Pick<Sealer, 'seal' | 'open' | 'fingerprint'>;

/** Returns the beginning of a day (UTC). Both are in milliseconds since 1970. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** The reports of members in the store. Each is sealed, and found only by fingerprints of its reporter and its value. */
export class SealedReports {
  readonly #store: Pick<Store, 'record' | 'records'>;
  readonly #sealing: Sealing;

  constructor(store: Pick<Store, 'record' | 'records'>, sealing: Sealing) {
    this.#store = store;
    this.#sealing = sealing;
  }

  /**
   * Returns the changes that store a report. An account has one report of each kind about a value: the last one. Reports
   * that somebody else could have made, and those of the first account of a new member, are separate records, so that they
   * never replace what a proven account said. A later report of the proven account removes them, as far as its caller may
   * change them (`mayReplace`). An account has one record apart for each kind and value, however many keys it is given. A
   * report that must not replace it is not stored, because somebody else could have made either of them.
   * `given` is when somebody else last gave the account its access (`MemberSecrets`).
   */
  async put(
    report: Report,
    given: number,
    mayReplace: (present: Report) => boolean,
  ): Promise<readonly RecordChange[]> {
    const reports = FEEDBACK.in(this.#store);
    const isReplaced = (record: Stored<FeedbackRecord>): boolean => {
      const present = this.#opened(record);
      return present.account === report.account && mayReplace(present);
    };
    const id = this.#idOf(report);
    const before = await reports.get(id);
    if (report.apart === true && before !== undefined && !isReplaced(before)) return [];
    const isProven = report.apart !== true && report.debut === undefined;
    const earlier = [this.#formerIdOf(report)];
    if (isProven) earlier.push(this.#idOf({ ...report, apart: true }));
    if (isProven && given > 0) earlier.push(this.#idOf({ ...report, debut: given }));
    const replaced: Stored<FeedbackRecord>[] = [];
    for (const one of earlier) {
      const record = await reports.get(one);
      if (record !== undefined && isReplaced(record)) replaced.push(record);
    }
    const document = {
      sealed: this.#sealing.seal(JSON.stringify(report), `feedback/${id}`),
      at: dayOf(report.at),
    };
    const { member, object } = report;
    const keys = {
      by: this.#memberKey(member),
      value: this.#indexKey(report),
      // A report without an object takes the place of one with an object.
      object: object === undefined ? '' : this.#objectKey(member, object),
    };
    const change = FEEDBACK.put(id, before, document, keys);
    return [change, ...replaced.map(removal)];
  }

  /** Returns the changes that remove the reports that a member made with a STIX object, as far as `mayAct` allows. */
  async withdrawn(
    member: string,
    object: string,
    mayAct: (report: Report) => boolean,
  ): Promise<readonly RecordChange[]> {
    const records = await FEEDBACK.in(this.#store).by('object', this.#objectKey(member, object));
    return records.filter((record) => mayAct(this.#opened(record))).map(removal);
  }

  /** Returns the reports of a member. */
  async ofMember(member: string, limit: number): Promise<readonly Report[]> {
    const records = await FEEDBACK.in(this.#store).by('by', this.#memberKey(member), { limit });
    return records.map((record) => this.#opened(record));
  }

  /** Returns the reports of members about a value that others count. */
  async about(value: ObservedValue): Promise<readonly Report[]> {
    return [...(await this.#indexed(value)), ...(await this.#indexed({ ...value, debut: 0 }))];
  }

  /** Returns the reports about a value that nobody counts, because somebody else could have made them. */
  async apartAbout(value: ObservedValue): Promise<readonly Report[]> {
    return this.#indexed({ ...value, apart: true });
  }

  async #indexed(of: Indexed): Promise<readonly Report[]> {
    const found = await FEEDBACK.in(this.#store).by('value', this.#indexKey(of), { limit: MOST_READ });
    return found.map((record) => this.#opened(record));
  }

  /** Yields all reports. Other requests have their turn in between. */
  async *each(): AsyncGenerator<Report> {
    for await (const record of FEEDBACK.in(this.#store).each()) yield this.#opened(record);
  }

  /**
   * Returns the index key of the reports about a value: a fingerprint. Those of each standing have their own key, because a
   * reading ends after a number of reports. With one key, an account that is given again and again could push the reports
   * of others out of the count.
   */
  #indexKey({ type, value, apart, debut }: Indexed): string {
    const standing = apart === true ? 'apart ' : debut === undefined ? '' : 'first ';
    return this.#sealing.fingerprint(`${standing}feedback about ${type} ${value}`).slice(0, 22);
  }

  /**
   * Returns the id of the case about a value. A case contains its value, so its id differs from the key of the reports.
   * Otherwise a copy of the store would reveal their values.
   */
  caseId({ type, value }: Pick<Report, 'type' | 'value'>): string {
    return this.#sealing.fingerprint(`case about ${type} ${value}`).slice(0, 22);
  }

  #memberKey(member: string): string {
    return this.#sealing.fingerprint(`feedback of ${member}`).slice(0, 22);
  }

  #objectKey(member: string, object: string): string {
    return this.#sealing.fingerprint(`feedback of ${member} by ${object}`).slice(0, 22);
  }

  /** Returns the id of the report of an account with a standing. */
  #idOf({ member, account, apart, debut = 0, kind, type, value }: Report): string {
    const of = JSON.stringify([member, account, apart === true ? 'apart' : debut, kind, type, value]);
    return this.#sealing.fingerprint(`feedback of an account ${of}`).slice(0, 22);
  }

  /** Returns the id that a report had when a member had one report of each kind about a value. */
  #formerIdOf({ member, kind, type, value }: Report): string {
    return this.#sealing.fingerprint(`feedback ${member} ${kind} ${type} ${value}`).slice(0, 22);
  }

  #opened({ id, document }: { readonly id: string; readonly document: { readonly sealed: string } }): Report {
    return REPORT(JSON.parse(this.#sealing.open(document.sealed, `feedback/${id}`)), '');
  }
}
