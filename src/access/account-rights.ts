import { isHubAdministrator, type Principal } from './principal.ts';
import type { AccountResource } from './resources.ts';

/** The parts of `can` (rights.ts) that concern accounts. No other code calls them. */

/** True for an officer of a member. */
export function isOfficerOf(actor: Principal, member: string): boolean {
  return actor.kind === 'account' && actor.role === 'officer' && actor.member === member;
}

/** True for the caller's own account. */
export function isOwn(actor: Principal, { account }: AccountResource): boolean {
  return actor.kind === 'account' && actor.account === account;
}

/**
 * True when the actor manages an account. Hub administrators manage every account. Officers manage the officers and
 * service accounts of their own member. Nobody manages an account with more rights than their own.
 */
export function answersFor(actor: Principal, { role, member }: AccountResource): boolean {
  if (isHubAdministrator(actor)) return true;
  return (
    actor.kind === 'account' &&
    actor.role === 'officer' &&
    actor.member !== undefined &&
    actor.member === member &&
    (role === 'officer' || role === 'machine')
  );
}
