import { hash } from 'node:crypto';
import type { Share, ShareRequest } from '../../api/schema-types.ts';
import { can } from '../../access/rights.ts';
import { demandPlacing } from '../../access/keys/limits.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { principalName, type Principal } from '../../access/principal.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { concernsOf } from '../../stix/observables.ts';
import type { Stored } from '../../store/records.ts';
import { TRIAGE, triageItemId, type TriageRecord } from './model.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import type { Outlet } from '../reading/outlet.ts';
import type { PassingContext } from '../routing/passing.ts';
import type { Item } from '../routing/placing.ts';
import { shareErrors } from './errors.ts';
import { accessErrors } from '../../access/errors.ts';

/** An item for which hub staff decide who receives it. */
export interface TriageItem extends Omit<TriageRecord, 'source' | 'version'> {
  readonly id: string;
  /** Alias of the collection that contains it, or its id. */
  readonly collection: string;
  /**
   * The value or name of the object, or the first values that it reports. Absent for callers that cannot read the
   * collection.
   */
  readonly about?: string;
}

/** Maximum number of open items. Further items appear only in the log. */
export const MOST_OPEN = 1_000;
const MOST_LISTED = 1_000;
/** Types that report that something was seen somewhere, so somebody is affected. */
const REPORTS = new Set(['observed-data', 'sighting', 'incident']);

/**
 * Returns why an object that is routed to nobody needs a person. Undefined if it does not. Either a country of the
 * hub's region has no active member, or something was seen that affects nobody.
 */
export function triageReason(
  { entry, object }: Item,
  { directory, seen }: PassingContext,
  region: readonly string[],
): Pick<TriageItem, 'reason' | 'message' | 'country'> | undefined {
  if (object['revoked'] === true) return undefined;
  const concerns = concernsOf(object, (id) => seen.get(id));
  if (concerns.length === 0) return undefined;
  const country = concerns
    .flatMap((concern) => (concern.kind === 'country' ? [concern.code] : []))
    .find((code) => region.includes(code) && !hasMember(directory, code));
  if (country !== undefined)
    return { reason: 'no-member', country, message: `it concerns ${country}, which has no active member; the hub handles it` }; // prettier-ignore
  return REPORTS.has(entry.type)
    ? { reason: 'nobody', message: 'it reports an observation that no member claims' }
    : undefined;
}

function hasMember(directory: Snapshot, country: string): boolean {
  return [...directory.members.values()].some(
    ({ active, countries }) => active && countries.includes(country),
  );
}

/** Returns the record of an open item. */
export function triageChange(item: Omit<TriageRecord, 'at' | 'state'>, now: number): RecordChange {
  return TRIAGE.insert(triageItemId(item), { ...item, at: new Date(now).toISOString(), state: 'open' });
}

/** The triage queue: reports that hub staff must assign. */
export class Triage {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #shares: {
    share(actor: Principal, object: string, request: ShareRequest, listedIn?: string): Promise<Share>;
  };
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #outlet: Pick<Outlet, 'described'>;

  constructor(
    store: Store,
    directory: Directory,
    shares: {
      share(actor: Principal, object: string, request: ShareRequest, listedIn?: string): Promise<Share>;
    },
    clock: Clock,
    audit: Audit,
    outlet: Pick<Outlet, 'described'>,
  ) {
    this.#outlet = outlet;
    this.#store = store;
    this.#directory = directory;
    this.#shares = shares;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Returns the open items, oldest first. */
  async list(actor: Principal): Promise<readonly TriageItem[]> {
    this.#demand(actor, 'triage.read');
    const directory = await this.#directory.current();
    const records = await TRIAGE.in(this.#store).by('state', 'open', { limit: MOST_LISTED });
    const about = await this.#about(actor, records);
    return records
      .map((record) => ({ ...itemOf(record, directory), ...about(record.document) }))
      .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** Returns a function that returns what the object of an item is about, if the caller may read it. */
  async #about(
    actor: Principal,
    records: readonly Stored<TriageRecord>[],
  ): Promise<(item: TriageRecord) => Pick<TriageItem, 'about'>> {
    const ids = new Map<string, string[]>();
    for (const { document } of records)
      ids.set(document.source, [...(ids.get(document.source) ?? []), document.object]);
    const found = new Map<string, ReadonlyMap<string, string>>();
    for (const [source, objects] of ids)
      found.set(source, await this.#outlet.described(actor, source, objects));
    return ({ source, object }) => {
      const about = found.get(source)?.get(object);
      return about === undefined ? {} : { about };
    };
  }

  /**
   * Shares the object of an item with members and closes the item. If the TLP of the object requires it, its owner is
   * asked first.
   */
  async assign(actor: Principal, id: string, members: readonly string[], note?: string): Promise<Share> {
    this.#demand(actor);
    demandPlacing(actor, 'triage.assign');
    const record = await this.#open(actor, id);
    const share = await this.#shares.share(
      actor,
      record.document.object,
      { members, ...(note === undefined ? {} : { reason: note }) },
      record.document.source,
    );
    await this.#done(actor, record, `given to ${members.join(', ')}`, note);
    return share;
  }

  /** Closes an item without sharing its object. */
  async dismiss(actor: Principal, id: string, note: string): Promise<void> {
    await this.#done(actor, await this.#open(actor, id), 'dismissed', note);
  }

  async #done(actor: Principal, record: Stored<TriageRecord>, what: string, note?: string): Promise<void> {
    const decided = {
      by: principalName(actor),
      at: new Date(this.#clock.now()).toISOString(),
      what,
      ...(note === undefined ? {} : { note }),
    };
    await this.#store.commit({
      records: [TRIAGE.change(record, { ...record.document, state: 'done', decided })],
      facts: [
        this.#audit.fact(actor, 'triage.decide', `object/${record.document.object}`, {
          details: { what, ...(note === undefined ? {} : { note }) },
        }),
      ],
    });
  }

  async #open(actor: Principal, id: string): Promise<Stored<TriageRecord>> {
    this.#demand(actor);
    const open = await TRIAGE.in(this.#store).by('state', 'open');
    const record = open.find((one) => triageId(one.id) === id);
    if (record === undefined) throw shareErrors.triageNotFound({ id: id.slice(0, 64) });
    return record;
  }

  #demand(actor: Principal, action: 'object.triage' | 'triage.read' = 'object.triage'): void {
    if (!can(actor, action, { kind: 'hub' }))
      throw accessErrors.notPermitted(
        { action: 'decide which member an object affects' },
        { description: 'Analysts of the hub decide on it.' },
      );
  }
}

/** Returns the public id of an item. It is short and does not contain the id of an observable. */
function triageId(id: string): string {
  return hash('sha256', id).slice(0, 16);
}

function itemOf({ id, document }: Stored<TriageRecord>, directory: Snapshot): TriageItem {
  const { source, version: _version, ...item } = document;
  return {
    ...item,
    id: triageId(id),
    collection: directory.collections.get(source)?.alias ?? source,
  };
}
