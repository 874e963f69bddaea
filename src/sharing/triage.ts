import { hash } from 'node:crypto';
import { can } from '../access/rights.ts';
import type { Audit } from '../access/audit.ts';
import type { Directory } from '../access/directory.ts';
import { principalName, type Principal } from '../access/principal.ts';
import type { Snapshot } from '../access/snapshot.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { concernsOf } from '../stix/observables.ts';
import type { HubRecord, RecordChange, Store } from '../store/store.ts';
import type { PassingContext } from './passing.ts';
import type { Item } from './placing.ts';
import type { Share, ShareRequest } from './shares.ts';

/** Why something is in the queue: its country has no member; it concerns nobody; a member says it is not his, or false. */
export type TriageReason = 'no-member' | 'nobody' | 'not-ours' | 'false-positive';

/** Something of which a person of the hub decides whose it is. */
export interface TriageItem {
  readonly id: string;
  readonly object: string;
  /** Alias of the collection in which it stands, or its id. */
  readonly collection: string;
  readonly reason: TriageReason;
  readonly message: string;
  /** The country whose caretaker the hub is. */
  readonly country?: string;
  /** The member that has answered so. */
  readonly member?: string;
  readonly at: string;
  readonly state: 'open' | 'done';
  readonly decided?: {
    readonly by: string;
    readonly at: string;
    readonly what: string;
    readonly note?: string;
  };
}

/** What is open at once; what comes beyond that is told in the log only. */
export const MOST_OPEN = 1_000;
const MOST_LISTED = 1_000;
/** What says that something was seen somewhere: there is somebody whom it concerns. */
const REPORTS = new Set(['observed-data', 'sighting', 'incident']);

/**
 * Why an object that is routed to nobody needs a person, if it does: a country of the hub's region that has no active member (the
 * hub is its caretaker), or a report of something seen that concerns nobody.
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
    return { reason: 'no-member', country, message: `it concerns ${country}, which has no active member: the hub looks after it` }; // prettier-ignore
  return REPORTS.has(entry.type)
    ? { reason: 'nobody', message: 'something was seen that no member says is his' }
    : undefined;
}

function hasMember(directory: Snapshot, country: string): boolean {
  return [...directory.members.values()].some(
    ({ active, countries }) => active && countries.includes(country),
  );
}

/** The record of an open item. */
export function triageChange(
  item: Omit<TriageItem, 'id' | 'at' | 'state' | 'collection'> & { readonly source: string },
  now: number,
): RecordChange {
  const id = [item.source, item.object, item.reason, item.member ?? ''].join('/');
  return {
    kind: 'triage',
    id,
    expected: 0,
    document: { ...item, at: new Date(now).toISOString(), state: 'open' },
    index: { state: 'open' },
  };
}

/** The queue of what a person of the hub has to place. */
export class Triage {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #shares: {
    share(actor: Principal, object: string, request: ShareRequest): Promise<Share>;
  };
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(
    store: Store,
    directory: Directory,
    shares: { share(actor: Principal, object: string, request: ShareRequest): Promise<Share> },
    clock: Clock,
    audit: Audit,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#shares = shares;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** What is open, the oldest first. */
  async list(actor: Principal): Promise<readonly TriageItem[]> {
    this.#demand(actor, 'triage.read');
    const directory = await this.#directory.current();
    const records = await this.#store.records('triage', {
      index: { name: 'state', value: 'open' },
      limit: MOST_LISTED,
    });
    return records.map((record) => itemOf(record, directory)).toSorted((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** Gives it to members, by sharing it with them (its owner is asked where its TLP asks for that), and is done with it. */
  async assign(actor: Principal, id: string, members: readonly string[], note?: string): Promise<Share> {
    const record = await this.#open(actor, id);
    const share = await this.#shares.share(actor, String(record.document['object']), {
      members,
      ...(note === undefined ? {} : { reason: note }),
    });
    await this.#done(actor, record, `given to ${members.join(', ')}`, note);
    return share;
  }

  /** Is done with it, without giving it to anybody. */
  async dismiss(actor: Principal, id: string, note: string): Promise<void> {
    await this.#done(actor, await this.#open(actor, id), 'dismissed', note);
  }

  async #done(actor: Principal, record: HubRecord, what: string, note?: string): Promise<void> {
    const decided = {
      by: principalName(actor),
      at: new Date(this.#clock.now()).toISOString(),
      what,
      ...(note === undefined ? {} : { note }),
    };
    await this.#store.commit({
      records: [
        {
          kind: 'triage',
          id: record.id,
          expected: record.revision,
          document: { ...record.document, state: 'done', decided },
          index: { state: 'done' },
        },
      ],
      facts: [
        this.#audit.fact(actor, 'triage.decide', `object/${String(record.document['object'])}`, {
          details: { what, ...(note === undefined ? {} : { note }) },
        }),
      ],
    });
  }

  async #open(actor: Principal, id: string): Promise<HubRecord> {
    this.#demand(actor);
    const open = await this.#store.records('triage', { index: { name: 'state', value: 'open' } });
    const record = open.find((one) => triageId(one.id) === id);
    if (record === undefined)
      throw new Problem('not-found', 'Nothing of that id is open', {
        hint: 'talanoa triage list names what is.',
        code: 'TLN-I-404',
      });
    return record;
  }

  #demand(actor: Principal, action: 'object.triage' | 'triage.read' = 'object.triage'): void {
    if (!can(actor, action, { kind: 'hub' }))
      throw new Problem('forbidden', 'An analyst of the hub decides whose it is', { code: 'TLN-A-403' });
  }
}

/** How an item is named outside: short, and without the id of an observable. */
function triageId(id: string): string {
  return hash('sha256', id).slice(0, 16);
}

function itemOf({ id, document }: HubRecord, directory: Snapshot): TriageItem {
  const { source, ...item } = document;
  return {
    ...(item as object as Omit<TriageItem, 'id' | 'collection'>),
    id: triageId(id),
    collection: directory.collections.get(String(source))?.alias ?? String(source),
  };
}
