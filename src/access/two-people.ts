import type { Problem } from '../kernel/problem.ts';
import type { Clock } from '../kernel/clock.ts';
import { number, shape, text } from '../store/records.ts';
import type { Directory } from './directory.ts';
import { accessErrors } from './errors.ts';
import { principalId, type Principal } from './principal.ts';
import { can } from './rights.ts';
import type { Snapshot } from './snapshot.ts';

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

/**
 * For this time after somebody else gave an account its access, that person could be the one who uses it. In milliseconds.
 */
export const ACCESS_MS = 7 * 86_400_000;

interface TwoPeopleParts {
  readonly directory: Directory;
  readonly clock: Clock;
}

/**
 * The rule of two people, for everything that one person alone must not do. Each signs in personally: in a session that
 * did not begin with a password that somebody else set, or with a key that the account created for itself. An account takes
 * no part for seven days after somebody else gave it its access, whoever that was, so that nobody can make a second person
 * through other accounts. Accounts of the settings file are given by the operator, and their declaration does not count.
 * Accounts with the same email address or subject of the sign-in provider are one person.
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

  /**
   * Throws `refusal` if the caller is one of the people behind these accounts, or if the caller or one of the accounts
   * cannot take part now. That includes accounts that are removed, disabled or without the right.
   */
  async demandOther(
    actor: Principal,
    action: SharedAction,
    accounts: readonly string[],
    refusal: () => Problem,
  ): Promise<void> {
    const directory = await this.#s.directory.refresh();
    const own = principalId(actor);
    const isOther =
      this.#takesPart(own, action, directory) &&
      accounts.every(
        (one) => this.#takesPart(one, action, directory) && !sharesIdentity(own, one, directory.accounts),
      );
    const involved = isOther ? accounts : [...accounts, own];
    if (!can(actor, action, { kind: 'approval', involved })) throw refusal();
  }

  /** True if the decision that an account made personally still counts: the account exists and can take part now. */
  async stillCounts({ by }: PersonDecision, action: SharedAction): Promise<boolean> {
    return this.#takesPart(by, action, await this.#s.directory.refresh());
  }

  #takesPart(id: string, action: SharedAction, directory: Snapshot): boolean {
    const { accessAt = 0 } = directory.accounts.get(id) ?? {};
    return accessAt <= this.#s.clock.now() - ACCESS_MS && hasRight(id, action, directory);
  }
}

/** True for an account that has the right to such an action. It is not removed or disabled. */
export function hasRight(id: string, action: SharedAction, directory: Snapshot): boolean {
  const principal = directory.principal(id);
  if (principal === undefined) return false;
  // Whether somebody signed in personally was decided when they acted. Here only the account is judged.
  const personally = { ...principal, session: { id: '', confirmed: 0, isPersonal: true } };
  return can(personally, action, { kind: 'approval', involved: [] });
}

function sharesIdentity(one: string, another: string, accounts: Snapshot['accounts']): boolean {
  const [a, b] = [accounts.get(one), accounts.get(another)];
  if (one === another || a === undefined || b === undefined) return true;
  const [email, other] = [a.email?.toLowerCase(), b.email?.toLowerCase()];
  const isLinked = a.signOn?.subject !== undefined && a.signOn.subject === b.signOn?.subject && a.signOn.issuer === b.signOn.issuer; // prettier-ignore
  return isLinked || (email !== undefined && email === other);
}
