import { setImmediate } from 'node:timers/promises';
import type { Verification } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { holdLease } from '../../store/held-lease.ts';
import { auditHash, type AuditFact, type Store } from '../../store/store.ts';
import { PUBLIC, principalId, principalName, type Principal } from '../principal.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';

const LEASE = 'audit';
const LEASE_MS = 15_000;
const PAUSE_MS = 2_000;
const PAGE = 1_000;
const DAY_MS = 86_400_000;
/** Maximum number of pages that are removed in one round. */
const MOST_TRIMMED = 200;
/** Entries of earlier versions that are added to the index in one transaction. */
const INDEX_SLICE = 500;

/** Maximum length of a recorded resource. Names are shorter, but the path of a refused request can be any text. */
const LONGEST_RESOURCE = 300;
/** Refusals per account and window that are written one by one. The rest are counted and written as one entry. */
const MOST_REFUSED = 20;
const REFUSED_WINDOW_MS = 60_000;

/** The optional parts of an audit entry. */
export interface FactDetails {
  readonly member?: string | undefined;
  readonly result?: AuditFact['result'];
  /** Small, and without secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Object types whose ids are derived from their values. */
const VALUE_ID =
  /\b(artifact|autonomous-system|directory|domain-name|email-addr|email-message|file|ipv4-addr|ipv6-addr|mac-addr|mutex|network-traffic|process|software|url|user-account|windows-registry-key|x509-certificate)--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Every id contains it. Few entries name objects, and looking for it takes less time than looking for ids. */
const BEFORE_UUID = '--';

/** Returns a text without ids that are derived from values. Only the object type is kept of each. */
export function textWithoutValueIds(text: string): string {
  return text.includes(BEFORE_UUID) ? text.replaceAll(VALUE_ID, '$1') : text;
}

/**
 * Removes ids that are derived from values. Such an id reveals its value, and the audit log has readers who
 * cannot receive the object. Only the object type is kept.
 */
export function withoutValueIds(fact: AuditFact): AuditFact {
  const { resource, details } = fact;
  const text = details === undefined ? '' : JSON.stringify(details);
  return {
    ...fact,
    resource: textWithoutValueIds(resource),
    ...(text.includes(BEFORE_UUID)
      ? { details: JSON.parse(textWithoutValueIds(text)) as Readonly<Record<string, unknown>> }
      : {}),
  };
}

/**
 * The audit log records who did what to which resource. Its entries form a chain of hashes, so later changes can be
 * detected.
 */
export class Audit {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Log;
  /** Refusals per account in the current window. Only signed-in accounts get here, so the map stays small. */
  readonly #refusals = new Map<string, { since: number; times: number; actor: Principal }>();
  readonly #loop: WorkLoop;
  #indexing: Promise<void> | undefined;

  constructor(store: Store, clock: Clock, ids: Ids, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#log = log;
    this.#loop = new WorkLoop(
      clock,
      PAUSE_MS,
      () => this.#number(),
      (error) => this.#log.warn('audit.not_numbered', { reason: reasonOf(error) }),
    );
  }

  /** Returns an entry, which the caller commits together with the change that it reports. */
  fact(actor: Principal, action: string, resource: string, more: FactDetails = {}): AuditFact {
    const account = actor.kind === 'account' ? actor : undefined;
    return withoutValueIds({
      id: this.#ids.uuid(),
      at: this.#clock.now(),
      actor: principalName(actor),
      actor_id: principalId(actor),
      ...(account?.key === undefined ? {} : { key: account.key.id }),
      ...(account?.from === undefined ? {} : { address: account.from }),
      action,
      resource: resource.length > LONGEST_RESOURCE ? `${resource.slice(0, LONGEST_RESOURCE)}…` : resource,
      ...(more.member === undefined ? {} : { member: more.member }),
      result: more.result ?? 'done',
      ...(more.details === undefined ? {} : { details: more.details }),
    });
  }

  /**
   * Returns an entry about something that the hub does on its own initiative. `work` names the part of the hub that
   * does it.
   */
  ofHub(work: string, action: string, resource: string, more: FactDetails = {}): AuditFact {
    // No account name contains a colon.
    return { ...this.fact(PUBLIC, action, resource, more), actor: `hub:${work}` };
  }

  /**
   * Records an attempt without permission. A client that is refused repeatedly causes a few entries per
   * minute and one entry that counts the rest. The log keeps entries for a long time, so no client may be able to
   * fill the log.
   */
  async refused(actor: Principal, action: string, resource: string): Promise<void> {
    const now = this.#clock.monotonic();
    const id = principalId(actor);
    const known = this.#refusals.get(id);
    if (known !== undefined && now - known.since < REFUSED_WINDOW_MS) {
      if (++known.times > MOST_REFUSED) return;
    } else {
      await this.#tellRefusals(now);
      this.#refusals.set(id, { since: now, times: 1, actor });
    }
    await this.#write(this.fact(actor, action, resource, { result: 'refused' }));
  }

