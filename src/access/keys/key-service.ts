import type {
  CertificateRequest,
  CreatedCertificate,
  CreatedKey,
  KeyRequest,
  KeyRotation,
} from '../../api/schema-types.ts';
import { parseNetwork, type Network } from '../../kernel/address.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { withoutFields, type Stored } from '../../store/records.ts';
import { removal, type AuditFact, type Store } from '../../store/store.ts';
import type { GrantRecord } from '../model.ts';
import { sender, withCredential, type AccountReset, type Reset } from '../accounts/account-reset.ts';
import { beyond } from '../accounts/account-service.ts';
import type { Audit } from '../audit/audit.ts';
import type { Notifications, PreparedNotification } from '../accounts/notifications.ts';
import type { Directory } from '../directory.ts';
import {
  certificateDigest,
  demandPossession,
  readCertificate,
  type ClientCertificate,
} from '../certificates.ts';
import { makeKey, type NewKey } from './api-key.ts';
import { demandWithin, limitsOf } from './limits.ts';
import { can } from '../rights.ts';
import { isOperator, isPersonal, nameFor, type Principal, type Scope } from '../principal.ts';
import { isUnproven, KEYS, keyId, type KeyRecord } from './model.ts';
import type { CollectionRights } from '../resources.ts';
import { accountResource, type AccountInfo, type Snapshot } from '../snapshot.ts';
import { VisibleNames } from '../visible-names.ts';
import { demandManaged } from '../managed.ts';
import { keyErrors } from './errors.ts';
import { KeyRequests } from './key-request.ts';

/** The details of a new key, or of a certificate that is registered instead of one. */
type CredentialRequest = KeyRequest & Partial<Pick<CertificateRequest, 'certificate' | 'proof'>>;

/** The account of a new credential. */
interface KeyAccount extends Pick<AccountInfo, 'id' | 'name' | 'member'> {
  /** The request has created it. */
  readonly isNew: boolean;
}

