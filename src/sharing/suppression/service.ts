import type { Suppression, SuppressionDetails } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { isHubAnalyst, memberOf, principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Sealer } from '../../access/sealing.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { Constituency } from '../../members/constituency.ts';
import { readableObserved, readObserved, type ObservedValue } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type RecordChange, type Store } from '../../store/store.ts';
import { suppressionErrors } from './errors.ts';
import { holdersOf } from './holders.ts';
import { SUPPRESSIONS, type Cause, type SuppressionRecord } from './model.ts';
import type { Notices } from './notices.ts';
import type { Recipient, Recipients } from './recipients.ts';
import { valueOf } from './value-of.ts';

/** Suppressions are kept for 90 days after they were lifted. */
const KEPT_MS = 90 * 86_400_000;
const MOST_SWEPT = 500;
/** Suppressions are written again this often when others change the same values. */
const ATTEMPTS = 5;

interface SuppressionParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly sealer: Pick<Sealer, 'fingerprint'>;
  readonly notices: Pick<Notices, 'tell'>;
  readonly recipients: Pick<Recipients, 'of'>;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
}

/**
 * Suppresses values: from that moment no list contains them, whoever reports them as malicious, and everybody who has
 * them receives a removal notice. Hub staff suppress any value. The officers of a member suppress what their member holds.
 */
export class SuppressionService {
  readonly #s: SuppressionParts;

  constructor(parts: SuppressionParts) {
    this.#s = parts;
  }

