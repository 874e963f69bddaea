import type { Claim, ClaimRequest } from '../api/schema-types.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import { accessErrors } from '../access/errors.ts';
import { demandLasting } from '../access/keys/limits.ts';
import { CLAIMS, type ClaimRecord } from '../access/member-model.ts';
import { principalName, type Principal } from '../access/principal.ts';
import { can } from '../access/rights.ts';
import type { Snapshot } from '../access/snapshot.ts';
import { VisibleNames } from '../access/visible-names.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { Slices } from '../kernel/slices.ts';
import type { Stored } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { claimValue, overlapsOf } from './claim-values.ts';
import { memberErrors } from './errors.ts';
import { demandManager } from './manager.ts';

const MOST_CLAIMS = 1_000;

/** Claims of members. A claim affects routing only after an administrator of the hub has verified it. */
export class ClaimService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(store: Store, directory: Directory, ids: Ids, clock: Clock, audit: Audit) {
    this.#store = store;
    this.#directory = directory;
    this.#ids = ids;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Returns the claims that the caller may see, newest first. */
  async list(actor: Principal, member?: string): Promise<readonly Claim[]> {
    const directory = await this.#directory.current();
    const newest = { newestFirst: true, limit: MOST_CLAIMS };
    const wanted = member ?? (actor.kind === 'account' ? actor.member : undefined);
    // Claims of the requested member are read separately, so that the claims of others cannot crowd them out.
    const lists = await Promise.all([
      CLAIMS.in(this.#store).whole(newest),
      wanted === undefined
        ? []
        : CLAIMS.in(this.#store).whole({ ...newest, index: { name: 'member', value: wanted } }),
    ]);
    const visible = VisibleNames.of(directory, actor);
    const slices = new Slices(this.#clock);
    const found: Claim[] = [];
    for (const record of new Map(lists.flat().map((one) => [one.id, one])).values()) {
      const { member: of } = record.document;
      if ((member !== undefined && of !== member) || !can(actor, 'member.read', { kind: 'member', name: of }))
        continue;
      // Each claim is compared with those of all members.
      found.push(claimOf(record, directory, visible, this.#clock.now()));
      if (slices.isOver()) await slices.next();
    }
    return found;
  }

  /**
   * Creates a claim of a member. An administrator of the hub must decide on it. A claim that the administrator adds is
   * verified at once.
   */
  async create(actor: Principal, member: string, request: ClaimRequest): Promise<Claim> {
    const isDeciding = can(actor, 'hub.write', { kind: 'hub' });
    if (!can(actor, 'member.claim', { kind: 'member', name: member }))
      throw can(actor, 'member.read', { kind: 'member', name: member })
        ? accessErrors.notPermitted({ action: 'claim anything for this member' })
        : memberErrors.notFound({ name: member.slice(0, 64) });
    if (isDeciding) demandLasting(actor, 'claim.verify');
    const directory = await this.#directory.refresh();
    if (!directory.members.has(member) || member === 'hub')
      throw memberErrors.notFound({ name: member.slice(0, 64) });
    const value = claimValue(request);
    const id = this.#ids.uuid();
    const document: ClaimRecord = {
      member,
      type: request.type,
      value,
      ...(request.evidence === undefined ? {} : { evidence: request.evidence }),
      ...(request.until === undefined ? {} : { until: request.until }),
      state: isDeciding ? 'verified' : 'claimed',
      by: principalName(actor),
      at: new Date(this.#clock.now()).toISOString(),
      ...(isDeciding ? { decided_by: principalName(actor) } : {}),
    };
    await this.#store.commit({
      records: [CLAIMS.insert(id, document)],
      facts: [
        this.#audit.fact(actor, 'member.claim', `claim/${id}`, {
          member,
          details: { type: request.type, value, state: document.state },
        }),
      ],
    });
    return this.#claim(actor, id);
  }

  /** Verifies or rejects a claim. Verified claims affect routing from now on, and rejected claims no longer do. */
  async decide(
    actor: Principal,
    id: string,
    verdict: 'verified' | 'rejected',
    note?: string,
  ): Promise<Claim> {
    demandManager(actor);
    if (verdict === 'verified') demandLasting(actor, 'claim.verify');
    const record = await CLAIMS.in(this.#store).get(id);
    if (record === undefined) throw memberErrors.claimNotFound({ id: id.slice(0, 64) });
    await this.#store.commit({
      records: [
        CLAIMS.change(record, {
          ...record.document,
          state: verdict,
          decided_by: principalName(actor),
          ...(note === undefined ? {} : { note }),
        }),
      ],
      facts: [
        this.#audit.fact(actor, `claim.${verdict === 'verified' ? 'verify' : 'reject'}`, `claim/${id}`, {
          member: record.document.member,
          details: {
            type: record.document.type,
            value: record.document.value,
            ...(note === undefined ? {} : { note }),
          },
        }),
      ],
    });
    return this.#claim(actor, id);
  }

  async #claim(actor: Principal, id: string): Promise<Claim> {
    const directory = await this.#directory.refresh();
    const record = await CLAIMS.in(this.#store).get(id);
    if (record === undefined) throw new Error('a claim that was just written is missing');
    return claimOf(record, directory, VisibleNames.of(directory, actor), this.#clock.now());
  }
}

function claimOf(
  { id, document }: Stored<ClaimRecord>,
  directory: Snapshot,
  visible: VisibleNames,
  now: number,
): Claim {
  const { member, type, value, evidence, until, state, by, at, decided_by, note } = document;
  const isOver = until !== undefined && Date.parse(until) <= now;
  return {
    id, member, type, value, state: isOver ? 'expired' : state, by: visible.actor(by), at,
    ...(until === undefined ? {} : { until }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(decided_by === undefined ? {} : { decided_by: visible.actor(decided_by) }),
    ...(note === undefined ? {} : { note }),
    overlaps: [...directory.members.values()]
      .filter(({ name }) => name !== member && visible.member(name))
      .flatMap((other) => overlapsOf(type, value, other).map((claim) => ({ member: other.name, claim })))
      .slice(0, 20),
  }; // prettier-ignore
}
