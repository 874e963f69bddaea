import type { KeyRequest } from '../../api/schema-types.ts';
import { parseNetwork } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import {
  demandAccountName,
  demandOwnName,
  nameTaken,
  newAccountId,
  withAccess,
} from '../accounts/account-records.ts';
import { beyond, demandNew } from '../accounts/account-service.ts';
import { ACCOUNTS } from '../accounts/model.ts';
import { readsSince } from '../collection-service.ts';
import { accessErrors } from '../errors.ts';
import { isDeclared } from '../managed.ts';
import { rightsAfter } from '../grant-rights.ts';
import { GRANTS, type GrantRecord } from '../model.ts';
import { audienceMaximum, audienceWords, grantFits } from '../policy.ts';
import type { Principal, Scope } from '../principal.ts';
import { can } from '../rights.ts';
import { accountResource, type AccountInfo, type CollectionInfo, type Snapshot } from '../snapshot.ts';
import { suggestion, listHint, VisibleNames } from '../visible-names.ts';
import { keyErrors } from './errors.ts';
import { demandLasting } from './limits.ts';

/** A grant that is created or extended together with a key. */
export interface GrantOfKey {
  readonly document: GrantRecord;
  readonly change: RecordChange;
}

/** Checks the parts of a request for a key: its account, its limits and the grants that come with it. */
export class KeyRequests {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: Store, clock: Clock, ids: Ids) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** Returns the account of a new key, and the change that creates the account if it does not exist. */
  account(
    actor: Principal,
    request: KeyRequest,
    directory: Snapshot,
  ): { id: string; name: string; member: string | undefined; made: readonly RecordChange[] } {
    const name = request.account ?? (request.member === undefined ? undefined : `${request.member}-key`);
    if (name === undefined) throw keyErrors.accountRequired();
    const account = directory.accountNamed(name);
    if (account === undefined) {
      const member = request.member === 'hub' ? undefined : request.member;
      const role = request.role ?? 'machine';
      const id = newAccountId(this.#ids);
      // The name can come from that of the member, so a member that does not exist is reported first.
      demandNew(actor, directory, name, { kind: 'account', account: id, role, member });
      demandAccountName(name);
      const document = { uid: id, role, ...(member === undefined ? {} : { member }), managed: 'hub' };
      return {
        id,
        name,
        member,
        made: [ACCOUNTS.insert(name, withAccess(document, actor, this.#clock.now()))],
      };
    }
    if (!can(actor, 'key.write', accountResource(account))) {
      // The caller learns nothing about an account that they cannot list. They get the response for an
      // unavailable name, or for an account that they could not create at all.
      const asked = {
        kind: 'account',
        account: name,
        role: request.role ?? 'machine',
        member: request.member,
      } as const;
      if (VisibleNames.of(directory, actor).account(name) || !can(actor, 'account.write', asked))
        throw beyond();
      demandOwnName(actor, name, request.member, directory.members);
      throw nameTaken(name, request.member, directory.members);
    }
    if (request.member !== undefined && (account.member ?? 'hub') !== request.member)
      throw keyErrors.otherMember({ name, member: request.member });
    return { id: account.id, name, member: account.member, made: [] };
  }

  /** Returns the limits of a new key. */
  limits(
    actor: Principal,
    { scopes, only, addresses }: Pick<KeyRequest, 'scopes' | 'only' | 'addresses'>,
    directory: Snapshot,
  ): { scopes?: readonly Scope[]; collections?: readonly string[]; addresses?: readonly string[] } {
    for (const address of addresses ?? [])
      if (parseNetwork(address) === undefined) throw keyErrors.invalidNetwork({ address });
    const visible = VisibleNames.of(directory, actor);
    const collections = only?.map((wanted) => this.#collection(wanted, visible).id);
    return {
      ...(scopes === undefined ? {} : { scopes }),
      ...(collections === undefined ? {} : { collections }),
      ...(addresses === undefined ? {} : { addresses }),
    };
  }

  /** Returns the grants that are created together with a key. Present grants keep the rights that they give. */
  async grants(
    actor: Principal,
    { id: account, name, member }: Pick<AccountInfo, 'id' | 'name' | 'member'>,
    request: KeyRequest,
    directory: Snapshot,
  ): Promise<readonly GrantOfKey[]> {
    const wanted = request.collections ?? [];
    if (wanted.length > 0 && !can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted(
        { action: 'grant access to collections with a key' },
        {
          description: 'Only administrators of the hub can do this.',
          hint: 'Without collections (--collections), the key can read what its account may read. To limit it to some of them, use --only.',
        },
      );
    // The grant belongs to the account and outlives the key.
    if (wanted.length > 0) demandLasting(actor, 'grant.create');
    const found: GrantOfKey[] = [];
    for (const one of wanted) {
      const collection = this.#collection(one, VisibleNames.of(directory, actor));
      const audience = directory.audienceOfMember(member);
      const id = `${collection.id}/account:${name}`;
      const present = await GRANTS.in(this.#store).get(id);
      if (isDeclared(present)) continue;
      const asked = { read: request.read !== false, write: request.write === true };
      const { read, write } = rightsAfter(present?.document, asked, { account });
      if (read && !grantFits(audience, collection.tallest))
        throw keyErrors.audienceTooWide({
          audience: audienceWords(audience),
          collection: collection.title,
          allowed: audienceMaximum(audience).toUpperCase(),
        });
      const now = this.#clock.now() * 1_000;
      const since = readsSince(present?.document, read, now, account);
      const to = `account:${name}`;
      const document = { collection: collection.id, to, account, read, write, managed: 'hub', ...since };
      found.push({ document, change: GRANTS.put(id, present, document) });
    }
    return found;
  }

  #collection(wanted: string, visible: VisibleNames): CollectionInfo {
    const collection = visible.chosen(wanted);
    if (collection !== undefined) return collection;
    throw accessErrors.collectionNotFound(
      { name: wanted },
      { ...suggestion(visible, 'collection', wanted, listHint(visible, 'collection')) },
    );
  }
}
