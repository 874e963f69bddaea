import type { WideNetwork } from '../../api/schema-types.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { sender } from '../../access/accounts/account-reset.ts';
import { principalId, principalName, type Principal } from '../../access/principal.ts';
import { hasRight, type PersonDecision, type TwoPeople } from '../../access/two-people.ts';
import type { Sealer } from '../../access/sealing.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { readableObserved, readObserved, type ObservedValue } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import { AUDIT_END, auditKey, removal, type AuditFact, type Store } from '../../store/store.ts';
import { isApprovable } from '../lists/blocking.ts';
import { rowOfName, rowsOfValue } from '../values/contribution.ts';
import { wideNetworkErrors } from './errors.ts';
import { stateOf, WIDE_NETWORKS, type WideNetworkRecord } from './model.ts';

const DAY_MS = 86_400_000;
/** Approvals are kept for 90 days after their end, for the people who decide on the next one. */
const KEPT_MS = 90 * DAY_MS;
const MOST_SWEPT = 500;
/** How many indicators of a network are compared to find its publisher. */
const MOST_COMPARED = 1_000;
/** How many entries of the audit log are read at once, and how often. */
const READ_AT_ONCE = 1_000;
const MOST_READS = 100;
/** Objects are stored within this time of the entry about them. */
const STORED_WITHIN_MS = 15 * 60_000;
/** Actions by which an account publishes objects, with their first ids. */
const PUBLISHED: ReadonlySet<string> = new Set(['object.publish', 'object.represent']);

interface WideNetworkParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly sealer: Pick<Sealer, 'fingerprint'>;
  readonly twoPeople: TwoPeople;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
  readonly notifications: Pick<Notifications, 'prepare'>;
}

/** An indicator of a network: its collection, and when it was stored, in milliseconds since 1970. */
interface Published {
  readonly id: string;
  readonly resource: string;
  readonly at: number;
}

type Network = ObservedValue & { readonly type: 'ipv4' | 'ipv6' };

/**
 * Approvals of networks that lists leave out because of their size. A tool that blocks one of them by mistake cuts off a
 * country, so two people of the hub approve each one for a limited time, and neither of them is its publisher, as far as
 * the audit log names the publisher. Any analyst can revoke an approval alone.
 */
export class WideNetworks {
  readonly #s: WideNetworkParts;

  constructor(parts: WideNetworkParts) {
    this.#s = parts;
  }