  /**
   * Writes the number of refusals per account that were not written one by one, for windows that have ended by `now`.
   */
  async #tellRefusals(now: number): Promise<void> {
    for (const [id, { since, times, actor }] of this.#refusals) {
      if (now - since < REFUSED_WINDOW_MS) continue;
      this.#refusals.delete(id);
      if (times > MOST_REFUSED)
        await this.#write(
          this.fact(actor, 'api.refused', 'hub', {
            result: 'refused',
            details: { further: times - MOST_REFUSED, within_s: REFUSED_WINDOW_MS / 1_000 },
          }),
        );
    }
  }

  async #write(fact: AuditFact): Promise<void> {
    try {
      await this.#store.commit({ facts: [fact] });
    } catch (error) {
      this.#log.warn('audit.not_written', { reason: reasonOf(error) });
    }
  }

  /**
   * Writes the last hash into the process log, which is kept elsewhere. It proves that no earlier entry was changed
   * since.
   */
  async tellHead(): Promise<void> {
    await this.#store.numberFacts();
    const last = await this.#store.auditHead();
    if (last !== undefined) this.#log.info('audit.head', { entries: last.seq, head: last.hash });
  }

  /**
   * Removes entries that are older than this number of days, and records that. The hash of the last removed entry
   * stays, so the rest can still be verified. The newest entry always stays.
   */
  async trim(days: number): Promise<void> {
    if (days === 0) return;
    const oldest = this.#clock.now() - days * DAY_MS;
    const start = (await this.#store.auditStart()) ?? { seq: 0, hash: '' };
    let last = start;
    for (let pages = 0, more = true; more && pages < MOST_TRIMMED; pages++) {
      const page = await this.#store.audit(last.seq, PAGE);
      const old = page.findIndex(({ fact }) => fact.at >= oldest);
      last = (old < 0 ? page : page.slice(0, old)).at(-1) ?? last;
      more = old < 0 && page.length === PAGE;
      await setImmediate();
    }
    if (last.seq === start.seq) return;
    const details = { from: start.seq + 1, to: last.seq, hash: last.hash };
    await this.#store.commit({ facts: [this.ofHub('housekeeping', 'audit.trim', 'hub', { details })] });
    await this.#store.numberFacts();
    while ((await this.#store.trimAudit(last.seq, PAGE)) > 0) await setImmediate();
    this.#log.info('audit.trimmed', details);
  }

  /** Checks the whole chain, from the first entry that was not removed. */
  async verify(): Promise<Verification> {
    const start = await this.#store.auditStart();
    const removed = start?.seq ?? 0;
    let before = start?.hash ?? '';
    let entries = removed;
    for (;;) {
      const page = await this.#store.audit(entries, PAGE);
      for (const { seq, fact, hash } of page) {
        const reason =
          seq !== entries + 1
            ? `entry ${entries + 1} is missing`
            : hash === auditHash(before, fact)
              ? undefined
              : 'its hash does not match its content and the previous entry';
        if (reason !== undefined) return { entries, removed, head: before, broken: { seq, reason } };
        before = hash;
        entries = seq;
      }
      if (page.length < PAGE) return { entries, removed, head: before, broken: undefined };
    }
  }

  /**
   * Adds entries of earlier versions to the index, in slices. Then, if `numbers` is set, numbers committed entries
   * continuously, until `stop` is called.
   */
  start(numbers: boolean): void {
    this.#indexing = this.#index()
      .catch((error: unknown) => this.#log.warn('audit.not_indexed', { reason: reasonOf(error) }))
      .then(() => {
        if (numbers && !this.#loop.signal.aborted) this.#loop.start();
      });
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#indexing;
    await this.#tellRefusals(Number.POSITIVE_INFINITY);
  }

  /** Other work gets its turn between slices. A killed process loses at most one slice. */
  async #index(): Promise<void> {
    while (!this.#loop.signal.aborted && (await this.#store.indexFacts(INDEX_SLICE)) > 0)
      await setImmediate();
  }

  async #number(): Promise<void> {
    await this.#tellRefusals(this.#clock.monotonic());
    const held = await holdLease(this.#store, this.#clock, LEASE, LEASE_MS);
    if (held === undefined) return;
    try {
      await this.#store.numberFacts();
    } finally {
      await held.release();
    }
  }
}
