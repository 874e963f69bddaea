import type {
  CertificateRequest,
  CreatedCertificate,
  CreatedKey,
  Key,
  KeyRequest,
  KeyRotation,
} from '../../api/schema-types.ts';
import { parseNetwork, type Network } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type ReaderNote, type RecordChange, type Store } from '../../store/store.ts';
import { demandAccountName, newAccountId } from '../accounts/account-records.ts';
import type { AccountReset, Reset } from '../accounts/account-reset.ts';
import { beyond, nameTaken, demandNew } from '../accounts/account-service.ts';
import type { Audit } from '../audit/audit.ts';
import { ACCOUNTS } from '../accounts/model.ts';
import type { Notifications } from '../accounts/notifications.ts';
import type { Directory } from '../directory.ts';
import {
  certificateDigest,
  demandPossession,
  readCertificate,
  type ClientCertificate,
} from '../certificates.ts';
import { makeKey, type NewKey } from './api-key.ts';
import type { Ledger } from '../ledger.ts';
import { GRANTS } from '../model.ts';
import { demandLasting, demandWithin, isInReach, limitsOf } from './limits.ts';
import { audienceCeiling, audienceWords, grantFits } from '../policy.ts';
import { can } from '../rights.ts';
import { isOperator, principalName, type Principal, type Scope } from '../principal.ts';
import { KEYS, keyId, type KeyRecord } from './model.ts';
import { accountResource, type AccountInfo, type CollectionInfo, type Snapshot } from '../snapshot.ts';
import { VisibleNames, suggestion, thereAre } from '../visible-names.ts';
import { readsSince } from '../collection-service.ts';
import { demandManaged, isDeclared, managedBy } from '../managed.ts';
import { keyErrors } from './errors.ts';
import { accessErrors } from '../errors.ts';

/** A query of keys. */
export interface KeyQuery {
  /** Only keys of the account with this name. */
  readonly account?: string | undefined;
  /** Only keys after this place. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface KeyPage {
  readonly items: readonly Key[];
  /** The place of the last key, if there are more. */
  readonly next: string | undefined;
}

/** What is needed for a key or for a certificate, which is registered in place of one. */
type CredentialRequest = KeyRequest & Partial<Pick<CertificateRequest, 'certificate' | 'proof'>>;

/** A new credential. The fingerprint is there when it is a client certificate. */
type Created = CreatedKey & { readonly fingerprint: string | undefined };

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 731;
const ENDING_MS = 30 * DAY_MS;
const UNUSED_MS = 90 * DAY_MS;

