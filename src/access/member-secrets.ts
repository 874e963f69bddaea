import type { Clock } from '../kernel/clock.ts';
import type { Directory } from './directory.ts';
import type { Problem } from '../kernel/problem.ts';
import { accessErrors } from './errors.ts';
import { isPersonal, memberOf, principalId, type Principal } from './principal.ts';
import { can } from './rights.ts';
import { ACCESS_MS } from './two-people.ts';

/** The reading of something that a member keeps from everybody else, hub staff included. */
export type SecretAction = 'anonymous.read' | 'feedback.read' | 'seal.see';

/** Something that one account of a member said under seal. */
export interface MemberSecret {
  /** Id of the account. Undefined if it is not known, or if the hub itself made the entry. */
  readonly account?: string | undefined;
  /** The public name of the key that the account used. Undefined for a session, and if it is not known. */
  readonly key?: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * The proof that a credential gives that its member uses it. `own`: nobody else gave it in the last seven days. `first`: the
 * caller is a person who signed in personally, and every other account of the member got its access later. `apart`: somebody else could use it.
 */
export type Standing = 'own' | 'first' | 'apart';

/**
 * Decides who reads what a member keeps from everybody else: which objects are its own without its name, what it reported,
 * and which of its seals were opened. Hub staff create accounts and keys of members, so an account of the member alone
 * proves nothing. The caller must have signed in personally. For seven days after somebody else gave an account its access,
 * it reads only what it said itself since then.
 */
export class MemberSecrets {
  readonly #directory: Pick<Directory, 'refresh'>;
  readonly #clock: Clock;

  constructor(directory: Pick<Directory, 'refresh'>, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Returns a function that is true for the secrets of its own member that a caller reads. */
  async readBy(actor: Principal, action: SecretAction): Promise<(secret: MemberSecret) => boolean> {
    const since = await this.since(actor.kind === 'account' ? actor.account : '');
    const member = memberOf(actor);
    return ({ account, at }) => can(actor, action, { kind: 'secret', member, account, at, since });
  }

  /**
   * Returns a function that is true for the secrets of its own member that a caller may change without reading them, such
   * as a tool that withdraws what another tool of the member reported.
   */
  async changedBy(actor: Principal): Promise<(secret: MemberSecret) => boolean> {
    const since = await this.sinceOf(actor);
    const { account, key } = voiceOf(actor);
    return (secret) =>
      since === 0 ||
      (secret.account === account && (secret.key === undefined || secret.key === key) && secret.at >= since);
  }

  /**
   * Returns the time before which somebody else could have had the credential of a caller, in milliseconds since 1970. 0 if
   * nobody gave the account its access or this key in the last seven days.
   */
  async sinceOf(actor: Principal): Promise<number> {
    if (actor.kind === 'public') return 0;
    const { givenAt = 0 } = actor.key ?? {};
    return Math.max(await this.since(actor.account), givenAt > this.#clock.now() - ACCESS_MS ? givenAt : 0);
  }

  /**
   * Returns what the credential of a caller proves. `given` is when somebody else last gave the account its access, in
   * milliseconds since 1970, or 0. It depends only on accounts and keys, which hub staff see anyway, and never on what the
   * member said.
   */
  async standingOf(actor: Principal): Promise<{ readonly standing: Standing; readonly given: number }> {
    if (actor.kind === 'public') return { standing: 'own', given: 0 };
    const [since, { accounts }] = [await this.sinceOf(actor), await this.#directory.refresh()];
    const given = accounts.get(actor.account)?.accessAt ?? 0;
    if (since === 0) return { standing: 'own', given };
    const others = [...accounts.values()].filter(
      ({ id, member }) => member === memberOf(actor) && id !== actor.account,
    );
    const isFirst =
      isPersonal(actor) && since === given && others.every(({ accessAt = 0 }) => accessAt > given);
    return { standing: isFirst ? 'first' : 'apart', given };
  }

  /** True if somebody else could use an account, and must not learn what it said at this time. */
  async isKeptFrom(account: string, at: number): Promise<boolean> {
    return at < (await this.since(account));
  }

  /**
   * Returns the time before which somebody else could have used an account, in milliseconds since 1970. 0 if nobody gave it
   * its access in the last seven days.
   */
  async since(account: string): Promise<number> {
    const { accessAt = 0 } = (await this.#directory.refresh()).accounts.get(account) ?? {};
    return accessAt > this.#clock.now() - ACCESS_MS ? accessAt : 0;
  }
}

/** Returns the account of a caller, and the key that it uses. */
export function voiceOf(actor: Principal): { readonly account: string; readonly key?: string } {
  const key = actor.kind === 'account' ? actor.key?.id : undefined;
  return { account: principalId(actor), ...(key === undefined ? {} : { key }) };
}

/** Returns the error for a caller who did not sign in personally, or who has no member. */
export function personalOnly(action: string): Problem {
  return accessErrors.notPermitted(
    { action },
    {
      description:
        'Only people of the member can do this. They sign in with their own password, the sign-in provider, or a key that they created themselves, because hub staff can create keys and accounts of a member.',
      hint: 'Sign in with an account of your member and a password that you chose yourself, in the console (/console/account) or with a one-time link: talanoa login URL. Then add --hub URL to the command.',
    },
  );
}
