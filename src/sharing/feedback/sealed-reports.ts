import type { Sealer } from '../../access/sealing.ts';
import type { ObservedValue } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type RecordChange, type Store } from '../../store/store.ts';
import { FEEDBACK, REPORT, type FeedbackRecord, type Report } from './model.ts';

const DAY_MS = 86_400_000;
/** Maximum number of reports about one value that are read. */
const MOST_READ = 2_000;

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
   * Returns the changes that store a report. An account has one report of each kind about a value: the last one. A report
   * takes the place only of one of the same account, and only if its caller may change that one (`mayReplace`). So it never
   * deletes or shows what somebody else of the member said. `since` is the time since which nobody else could have used
   * the credential of the caller (`MemberSecrets`).
   */
  async put(
    report: Report,
    since: number,
    mayReplace: (present: Report) => boolean,
  ): Promise<readonly RecordChange[]> {
    const reports = FEEDBACK.in(this.#store);
    const isReplaced = (record: Stored<FeedbackRecord>): boolean => {
      const present = this.#opened(record);
      return present.account === report.account && mayReplace(present);
    };
    const usual = this.#idOf(report);
    const present = await reports.get(usual);
    const isFree = present === undefined || isReplaced(present);
    const id = isFree ? usual : this.#idOf(report, since);
    const before = isFree ? present : await reports.get(id);
    const former = await reports.get(this.#formerIdOf(report));
    const document = {
      sealed: this.#sealing.seal(JSON.stringify(report), `feedback/${id}`),
      at: dayOf(report.at),
    };
    const { member, object } = report;
    const keys = {
      by: this.#memberKey(member),
      value: this.valueKey(report),
      // A report without an object takes the place of one with an object.
      object: object === undefined ? '' : this.#objectKey(member, object),
    };
    const change = FEEDBACK.put(id, before, document, keys);
    return former !== undefined && isReplaced(former) ? [change, removal(former)] : [change];
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

  /** Returns the reports of members about a value. */
  async about(value: ObservedValue): Promise<readonly Report[]> {
    const found = await FEEDBACK.in(this.#store).by('value', this.valueKey(value), { limit: MOST_READ });
    return found.map((record) => this.#opened(record));
  }

  /** Yields all reports. Other requests have their turn in between. */
  async *each(): AsyncGenerator<Report> {
    for await (const record of FEEDBACK.in(this.#store).each()) yield this.#opened(record);
  }

  /** Returns a fingerprint of a value. */
  valueKey({ type, value }: Pick<Report, 'type' | 'value'>): string {
    return this.#sealing.fingerprint(`feedback about ${type} ${value}`).slice(0, 22);
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

  /** Returns the id of the report of an account, or of what a person said who could use the account only since a time. */
  #idOf({ member, account, key, kind, type, value }: Report, since = 0): string {
    const of = JSON.stringify([member, account, since === 0 ? 0 : [since, key], kind, type, value]);
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
