import type { FalsePositive } from '../../api/schema-types.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { readableObserved } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { SuppressionService } from '../suppression/service.ts';
import { valueOf } from '../suppression/value-of.ts';
import { feedbackErrors } from './errors.ts';
import { CASES, type CaseRecord } from './model.ts';
import type { SealedReports } from './sealed-reports.ts';
import { reportersOf } from './summary.ts';

const MOST_LISTED = 1_000;

interface CaseParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly reports: SealedReports;
  readonly suppression: Pick<SuppressionService, 'suppress'>;
  readonly notifications: Pick<Notifications, 'notify'>;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** The false positives that members reported, for hub staff to decide. They do not see who reported. */
export class Cases {
  readonly #s: CaseParts;

  constructor(parts: CaseParts) {
    this.#s = parts;
  }

  /** Returns the open cases, oldest first. */
  async list(actor: Principal): Promise<readonly FalsePositive[]> {
    if (!can(actor, 'triage.read', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'see reported false positives' });
    const directory = await this.#s.directory.current();
    const open = await CASES.in(this.#s.store).by('state', 'open', { limit: MOST_LISTED });
    const listed = await Promise.all(open.map((record) => this.#listed(actor, record, directory)));
    return listed.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  async #listed(
    actor: Principal,
    { id, document }: Stored<CaseRecord>,
    directory: Snapshot,
  ): Promise<FalsePositive> {
    const { type, value, state, at, collections } = document;
    const visible = VisibleNames.of(directory, actor);
    const reports = await this.#reports(document);
    return {
      id,
      type,
      value: readableObserved(valueOf({ type, value })),
      state,
      at: new Date(at).toISOString(),
      members: reportersOf(reports),
      collections: collections.flatMap((one) => {
        const found = directory.collections.get(one);
        return found !== undefined && visible.collection(found) ? [visible.nameOf(found)] : [];
      }),
      notes: reports.flatMap(({ note }) => note ?? []),
    };
  }

  /** The reports that hub staff count, with their notes. */
  async #reports(record: CaseRecord) {
    const reports = await this.#s.reports.about(valueOf(record));
    return reports.filter(({ kind }) => kind === 'false-positive');
  }

  /** The reports whose accounts learn the decision. */
  async #notified(record: CaseRecord) {
    const apart = await this.#s.reports.apartAbout(valueOf(record));
    return [...(await this.#reports(record)), ...apart.filter(({ kind }) => kind === 'false-positive')];
  }

  /**
   * Decides a case. A confirmed value is suppressed in the same commit: no list contains it, and everybody who
   * has it gets the note. Its reporters are notified of either decision.
   */
  async decide(
    actor: Principal,
    id: string,
    verdict: 'confirmed' | 'refused',
    note: string,
  ): Promise<FalsePositive> {
    const { store, clock, audit, suppression, notifications } = this.#s;
    if (!can(actor, 'object.triage', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'decide on a reported false positive' });
    const record = await CASES.in(store).get(id);
    if (record?.document.state !== 'open') throw feedbackErrors.caseNotFound({ id: id.slice(0, 64) });
    const decided = { by: principalId(actor), at: clock.now(), note };
    const document = { ...record.document, state: verdict, decided };
    const beside = {
      records: [CASES.change(record, document)],
      facts: [
        audit.fact(actor, 'false_positive.decide', `false-positive/${id}`, { details: { verdict, note } }),
      ],
    };
    if (verdict === 'refused') await store.commit(beside);
    else await suppression.suppress(actor, [valueOf(document)], 'false-positive', note, beside);
    const reported = new Map<string, number>();
    for (const { account, at } of await this.#notified(document))
      if (account !== undefined) reported.set(account, Math.min(at, reported.get(account) ?? at));
    for (const [account, at] of reported)
      await notifications.notify(account, `feedback.${verdict}`, { note, reported: at });
    return this.#listed(actor, { ...record, document }, await this.#s.directory.current());
  }
}
