import type { Problem } from '../kernel/problem.ts';
import type { Clock } from '../kernel/clock.ts';
import { number, shape, text } from '../store/records.ts';
import { AUDIT_END, auditKey, type Store } from '../store/store.ts';
import type { Directory } from './directory.ts';
import { accessErrors } from './errors.ts';
import { principalId, type Principal } from './principal.ts';
import { can } from './rights.ts';
import type { AccountInfo, Snapshot } from './snapshot.ts';

/** Actions that two different people of the hub must agree on. */
export type SharedAction = 'network.approve' | 'seal.open';

/** How many different people must agree. */
export const PEOPLE = 2;

/** The decision of one person. */
export interface PersonDecision {
  /** Id of the account. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

export const PERSON_DECISION = shape<PersonDecision>({ by: text, at: number, reason: text });

/** An account counts as the same person as the account that gave it its access, during this time. */
const ACCESS_MS = 7 * 86_400_000;
/** How many of the last actions of a person are looked at. */
const MOST_COMPARED = 1_000;
/** Actions that give an account its access, with the account as their resource. */
const GIVES_ACCESS: ReadonlySet<string> = new Set(['account.create', 'account.invite', 'account.link', 'account.reset', 'account.update']); // prettier-ignore

interface TwoPeopleParts {
  readonly store: Pick<Store, 'auditBy'>;
  readonly directory: Directory;
  readonly clock: Clock;
}

/**
 * The rule of two people, for everything that one person alone must not do. Each signs in personally: in a session that
 * did not begin with a password that somebody else set, or with a key that the account created for itself. Accounts count
 * as one person if they share an email address or a subject of the sign-in provider, or if one of them gave the other its
 * access within the last seven days.
 */
export class TwoPeople {
  readonly #s: TwoPeopleParts;

  constructor(parts: TwoPeopleParts) {
    this.#s = parts;
  }

  /** Throws a Problem unless the caller may do this action together with somebody else. */
  demandRight(actor: Principal, action: SharedAction, words: string): void {
    if (!can(actor, action, { kind: 'approval', involved: [] }))
      throw accessErrors.notPermitted(
        { action: words },
        {
          description:
            'Only people with a hub account can do this. They sign in with their own password, the sign-in provider, or a key that they created themselves.',
          hint: 'Sign in with your own account: talanoa login URL. Then add --hub URL to the command.',
        },
      );
  }

  /** Throws `refusal` if the caller is one of the people behind these accounts. */
  async demandOther(
    actor: Principal,
    action: SharedAction,
    accounts: readonly string[],
    refusal: () => Problem,
  ): Promise<void> {
    const directory = await this.#s.directory.current();
    const own = principalId(actor);
    const same: string[] = [];
    for (const account of accounts) if (await this.#isSame(own, account, directory)) same.push(own);
    if (!can(actor, action, { kind: 'approval', involved: [...accounts, ...same] })) throw refusal();
  }

  async #isSame(one: string, other: string, directory: Snapshot): Promise<boolean> {
    const [a, b] = [directory.accounts.get(one), directory.accounts.get(other)];
    if (one === other) return true;
    if (a === undefined || b === undefined) return false;
    return sharesIdentity(a, b) || (await this.#gaveAccess(a, b)) || (await this.#gaveAccess(b, a));
  }

  async #gaveAccess(giver: AccountInfo, to: AccountInfo): Promise<boolean> {
    const { store, clock } = this.#s;
    const { entries } = await store.auditBy([auditKey.actor(giver.id)], AUDIT_END, MOST_COMPARED, 'newest');
    return entries.some(
      ({ fact: { action, resource, at } }) =>
        GIVES_ACCESS.has(action) && resource === `account/${to.name}` && at > clock.now() - ACCESS_MS,
    );
  }
}

function sharesIdentity(a: AccountInfo, b: AccountInfo): boolean {
  const [email, other] = [a.email?.toLowerCase(), b.email?.toLowerCase()];
  const isLinked = a.signOn?.subject !== undefined && a.signOn.subject === b.signOn?.subject && a.signOn.issuer === b.signOn.issuer; // prettier-ignore
  return isLinked || (email !== undefined && email === other);
}
