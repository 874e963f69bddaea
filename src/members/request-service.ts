import type { Asked, MemberSelfChange, Registration } from '../api/schema-types.ts';
import { networkOf } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Stored } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { ACCOUNTS } from '../access/accounts/model.ts';
import { MEMBER_REQUESTS, type MemberRequestRecord } from './model.ts';
import type { AccountService } from '../access/accounts/account-service.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { InvitationService } from '../access/accounts/invitation-service.ts';
import type { MemberService } from './member-service.ts';
import { siteOf } from '../access/sessions/throttle.ts';
import { principalName, type Principal } from '../access/principal.ts';
import { demandWithin, UNLIMITED } from '../access/keys/limits.ts';
import { can } from '../access/rights.ts';
import { memberErrors } from './errors.ts';
import { accessErrors } from '../access/errors.ts';

/**
 * A request that waits for an administrator of the hub. The current state stays in effect until the decision. The schema
 * of the response leaves open what was asked.
 */
export interface MemberRequestListed extends Omit<Asked, 'registration' | 'change'> {
  readonly registration?: Registration;
  readonly change?: MemberSelfChange;
}

/** Maximum number of waiting registrations. More than this is a sign of abuse. */
const MOST_WAITING = 100;
/** Maximum number of open requests: per address (for IPv6, per /64, which is one customer) and per member. */
const MOST_OF_ONE = 5;
/** Maximum number per surrounding network: an IPv4 /24, or an IPv6 /48, which is one site. */
const MOST_OF_SITE = 20;
const MOST_LISTED = 1_000;

/** Registrations and change requests. Both have two steps: a request and a decision. */
export class RequestService {
  readonly #store: Store;
  readonly #members: MemberService;
  readonly #accounts: AccountService;
  readonly #invitations: InvitationService;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #audit: Audit;

  constructor(
    store: Store,
    members: MemberService,
    accounts: AccountService,
    invitations: InvitationService,
    ids: Ids,
    clock: Clock,
    audit: Audit,
  ) {
    this.#store = store;
    this.#members = members;
    this.#accounts = accounts;
    this.#invitations = invitations;
    this.#ids = ids;
    this.#clock = clock;
    this.#audit = audit;
  }