/** A new credential. The fingerprint is there when it is a client certificate. */
type Created = CreatedKey & { readonly fingerprint: string | undefined };

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 731;
/** Creates, rotates and revokes API keys, for callers who manage their accounts. */
export class KeyService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #audit: Audit;
  readonly #requests: KeyRequests;
  readonly #reset: AccountReset;
  readonly #notifications: Pick<Notifications, 'prepare'>;
  readonly #url: () => string;

  constructor(
    store: Store,
    directory: Directory,
    clock: Clock,
    ids: Ids,
    audit: Audit,
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
    this.#requests = new KeyRequests(store, clock, ids);
  }

  /** Creates a key, and its account if it does not exist. The secret is shown only in the result. */
  async create(actor: Principal, request: KeyRequest): Promise<CreatedKey> {
    const { fingerprint: _none, ...key } = await this.#create(actor, request);
    return key;
  }

  /** Registers a certificate instead of a key. `presented` is the certificate of the caller's connection. */
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
    const { id, name, member, made } = this.#requests.account(actor, request, directory);
    const limits = this.#requests.limits(actor, request, directory);
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
    if (key.certificate !== undefined) await this.#removeUnproven(actor, key.digest, directory);
    const document = {
      account: id,
      prefix: key.prefix,
      ...(key.certificate === undefined ? {} : { certificate: key.certificate, proven: true }),
      expires,
      created: this.#clock.now(),
      ...(request.label === undefined ? {} : { label: request.label }),
      ...limits,
      ...(isOwnBy(actor, id) ? { own: true } : {}),
      managed: 'hub',
    };
    const { reset, told } = await this.#effects(actor, { id, name, member }, directory);
    const grants = await this.#requests.grants(actor, { id, name, member }, request, directory);
    const fact = this.#audit.fact(actor, 'key.create', `key/${keyId(key.digest)}`, {
      member,
      details: { account: name, expires, ...limits, grants: grants.length },
    });
    const notice = this.#notifications.prepare(id, 'key.created', { by: nameFor(member, actor) });
    await this.#store.commit({
      records: [
        ...made,
        ...withCredential(reset, [KEYS.insert(key.digest, document)]),
        notice.record,
        ...told.map(({ record }) => record),
        ...grants.map(({ change }) => change),
      ],
      facts: [
        ...(reset?.facts ?? []),
        fact,
        ...grants.map(({ document }) => this.#grantFact(actor, member, document)),
      ],
    });
    await reset?.notify();
    await notice.send();
    await sender(told)();
    return this.#created(actor, { id, name, member, isNew: made.length > 0 }, key, expires);
  }

  /** Returns the reset of an account that exists, or the notifications about a new one. */
  async #effects(
    actor: Principal,
    account: Pick<KeyAccount, 'id' | 'name' | 'member'>,
    directory: Snapshot,
  ): Promise<{ readonly reset?: Reset; readonly told: readonly PreparedNotification[] }> {
    const existing = directory.accountNamed(account.name);
    return existing === undefined
      ? { told: await this.#reset.given(actor, account) }
      : { reset: await this.#reset.before(actor, existing, 'key'), told: [] };
  }

  /** Returns the audit entry of a grant that a key brought. It is the same as that of `grant create`. */
  #grantFact(
    actor: Principal,
    member: string | undefined,
    { collection, to, read, write }: GrantRecord,
  ): AuditFact {
    return this.#audit.fact(actor, 'grant.create', `collection/${collection}`, {
      member,
      details: { to, read, write },
    });
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
    if (directory.key(digest)?.isUnproven === false) throw keyErrors.certificateRegistered();
    return {
      key: { secret: '', prefix: 'cert', digest, certificate: fingerprint },
      expires: Math.min(
        ends,
        this.#expiry(actor, expiresDays ?? LONGEST_DAYS),
        expiresDays === undefined ? (limitsOf(actor).expires ?? ends) : ends,
      ),
    };
  }

  /** Removes an unproven registration of a certificate whose key the caller has proven, for whichever account it was. */
  async #removeUnproven(actor: Principal, digest: string, directory: Snapshot): Promise<void> {
    const record = await KEYS.in(this.#store).get(digest);
    if (record === undefined || !isUnproven(record.document)) return;
    const account = directory.accounts.get(record.document.account);
    const fact = this.#audit.fact(actor, 'key.revoke', `key/${keyId(digest)}`, {
      member: account?.member,
      details: { account: account?.name, because: 'unproven' },
    });
    await this.#store.commit({ records: [removal(record)], facts: [fact] });
  }

  async #created(
    actor: Principal,
    { id, name, member, isNew }: KeyAccount,
    key: NewKey,
    expires: number,
  ): Promise<Created> {
    const after = await this.#directory.refresh();
    const stored = after.key(key.digest);
    const principal = after.principal(id, stored);
    const visible = VisibleNames.of(after, actor);
    const reachable =
      principal === undefined
        ? []
        : [...after.collections.values()].map((collection) => ({
            collection,
            rights: withinScopes(after.rights(principal, collection), stored?.scopes),
          }));
    return {
      id: keyId(key.digest),
      account: name,
      ...(member === undefined ? {} : { member }),
      account_created: isNew,
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

  /** The default expiry: one year, or the expiry of the key in use if that is earlier. */
  #expiry(actor: Principal, asked?: number): number {
    const days = asked ?? 365;
    if (!(days >= 1 && days <= LONGEST_DAYS)) throw keyErrors.invalidExpiry();
    const expires = this.#clock.now() + days * DAY_MS;
    return asked === undefined ? Math.min(expires, limitsOf(actor).expires ?? expires) : expires;
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
    const notice = this.#notifications.prepare(account.id, 'key.rotated', {
      by: nameFor(account.member, actor),
    });
    // When the account is reset, the old key ends immediately with everything else.
    const isEnded = reset.records.some(({ kind, id: ended }) => kind === 'key' && ended === record.id);
    await this.#store.commit({
      // The new key is stored first. If the process is killed in between, there are two keys and never none.
      records: [
        ...withCredential(reset, [
          KEYS.insert(key.digest, {
            ...withoutFields(record.document, ['own']),
            prefix: key.prefix,
            expires,
            created: now,
            ...(isOwnBy(actor, account.id) ? { own: true } : {}),
          }),
          ...(isEnded ? [] : [KEYS.change(record, { ...record.document, expires: ends })]),
        ]),
        notice.record,
      ],
      facts: [...reset.facts, fact],
    });
    await reset.notify();
    await notice.send();
    return this.#created(actor, { ...account, isNew: false }, key, expires);
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
      throw keyErrors.notFound({ id: id.slice(0, 64) });
    if (!can(actor, 'key.write', accountResource(account))) throw beyond();
    demandManaged(record, `The key of "${account.name}"`);
    return { record, account, directory };
  }
}

function networksOf(addresses: readonly string[] | undefined): readonly Network[] | undefined {
  return addresses?.flatMap((address) => parseNetwork(address) ?? []);
}

/** Returns what the scopes of a key leave of the rights of its account in a collection. */
function withinScopes(
  { read, write }: CollectionRights,
  scopes: readonly Scope[] | undefined,
): CollectionRights {
  const has = (...needed: readonly Scope[]): boolean =>
    scopes === undefined || needed.some((scope) => scopes.includes(scope));
  return {
    read: read && has('taxii:read', 'lists:read', 'api:read'),
    write: write && has('taxii:write', 'api:write'),
  };
}

/** True if a person who signed in personally creates a key for their own account. */
function isOwnBy(actor: Principal, account: string): boolean {
  return actor.kind === 'account' && actor.account === account && isPersonal(actor);
}