/** Creates, lists, rotates and revokes API keys, for callers who manage their accounts. */
export class KeyService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #audit: Audit;
  readonly #ledger: Pick<Ledger, 'flush'>;
  readonly #reset: AccountReset;
  readonly #notifications: Pick<Notifications, 'prepare'>;
  readonly #url: () => string;

  constructor(
    store: Store,
    directory: Directory,
    clock: Clock,
    ids: Ids,
    audit: Audit,
    ledger: Pick<Ledger, 'flush'>,
    reset: AccountReset,
    notifications: Pick<Notifications, 'prepare'>,
    url: () => string,
  ) {
    this.#url = url;
    this.#reset = reset;
    this.#notifications = notifications;
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#ids = ids;
    this.#audit = audit;
    this.#ledger = ledger;
  }

  /** Creates a key, and its account if it does not exist. The secret is shown only in the result. */
  async create(actor: Principal, request: KeyRequest): Promise<CreatedKey> {
    const { fingerprint: _none, ...key } = await this.#create(actor, request);
    return key;
  }

  /** Registers a certificate in place of a key. `presented` is the certificate of the caller's connection. */
  async register(
    actor: Principal,
    request: CertificateRequest,
    presented?: ClientCertificate,
  ): Promise<CreatedCertificate> {
    const { fingerprint, id, account, expires, collections } = await this.#create(actor, request, presented);
    if (fingerprint === undefined) throw new Error('a registered certificate has a fingerprint');
    return { id, account, certificate: fingerprint, expires, collections };
  }

  async #create(
    actor: Principal,
    request: CredentialRequest,
    presented?: ClientCertificate,
  ): Promise<Created> {
    const directory = await this.#directory.refresh();
    const { id, name, member, made } = this.#accountFor(actor, request, directory);
    const limits = this.#limits(actor, request, directory);
    const { key, expires } =
      request.certificate === undefined
        ? { key: makeKey(this.#ids), expires: this.#expiry(actor, request.expiresDays) }
        : this.#certificate(actor, name, request, directory, presented);
    demandWithin(actor, request.certificate === undefined ? 'key.create' : 'certificate.register', {
      ...limits,
      networks: networksOf(limits.addresses),
      expires,
    });
    if (
      key.certificate !== undefined &&
      (directory.accountNamed(name)?.role ?? request.role ?? 'machine') !== 'machine'
    )
      throw keyErrors.machinesOnly({ name });
    const document = {
      account: id,
      prefix: key.prefix,
      ...(key.certificate === undefined ? {} : { certificate: key.certificate }),
      expires,
      created: this.#clock.now(),
      ...(request.label === undefined ? {} : { label: request.label }),
      ...limits,
      managed: 'hub',
    };
    const existing = directory.accountNamed(name);
    const reset = existing === undefined ? undefined : await this.#reset.before(actor, existing, 'key');
    const grants = await this.#grantsFor(actor, { id, name, member }, request, directory);
    const fact = this.#audit.fact(actor, 'key.create', `key/${keyId(key.digest)}`, {
      member,
      details: { account: name, expires, ...limits, grants: grants.length },
    });
    const notice = this.#notifications.prepare(id, 'key.created', { by: principalName(actor) });
    await this.#store.commit({
      records: [
        ...made,
        ...(await this.#withReset(name, reset)),
        KEYS.insert(key.digest, document),
        notice.record,
        ...grants,
      ],
      facts: [...(reset?.facts ?? []), fact],
    });
    await reset?.notify();
    await notice.send();
    return this.#created(actor, id, name, key, expires);
  }

  /** Registers a certificate as a credential. It ends with the certificate, or earlier if the caller requests that. */
  #certificate(
    actor: Principal,
    account: string,
    { certificate = '', expiresDays, proof }: CredentialRequest,
    directory: Snapshot,
    presented: ClientCertificate | undefined,
  ): { readonly key: NewKey; readonly expires: number } {
    const read = readCertificate(certificate, this.#clock);
    // The operator could also enter the certificate in the settings file.
    if (!isOperator(actor))
      demandPossession(read, presented, proof, { hub: this.#url(), account, now: this.#clock.now() });
    const { fingerprint, ends } = read;
    const digest = certificateDigest(fingerprint);
    if (directory.key(digest) !== undefined) throw keyErrors.certificateRegistered();
    return {
      key: { secret: '', prefix: 'cert', digest, certificate: fingerprint },
      expires: Math.min(
        ends,
        this.#expiry(actor, expiresDays ?? LONGEST_DAYS),
        expiresDays === undefined ? (limitsOf(actor).expires ?? ends) : ends,
      ),
    };
  }

  async #created(actor: Principal, id: string, name: string, key: NewKey, expires: number): Promise<Created> {
    const after = await this.#directory.refresh();
    const principal = after.principal(id, after.key(key.digest));
    const visible = VisibleNames.of(after, actor);
    const reachable =
      principal === undefined
        ? []
        : [...after.collections.values()].map((collection) => ({
            collection,
            rights: after.rights(principal, collection),
          }));
    return {
      id: keyId(key.digest),
      account: name,
      secret: key.secret,
      prefix: key.prefix,
      fingerprint: key.certificate,
      expires: new Date(expires).toISOString(),
      collections: reachable
        .filter(({ collection, rights }) => (rights.read || rights.write) && visible.collection(collection))
        .map(({ collection, rights }) => ({
          id: collection.id,
          api_root: collection.apiRoot,
          title: collection.title,
          ...rights,
        })),
    };
  }

  /** The changes of a reset, including the account record itself. */
  async #withReset(name: string, reset: Reset | undefined): Promise<readonly RecordChange[]> {
    if (reset?.document === undefined) return reset?.records ?? [];
    const record = await ACCOUNTS.in(this.#store).get(name);
    return [...reset.records, ACCOUNTS.put(name, record, reset.document)];
  }

  /** Returns the account of a new key, and the change that creates the account if it does not exist. */
  #accountFor(
    actor: Principal,
    request: KeyRequest,
    directory: Snapshot,
  ): { id: string; name: string; member: string | undefined; made: readonly RecordChange[] } {
    const name = request.account ?? (request.member === undefined ? undefined : `${request.member}-key`);
    if (name === undefined) throw keyErrors.accountRequired();
    const account = directory.accountNamed(name);
    if (account === undefined) {
      demandAccountName(name);
      const member = request.member === 'hub' ? undefined : request.member;
      const role = request.role ?? 'machine';
      const id = newAccountId(this.#ids);
      demandNew(actor, directory, name, { kind: 'account', account: id, role, member });
      const document = { uid: id, role, ...(member === undefined ? {} : { member }), managed: 'hub' };
      return { id, name, member, made: [ACCOUNTS.insert(name, document)] };
    }
    if (!can(actor, 'key.write', accountResource(account))) {
      // The caller learns nothing about an account that they cannot list. They get the answer for an
      // unavailable name, or for an account that they could not create at all.
      const asked = {
        kind: 'account',
        account: name,
        role: request.role ?? 'machine',
        member: request.member,
      } as const;
      if (VisibleNames.of(directory, actor).account(name) || !can(actor, 'account.write', asked))
        throw beyond();
      throw nameTaken(name, request.member);
    }
    if (request.member !== undefined && (account.member ?? 'hub') !== request.member)
      throw keyErrors.otherMember({ name, member: request.member });
    return { id: account.id, name, member: account.member, made: [] };
  }

  /** The default expiry: one year, or the expiry of the key in use if that is earlier. */
  #expiry(actor: Principal, asked?: number): number {
    const days = asked ?? 365;
    if (!(days >= 1 && days <= LONGEST_DAYS)) throw keyErrors.invalidExpiry();
    const expires = this.#clock.now() + days * DAY_MS;
    return asked === undefined ? Math.min(expires, limitsOf(actor).expires ?? expires) : expires;
  }

  /** Returns the limits of a new key. */
  #limits(
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

  #collection(wanted: string, visible: VisibleNames): CollectionInfo {
    const collection = visible.find(wanted);
    if (collection !== undefined) return collection;
    throw accessErrors.collectionNotFound(
      { name: wanted },
      { ...suggestion(visible, 'collection', wanted, thereAre(visible, 'collection')) },
    );
  }

  /** Returns the grants that are created together with a key. */
  async #grantsFor(
    actor: Principal,
    { id: account, name, member }: Pick<AccountInfo, 'id' | 'name' | 'member'>,
    request: KeyRequest,
    directory: Snapshot,
  ): Promise<readonly RecordChange[]> {
    const wanted = request.collections ?? [];
    if (wanted.length > 0 && !can(actor, 'hub.write', { kind: 'hub' })) throw beyond();
    // The grant belongs to the account and outlives the key.
    if (wanted.length > 0) demandLasting(actor, 'grant.give');
    const changes: RecordChange[] = [];
    for (const one of wanted) {
      const collection = this.#collection(one, VisibleNames.of(directory, actor));
      const audience = directory.audienceOfMember(member);
      if (request.read !== false && !grantFits(audience, collection.tallest))
        throw keyErrors.audienceTooWide({
          audience: audienceWords(audience),
          collection: collection.title,
          allowed: audienceCeiling(audience).toUpperCase(),
        });
      const id = `${collection.id}/account:${name}`;
      const present = await GRANTS.in(this.#store).get(id);
      if (isDeclared(present)) continue;
      changes.push(
        GRANTS.put(id, present, {
          collection: collection.id,
          to: `account:${name}`,
          account,
          read: request.read !== false,
          write: request.write === true,
          managed: 'hub',
          ...readsSince(present?.document, request.read !== false, this.#clock.now() * 1_000, account),
        }),
      );
    }
    return changes;
  }

  /** Returns a page of the keys of the accounts that the caller may see, with their last use. */
  async list(actor: Principal, query: KeyQuery): Promise<KeyPage> {
    await this.#ledger.flush();
    const directory = await this.#directory.refresh();
    const found = visibleKeys(actor, directory, query);
    const page = found.slice(0, query.limit);
    const accounts = [...new Set(page.map(({ owner }) => owner.id))];
    const uses = new Map(
      (await this.#store.readers({ kind: 'key', accounts })).map((note) => [note.filters, note] as const),
    );
    const last = page.at(-1);
    return {
      items: page.map(({ record, owner }) => this.#listed(record, owner, uses.get(keyId(record.id)))),
      next: last === undefined || page.length === found.length ? undefined : last.place,
    };
  }

  #listed({ id, document }: Stored<KeyRecord>, owner: AccountInfo, use: ReaderNote | undefined): Key {
    const now = this.#clock.now();
    const time = (ms: number | undefined): string | undefined =>
      ms === undefined ? undefined : new Date(ms).toISOString();
    const expires = document.expires ?? Number.POSITIVE_INFINITY;
    const since = use?.seen ?? document.created ?? now;
    return {
      id: keyId(id),
      prefix: document.prefix,
      account: owner.name,
      member: owner.member,
      label: document.label,
      scopes: document.scopes,
      only: document.collections,
      addresses: document.addresses,
      certificate: document.certificate,
      created: time(document.created),
      expires: time(document.expires),
      state:
        expires <= now
          ? 'expired'
          : expires - now < ENDING_MS
            ? 'ending'
            : now - since > UNUSED_MS
              ? 'unused'
              : 'active',
      last_used: time(use?.seen),
      last_client: use?.agent,
      managed: managedBy({ document }),
    };
  }

  /**
   * Creates a key with the same limits. The old key keeps working for a while, so that both ends need not change at the
   * same moment.
   */
  async rotate(
    actor: Principal,
    id: string,
    { overlapDays = 7, expiresDays }: KeyRotation,
  ): Promise<CreatedKey> {
    const { record, account, directory } = await this.#find(actor, id);
    if (record.document.certificate !== undefined) throw keyErrors.certificateRotation();
    const now = this.#clock.now();
    if (!(overlapDays >= 0 && overlapDays <= 90)) throw keyErrors.invalidOverlap();
    const expires = this.#expiry(actor, expiresDays);
    const present = directory.key(record.id);
    demandWithin(actor, 'key.rotate', { ...present, expires });
    const old = record.document.expires;
    const ends = Math.min(old ?? Number.POSITIVE_INFINITY, now + overlapDays * DAY_MS);
    const key = makeKey(this.#ids);
    const fact = this.#audit.fact(actor, 'key.rotate', `key/${id}`, {
      member: account.member,
      details: { account: account.name, by: keyId(key.digest), ends },
    });
    const reset = await this.#reset.before(actor, account, 'key');
    const notice = this.#notifications.prepare(account.id, 'key.rotated', { by: principalName(actor) });
    // When the account is reset, the old key ends immediately with everything else.
    const isEnded = reset.records.some(({ kind, id: ended }) => kind === 'key' && ended === record.id);
    await this.#store.commit({
      // The new key is stored first. If the process is killed in between, there are two keys and never none.
      records: [
        KEYS.insert(key.digest, { ...record.document, prefix: key.prefix, expires, created: now }),
        ...(isEnded ? [] : [KEYS.change(record, { ...record.document, expires: ends })]),
        ...(await this.#withReset(account.name, reset)),
        notice.record,
      ],
      facts: [...reset.facts, fact],
    });
    await reset.notify();
    await notice.send();
    return this.#created(actor, account.id, account.name, key, expires);
  }

  /** Revokes a key. The change takes effect immediately in this process and within seconds in all others. */
  async revoke(actor: Principal, id: string): Promise<void> {
    const { record, account } = await this.#find(actor, id);
    const fact = this.#audit.fact(actor, 'key.revoke', `key/${id}`, {
      member: account.member,
      details: { account: account.name },
    });
    await this.#store.commit({
      records: [removal(record)],
      facts: [fact],
    });
    await this.#directory.refresh();
  }

  async #find(
    actor: Principal,
    id: string,
  ): Promise<{ record: Stored<KeyRecord>; account: AccountInfo; directory: Snapshot }> {
    const directory = await this.#directory.refresh();
    const digest = directory.keyDigest(id);
    const record = digest === undefined ? undefined : await KEYS.in(this.#store).get(digest);
    const account = record === undefined ? undefined : directory.accounts.get(record.document.account);
    if (
      record === undefined ||
      account === undefined ||
      !can(actor, 'account.read', accountResource(account))
    )
      throw keyErrors.notFound();
    if (!can(actor, 'key.write', accountResource(account))) throw beyond();
    demandManaged(record, `The key of "${account.name}"`);
    return { record, account, directory };
  }
}

/** Returns the keys of a page and, if there are more, the first one after it. */
function visibleKeys(
  actor: Principal,
  directory: Snapshot,
  { account, after = '', limit }: KeyQuery,
): readonly { readonly place: string; readonly record: Stored<KeyRecord>; readonly owner: AccountInfo }[] {
  const found = [];
  const named = account === undefined ? undefined : directory.accountNamed(account);
  const owners =
    account === undefined ? [...directory.accounts.values()] : named === undefined ? [] : [named];
  for (const owner of owners.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const records = directory.keysOf(owner.id);
    if (records.length === 0 || !can(actor, 'account.read', accountResource(owner))) continue;
    for (const record of records) {
      const place = `${owner.name} ${keyId(record.id)}`;
      // A key that is limited to collections does not learn which other collections exist.
      const only = record.document.collections;
      if (only?.every((id) => isInReach(actor, id)) === false) continue;
      if (place > after) found.push({ place, record, owner });
      if (found.length > limit) return found;
    }
  }
  return found;
}

function networksOf(addresses: readonly string[] | undefined): readonly Network[] | undefined {
  return addresses?.flatMap((address) => parseNetwork(address) ?? []);
}