  /**
   * Submits an application for membership. No credentials are needed. The response is the same whether or not such a
   * member exists, so it does not reveal who is a member.
   */
  async register(
    actor: Principal,
    registration: Registration,
    address: string,
  ): Promise<MemberRequestListed> {
    const waiting = (await this.#waiting()).filter(({ document }) => document.kind === 'registration');
    const waitingOf = (network: (one: string) => string): number =>
      waiting.filter(({ document }) => network(document.address ?? '') === network(address)).length;
    if (
      waiting.length >= MOST_WAITING ||
      waitingOf(networkOf) >= MOST_OF_ONE ||
      waitingOf(siteOf) >= MOST_OF_SITE
    )
      throw memberErrors.tooManyRegistrations();
    return this.#ask(actor, { kind: 'registration', member: registration.name, registration }, address);
  }

  /** Submits a request of a member to change some of its own properties. */
  async ask(actor: Principal, member: string, change: MemberSelfChange): Promise<MemberRequestListed> {
    if (!can(actor, 'member.claim', { kind: 'member', name: member })) {
      // This throws "not found" for a member that the caller must not learn of.
      await this.#members.get(actor, member);
      throw accessErrors.notPermitted(
        { action: 'request changes of this member' },
        { description: 'An officer of the member requests them.' },
      );
    }
    await this.#members.get(actor, member);
    if (Object.keys(change).length === 0) throw memberErrors.nothingToChange();
    const mine = (await this.#waiting()).filter(({ document }) => document.member === member);
    if (mine.length >= MOST_OF_ONE) throw memberErrors.tooManyRequests();
    return this.#ask(actor, { kind: 'change', member, change });
  }

  async #ask(
    actor: Principal,
    asked: Pick<MemberRequestListed, 'kind' | 'member' | 'registration' | 'change'>,
    address?: string,
  ): Promise<MemberRequestListed> {
    const id = this.#ids.uuid();
    const document: MemberRequestRecord = {
      ...asked,
      by: principalName(actor),
      at: new Date(this.#clock.now()).toISOString(),
      state: 'pending',
      ...(address === undefined ? {} : { address }),
    };
    await this.#store.commit({
      records: [MEMBER_REQUESTS.insert(id, document)],
      facts: [
        this.#audit.fact(actor, `member.${asked.kind === 'change' ? 'ask' : 'register'}`, `request/${id}`, {
          ...(asked.kind === 'change' ? { member: asked.member } : {}),
        }),
      ],
    });
    return requestOf({ id, document });
  }

  /** Returns all requests to administrators of the hub, and to officers those of their member. The newest come first. */
  async list(actor: Principal): Promise<readonly MemberRequestListed[]> {
    const records = await MEMBER_REQUESTS.in(this.#store).list({
      newestFirst: true,
      limit: MOST_LISTED,
    });
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    return records
      .map(requestOf)
      .filter(({ kind, member }) =>
        kind === 'registration'
          ? can(actor, 'hub.inspect', { kind: 'hub' })
          : can(actor, 'member.request.read', { kind: 'member', name: member }),
      )
      .map((request) => (isHub ? request : withoutHubNames(request)))
      .toSorted((a, b) => (a.at < b.at ? 1 : -1));
  }

  /**
   * Decides a request. Approving a registration creates the member, an officer account and its one-time link. Approving
   * a change applies it as if the administrator had made it.
   */
  async decide(
    actor: Principal,
    id: string,
    verdict: 'approved' | 'refused',
    note?: string,
  ): Promise<MemberRequestListed> {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'decide on members' });
    const record = await MEMBER_REQUESTS.in(this.#store).get(id);
    if (record === undefined) throw memberErrors.requestNotFound({ id: id.slice(0, 64) });
    const request = requestOf(record);
    if (request.state !== 'pending') throw memberErrors.requestDecided();
    if (verdict === 'approved' && request.kind === 'registration')
      demandWithin(actor, 'request.approve', UNLIMITED);
    const link = verdict === 'approved' ? await this.#do(actor, request) : undefined;
    const decided = {
      ...record.document,
      state: verdict,
      decided_by: principalName(actor),
      ...(note === undefined ? {} : { note }),
    };
    await this.#store.commit({
      records: [MEMBER_REQUESTS.change(record, decided)],
      facts: [
        this.#audit.fact(actor, `request.${verdict === 'approved' ? 'approve' : 'reject'}`, `request/${id}`, {
          member: request.member,
          ...(note === undefined ? {} : { details: { note } }),
        }),
      ],
    });
    return { ...requestOf({ id, document: decided }), ...(link === undefined ? {} : { link }) };
  }

  async #do(
    actor: Principal,
    { member, registration, change }: MemberRequestListed,
  ): Promise<string | undefined> {
    if (registration === undefined) {
      await this.#members.update(actor, member, change ?? {});
      return undefined;
    }
    const { title, kind, countries } = registration;
    // Found before anything is stored: an officer of another member can have an account of the first name.
    const account = await this.#officerName(member);
    await this.#members.create(actor, {
      name: member,
      title,
      ...(kind === undefined ? {} : { kind }),
      ...(countries === undefined ? {} : { countries }),
    });
    await this.#accounts.create(actor, { name: account, role: 'officer', member, person: true });
    return (await this.#invitations.invite(actor, account)).path;
  }

  /** Returns a name that no account has for the officer of a new member. */
  async #officerName(member: string): Promise<string> {
    const first = `${member}-officer`.slice(0, 63);
    for (let name = first, n = 2; ; name = `${first.slice(0, 58)}-${n++}`)
      if ((await ACCOUNTS.in(this.#store).get(name)) === undefined) return name;
  }

  #waiting(): Promise<readonly Stored<MemberRequestRecord>[]> {
    return MEMBER_REQUESTS.in(this.#store).by('state', 'pending');
  }
}

/** Members see that the hub decided, not which person. */
function withoutHubNames(request: MemberRequestListed): MemberRequestListed {
  return request.decided_by === undefined ? request : { ...request, decided_by: 'hub' };
}

function requestOf({
  id,
  document,
}: Pick<Stored<MemberRequestRecord>, 'id' | 'document'>): MemberRequestListed {
  const { address: _address, ...request } = document;
  return { id, ...request };
}