  /** Returns all approvals, the one that ends last first. */
  async list(actor: Principal): Promise<readonly WideNetwork[]> {
    const directory = await this.#s.directory.current();
    const records = await WIDE_NETWORKS.all(this.#s.store);
    return records
      .toSorted((a, b) => b.document.until - a.document.until)
      .map((record) => this.#listed(record, directory, actor));
  }

  /**
   * Records the first approval of a network, which ends after `days` days. Lists do not change until a second person
   * approves it. Throws `invalid-content` for a network that needs no approval or cannot get one, and `conflict` while
   * another approval of it is in force.
   */
  async create(actor: Principal, written: string, reason: string, days: number): Promise<WideNetwork> {
    const { store, clock } = this.#s;
    this.#s.twoPeople.demandRight(actor, 'network.approve', 'approve wide networks');
    const network = networkOf(written);
    if (network === undefined) throw wideNetworkErrors.notWide({ network: written.slice(0, 64) });
    const id = this.#s.sealer.fingerprint(`wide network ${network.type} ${network.value}`).slice(0, 22);
    await this.#demand(actor, network, [], id);
    const before = await WIDE_NETWORKS.in(store).get(id);
    const now = clock.now();
    const state = before === undefined ? 'ended' : stateOf(before.document, now);
    if (state === 'proposed' || state === 'approved') throw wideNetworkErrors.decided({ state });
    const first = { by: principalId(actor), at: now, reason };
    const document = { ...network, approvals: [first], until: now + days * DAY_MS };
    await this.#write(actor, 'network.propose', WIDE_NETWORKS.put(id, before, document), reason);
    return this.#read(actor, id);
  }

  /** Records the second approval. From that moment lists contain the network, until the approval ends. */
  async approve(actor: Principal, id: string, reason: string): Promise<WideNetwork> {
    const { clock, log } = this.#s;
    this.#s.twoPeople.demandRight(actor, 'network.approve', 'approve wide networks');
    const record = await this.#record(id);
    const { approvals } = record.document;
    await this.#demand(actor, record.document, approvals, id);
    const state = stateOf(record.document, clock.now());
    if (state !== 'proposed') throw wideNetworkErrors.decided({ state });
    const second = { by: principalId(actor), at: clock.now(), reason };
    const document = { ...record.document, approvals: [...approvals, second] };
    await this.#write(actor, 'network.approve', WIDE_NETWORKS.change(record, document), reason);
    log.warn('network.approved', { network: id, until: new Date(document.until).toISOString() });
    return this.#read(actor, id);
  }

  /**
   * Ends an approval, or the proposal of one, and notifies the people who gave it and may still approve networks. Lists
   * leave the network out again. Notifications are sent by email, so they contain neither the network nor the reason.
   */
  async revoke(actor: Principal, id: string, reason: string): Promise<WideNetwork> {
    const { clock } = this.#s;
    const record = await this.#record(id);
    const state = stateOf(record.document, clock.now());
    if (state !== 'proposed' && state !== 'approved') throw wideNetworkErrors.decided({ state });
    const revoked = { by: principalId(actor), at: clock.now(), reason };
    const change = WIDE_NETWORKS.change(record, { ...record.document, revoked });
    const { approvals } = record.document;
    const directory = await this.#s.directory.refresh();
    const event = state === 'proposed' ? 'network.proposal_revoked' : 'network.revoked';
    const notices = [...new Set(approvals.map(({ by }) => by))]
      .filter((account) => account !== revoked.by && hasRight(account, 'network.approve', directory))
      .map((account) => this.#s.notifications.prepare(account, event, { by: principalName(actor) }));
    const fact = this.#fact(actor, 'network.revoke', id, reason);
    await this.#s.store.commit({ records: [change, ...notices.map((one) => one.record)], facts: [fact] });
    await sender(notices)();
    return this.#read(actor, id);
  }

  /** Removes approvals that ended long ago. */
  async sweep(): Promise<void> {
    const before = this.#s.clock.now() - KEPT_MS;
    const ended = (await WIDE_NETWORKS.all(this.#s.store))
      .filter(({ document: { until, revoked } }) => Math.min(until, revoked?.at ?? Infinity) < before)
      .slice(0, MOST_SWEPT);
    if (ended.length > 0) await this.#s.store.commit({ records: ended.map((record) => removal(record)) });
  }

  /** Throws a Problem if the caller approved this network before, or published it. */
  async #demand(
    actor: Principal,
    network: Network,
    approvals: readonly PersonDecision[],
    id: string,
  ): Promise<void> {
    const publishers = (await this.#isPublisher(actor, network)) ? [principalId(actor)] : [];
    const involved = [...approvals.map(({ by }) => by), ...publishers];
    await this.#s.twoPeople.demandOther(actor, 'network.approve', involved, () =>
      wideNetworkErrors.secondPerson({ id }),
    );
  }

  /**
   * True if the caller, by the audit log, published an indicator of the network. Also true if the caller did more than can be
   * read, because then nobody can say.
   */
  async #isPublisher(actor: Principal, network: Network): Promise<boolean> {
    const { store, directory } = this.#s;
    const { collections } = await directory.current();
    const ranges = [...collections.keys()].map((collection) => rowsOfValue(collection, network));
    if (ranges.length === 0) return false;
    const names = await store.names({ ranges, limit: MOST_COMPARED });
    const indicators = names.map((name) => {
      const { collection, added } = name;
      return { id: rowOfName(name).contribution.id, resource: `collection/${collection}`, at: added / 1_000 };
    });
    if (indicators.length === 0) return false;
    const key = auditKey.actor(principalId(actor));
    await store.numberFacts();
    let from = AUDIT_END;
    for (let reads = 0; reads < MOST_READS; reads++) {
      const { entries, unindexedFrom } = await store.auditBy([key], from, READ_AT_ONCE, 'newest');
      if (entries.some(({ fact }) => publishes(fact, indicators))) return true;
      // Entries of earlier versions are added to the index first.
      if (unindexedFrom !== undefined) await store.indexFacts(READ_AT_ONCE);
      else if (entries.length < READ_AT_ONCE) return false;
      from = unindexedFrom ?? entries.at(-1)?.seq ?? from;
    }
    return true;
  }

  async #write(
    actor: Principal,
    action: string,
    change: ReturnType<typeof WIDE_NETWORKS.put>,
    reason: string,
  ): Promise<void> {
    const fact = this.#fact(actor, action, change.id, reason);
    await this.#s.store.commit({ records: [change], facts: [fact] });
  }

  /** The audit log names the network by its fingerprint, as it does for all values. */
  #fact(actor: Principal, action: string, id: string, reason: string): AuditFact {
    return this.#s.audit.fact(actor, action, `wide-network/${id}`, { details: { reason } });
  }

  async #record(id: string): Promise<Stored<WideNetworkRecord>> {
    const record = await WIDE_NETWORKS.in(this.#s.store).get(id);
    if (record === undefined) throw wideNetworkErrors.notFound({ id: id.slice(0, 64) });
    return record;
  }

  async #read(actor: Principal, id: string): Promise<WideNetwork> {
    return this.#listed(await this.#record(id), await this.#s.directory.current(), actor);
  }

  #listed({ id, document }: Stored<WideNetworkRecord>, directory: Snapshot, actor: Principal): WideNetwork {
    const visible = VisibleNames.of(directory, actor);
    const shown = ({ by, at, reason }: PersonDecision) => ({
      by: visible.actor(by),
      at: new Date(at).toISOString(),
      reason,
    });
    const { approvals, until, revoked } = document;
    return {
      id,
      network: readableObserved(document),
      state: stateOf(document, this.#s.clock.now()),
      until: new Date(until).toISOString(),
      approvals: approvals.map(shown),
      ...(revoked === undefined ? {} : { revoked: shown(revoked) }),
    };
  }
}

/**
 * True for an entry about the publication of one of these objects. An entry names the first objects only, so one that
 * does not name all can be about an object of the same collection that was stored soon after it.
 */
function publishes({ action, resource, at, details }: AuditFact, indicators: readonly Published[]): boolean {
  const [ids, objects] = [details?.['ids'], details?.['objects']];
  if (!PUBLISHED.has(action) || !Array.isArray(ids)) return false;
  const namesAll = typeof objects === 'number' && ids.length >= objects;
  return indicators.some(
    (one) =>
      ids.includes(one.id) ||
      (!namesAll && one.resource === resource && one.at >= at && one.at <= at + STORED_WITHIN_MS),
  );
}

/** Returns a network that can be approved, from its written form. */
function networkOf(written: string): Network | undefined {
  const read = readObserved(written);
  if (read === undefined || (read.type !== 'ipv4' && read.type !== 'ipv6')) return undefined;
  const network = { type: read.type, value: read.value };
  return isApprovable(network) ? network : undefined;
}
