import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { nearest } from '../kernel/nearest.ts';
import { Problem } from '../kernel/problem.ts';
import type { RecordChange, Store } from '../store/store.ts';
import { type Directory } from './directory.ts';
import { audienceOfGrant } from './snapshot.ts';
import { makeKey } from './keys.ts';
import { audienceCeiling, audienceWords, can, grantFits } from './policy.ts';
import type { Principal, Role } from './principal.ts';

/** What a new key is for. */
export interface KeyRequest {
  /** Account that the key signs in; made when it is not there. Default: a name made from the member. */
  readonly account?: string;
  readonly member?: string;
  readonly role?: Role;
  /** Collections, by id or alias, on which the account gets grants. */
  readonly collections?: readonly string[];
  readonly read?: boolean;
  readonly write?: boolean;
  /** Days until it ends; at most two years (security.md R-017). */
  readonly expiresDays?: number;
}

/** A new key. The secret is shown here and nowhere again. */
export interface CreatedKey {
  readonly account: string;
  readonly secret: string;
  readonly prefix: string;
  readonly expires: string;
  readonly collections: readonly {
    readonly id: string;
    readonly api_root: string;
    readonly title: string;
    readonly read: boolean;
    readonly write: boolean;
  }[];
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 731;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

function wrong(title: string, hint: string): Problem {
  return new Problem('invalid-request', title, { hint, code: 'TLN-K-001' });
}

/** Makes API keys. */
export class KeyService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: Store, directory: Directory, clock: Clock, ids: Ids) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#ids = ids;
  }

  async create(actor: Principal, request: KeyRequest): Promise<CreatedKey> {
    if (!can(actor, 'admin.write', { kind: 'hub' }))
      throw new Problem('forbidden', 'You may not make keys', { code: 'TLN-A-403' });
    const directory = await this.#directory.refresh();
    const name = request.account ?? (request.member === undefined ? undefined : `${request.member}-key`);
    if (name === undefined) throw wrong('For whom is the key?', 'Give --account NAME or --member NAME.');
    if (!NAME.test(name))
      throw wrong(`"${name}" is no account name`, 'Use a-z, 0-9 and hyphens, at most 63 characters.');
    if (request.member !== undefined && !directory.members.has(request.member)) {
      const near = nearest(request.member, directory.members.keys());
      throw new Problem('not-found', `There is no member "${request.member}"`, {
        code: 'TLN-K-404',
        hint:
          near === undefined ? 'Declare it under members in the settings file.' : `Did you mean "${near}"?`,
      });
    }
    const account = directory.accounts.get(name);
    if (account !== undefined && request.member !== undefined && account.member !== request.member) {
      throw wrong(
        `The account "${name}" does not belong to ${request.member}`,
        'Give another --account, or leave --member out.',
      );
    }
    const days = request.expiresDays ?? 365;
    if (!(days >= 1 && days <= LONGEST_DAYS))
      throw wrong('A key lasts from one day to two years', 'Give --expires in days, such as 180d.');

    const changes: RecordChange[] = [];
    const member = account?.member ?? (request.member === 'hub' ? undefined : request.member);
    if (account === undefined) {
      changes.push({
        kind: 'account',
        id: name,
        expected: 0,
        document: {
          role: request.role ?? 'machine',
          ...(member === undefined ? {} : { member }),
          managed: 'cli',
        },
      });
    }
    const key = makeKey(this.#ids);
    const expires = this.#clock.now() + days * DAY_MS;
    changes.push({
      kind: 'key',
      id: key.digest,
      expected: 0,
      document: { account: name, prefix: key.prefix, expires, managed: 'cli' },
    });
    for (const wanted of request.collections ?? []) {
      const collection = directory.find(wanted);
      if (collection === undefined) {
        const names = [...directory.collections.values()].map(({ alias, id }) => alias ?? id);
        const near = nearest(wanted, names);
        throw new Problem('not-found', `There is no collection "${wanted}"`, {
          code: 'TLN-K-404',
          hint: near === undefined ? `There are ${names.join(', ')}.` : `Did you mean "${near}"?`,
        });
      }
      const audience = audienceOfGrant(`account:${name}`, () => member);
      if (request.read !== false && !grantFits(audience, collection.max_tlp)) {
        throw wrong(
          `${audienceWords(audience)} may not have everything in "${collection.title}"`,
          `It may have TLP:${audienceCeiling(audience).toUpperCase()} at most.`,
        );
      }
      const id = `${collection.id}/account:${name}`;
      const present = await this.#store.record('grant', id);
      if (present?.document['managed'] === 'file') continue;
      changes.push({
        kind: 'grant',
        id,
        expected: present?.revision ?? 0,
        document: {
          collection: collection.id,
          to: `account:${name}`,
          read: request.read !== false,
          write: request.write === true,
          managed: 'cli',
        },
      });
    }
    await this.#store.commit({ records: changes });
    const after = await this.#directory.refresh();
    const principal = after.principal(name);
    const reachable =
      principal === undefined
        ? []
        : [...after.collections.values()].map((collection) => ({
            collection,
            rights: after.rights(principal, collection),
          }));
    return {
      account: name,
      secret: key.secret,
      prefix: key.prefix,
      expires: new Date(expires).toISOString(),
      collections: reachable
        .filter(({ rights }) => rights.read || rights.write)
        .map(({ collection, rights }) => ({
          id: collection.id,
          api_root: collection.apiRoot,
          title: collection.title,
          ...rights,
        })),
    };
  }
}