  /**
   * Suppresses values at once (panic remove). Values that are suppressed already stay as they are. Throws
   * `invalid-content` for a text that cannot be read as a value, and `forbidden` for a value that the caller's member
   * does not hold, whether or not the hub has it. Nothing is suppressed then.
   */
  async create(
    actor: Principal,
    written: readonly string[],
    reason: string,
  ): Promise<readonly Suppression[]> {
    const read = written.map((value) => ({ value, observed: readObserved(value) }));
    const faults = read.filter(({ observed }) => observed === undefined).map(({ value }) => value);
    if (faults.length > 0) throw suppressionErrors.invalidValues({ values: named(faults) });
    const values = [
      ...new Map(
        read.flatMap(({ observed }) => (observed === undefined ? [] : [[this.#idOf(observed), observed]])),
      ).values(),
    ];
    const directory = await this.#s.directory.refresh();
    const constituency = Constituency.of(directory);
    const foreign = values.filter(
      (value) => !can(actor, 'value.suppress', { kind: 'value', holders: holdersOf(value, constituency) }),
    );
    if (foreign.length > 0) {
      const own = { kind: 'value', holders: [memberOf(actor)] } as const;
      if (!can(actor, 'value.suppress', own)) throw accessErrors.notPermitted({ action: 'suppress values' });
      throw suppressionErrors.notHeld({ values: named(foreign.map(readableObserved)) });
    }
    const records = await this.suppress(actor, values, 'panic', reason);
    return records.map((record) => this.#listed(record, directory, actor));
  }

  /**
   * Suppresses values, with further changes in the same commit. The caller has checked the permission. Values that are
   * suppressed already do not change, with one exception: a confirmed false positive replaces an immediate removal, which
   * the holder of the value could lift.
   */
  async suppress(
    actor: Principal,
    values: readonly ObservedValue[],
    cause: Cause,
    reason: string,
    beside: Parameters<Store['commit']>[0] = {},
  ): Promise<readonly Stored<SuppressionRecord>[]> {
    const { store, log, notices } = this.#s;
    const ids = values.map((value) => this.#idOf(value));
    const changed = await this.#write(actor, values, cause, reason, beside);
    if (changed.length > 0) {
      const [first = ''] = changed;
      log.warn('value.suppressed', {
        suppression: first,
        values: changed.length,
        cause,
        member: memberOf(actor),
      });
    }
    const stored = [];
    for (const id of ids) {
      let record = await SUPPRESSIONS.in(store).get(id);
      if (
        record?.document.places === undefined &&
        record !== undefined &&
        record.document.lifted === undefined
      ) {
        try {
          await notices.tell(record);
          record = await SUPPRESSIONS.in(store).get(id);
        } catch (error) {
          // The value is suppressed. The notices are tried again in the background.
          log.error('suppression.not_announced', { suppression: id, reason: reasonOf(error) });
        }
      }
      if (record !== undefined) stored.push(record);
    }
    return stored;
  }

  /** Writes the suppressions that are missing, and returns their ids. */
  async #write(...asked: Parameters<SuppressionService['suppress']>): Promise<readonly string[]> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#writeOnce(...asked);
      } catch (error) {
        // Somebody else suppressed or lifted one of the values in between. The others must not stay in lists for that.
        const isOvertaken = error instanceof Problem && error.kind === 'conflict';
        if (!isOvertaken || attempt === ATTEMPTS) throw error;
      }
  }

  async #writeOnce(
    ...[actor, values, cause, reason, beside = {}]: Parameters<SuppressionService['suppress']>
  ): Promise<readonly string[]> {
    const { store, clock, audit } = this.#s;
    const [records, facts]: [RecordChange[], ReturnType<Audit['fact']>[]] = [[], []];
    for (const value of values) {
      const id = this.#idOf(value);
      const before = await SUPPRESSIONS.in(store).get(id);
      const standing = before?.document.lifted === undefined ? before?.document : undefined;
      if (standing !== undefined && (standing.cause === cause || cause === 'panic')) continue;
      const by = principalId(actor);
      const member = memberOf(actor);
      // The ids of removal notices contain the time, so two suppressions of one value have different times.
      const at = Math.max(clock.now(), (before?.document.at ?? 0) + 1);
      const document = { ...value, cause, reason, by, member, at };
      records.push(SUPPRESSIONS.put(id, before, document));
      // Some readers of the audit log are not allowed to see the value.
      facts.push(
        audit.fact(actor, 'value.suppress', `suppression/${id}`, { member, details: { cause, reason } }),
      );
    }
    await store.commit({
      ...beside,
      // MongoDB writes records one by one. If the process ends in between, the values are suppressed and the case stays
      // open, so that it is decided again.
      records: [...records, ...(beside.records ?? [])],
      facts: [...(beside.facts ?? []), ...facts],
    });
    return records.map(({ id }) => id);
  }

  /** Returns the suppressions that the caller may see, newest first: all for hub staff, others what their member holds. */
  async list(actor: Principal): Promise<readonly Suppression[]> {
    const directory = await this.#s.directory.current();
    const records = await SUPPRESSIONS.all(this.#s.store);
    return this.#visible(actor, records, directory)
      .toSorted((a, b) => b.document.at - a.document.at)
      .map((record) => this.#listed(record, directory, actor));
  }

  /**
   * Returns a suppression, who has fetched a list since then, and who still has the value. Members see only their own
   * part.
   */
  async get(actor: Principal, id: string): Promise<SuppressionDetails> {
    const directory = await this.#s.directory.current();
    const record = await this.#record(actor, id, directory);
    const found = await this.#s.recipients.of(record.document, directory);
    const isHub = isHubAnalyst(actor);
    const own = memberOf(actor);
    const count = (state: Recipient['state']): number => found.filter((one) => one.state === state).length;
    return {
      ...this.#listed(record, directory, actor),
      announced: record.document.places !== undefined,
      confirmed: count('confirmed'),
      notified: count('notified'),
      holding: count('holding'),
      recipients: found
        .filter(({ member }) => isHub || member === own)
        .map(({ account, member, collection, way, what, state, seen }) => ({
          ...(account === undefined ? {} : { account: directory.accountLabel(account) }),
          ...(member === undefined ? {} : { member }),
          collection: directory.collections.get(collection)?.alias ?? collection,
          way,
          what,
          state,
          ...(seen === undefined ? {} : { last_seen: new Date(seen).toISOString() }),
        }))
        .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)),
    };
  }

  /** Ends a suppression. Lists contain the value again, if indicators of it are still valid. */
  async lift(actor: Principal, id: string, reason: string): Promise<Suppression> {
    const { store, clock, audit } = this.#s;
    const directory = await this.#s.directory.current();
    const record = await this.#record(actor, id, directory);
    // The holder of an address cannot undo what the hub confirmed as a false positive.
    if (!isHubAnalyst(actor) && record.document.member !== memberOf(actor))
      throw accessErrors.notPermitted({ action: 'lift this suppression' });
    if (record.document.lifted !== undefined) throw suppressionErrors.lifted();
    const lifted = { by: principalId(actor), at: clock.now(), reason };
    await store.commit({
      records: [SUPPRESSIONS.change(record, { ...record.document, lifted })],
      facts: [
        audit.fact(actor, 'value.lift', `suppression/${id}`, {
          member: record.document.member,
          details: { reason },
        }),
      ],
    });
    return this.#listed({ ...record, document: { ...record.document, lifted } }, directory, actor);
  }

  /**
   * Removes suppressions that were lifted long ago. The last change stays, because the serial numbers of lists follow
   * it.
   */
  async sweep(): Promise<void> {
    const before = this.#s.clock.now() - KEPT_MS;
    const lifted = (await SUPPRESSIONS.all(this.#s.store))
      .flatMap((record) =>
        record.document.lifted === undefined ? [] : [{ record, at: record.document.lifted.at }],
      )
      .toSorted((a, b) => b.at - a.at)
      .slice(1)
      .filter(({ at }) => at < before)
      .slice(0, MOST_SWEPT);
    if (lifted.length > 0)
      await this.#s.store.commit({ records: lifted.map(({ record }) => removal(record)) });
  }

  async #record(actor: Principal, id: string, directory: Snapshot): Promise<Stored<SuppressionRecord>> {
    const record = await SUPPRESSIONS.in(this.#s.store).get(id);
    const [visible] = record === undefined ? [] : this.#visible(actor, [record], directory);
    if (visible === undefined) throw suppressionErrors.notFound({ id: id.slice(0, 64) });
    return visible;
  }

  #visible(
    actor: Principal,
    records: readonly Stored<SuppressionRecord>[],
    directory: Snapshot,
  ): readonly Stored<SuppressionRecord>[] {
    const constituency = Constituency.of(directory);
    return records.filter(({ document }) =>
      can(actor, 'value.suppression.read', {
        kind: 'value',
        holders: holdersOf(valueOf(document), constituency),
      }),
    );
  }

  #idOf({ type, value }: ObservedValue): string {
    return this.#s.sealer.fingerprint(`suppressed ${type} ${value}`).slice(0, 22);
  }

  #listed({ id, document }: Stored<SuppressionRecord>, directory: Snapshot, actor: Principal): Suppression {
    const { cause, reason, by, at, lifted, type } = document;
    const visible = VisibleNames.of(directory, actor);
    return {
      id,
      type,
      value: readableObserved(valueOf(document)),
      state: lifted === undefined ? 'suppressed' : 'lifted',
      cause,
      reason,
      by: visible.actor(by),
      at: new Date(at).toISOString(),
      ...(lifted === undefined
        ? {}
        : {
            lifted: {
              by: visible.actor(lifted.by),
              at: new Date(lifted.at).toISOString(),
              reason: lifted.reason,
            },
          }),
    };
  }
}

const ORDER: readonly string[] = ['holding', 'notified', 'confirmed'] satisfies readonly Recipient['state'][];

function named(values: readonly string[]): string {
  return values
    .slice(0, 5)
    .map((value) => `"${value.slice(0, 80)}"`)
    .join(', ');
}
