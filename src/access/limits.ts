import { contains, networkText, type Network } from '../kernel/address.ts';
import { Problem } from '../kernel/problem.ts';
import type { Principal, Scope } from './principal.ts';

/** What a credential is limited to. An absent limit is no limit. */
export interface Limits {
  readonly scopes?: readonly Scope[] | undefined;
  /** Ids of collections. */
  readonly collections?: readonly string[] | undefined;
  /** Addresses and networks from which it may be used. */
  readonly networks?: readonly Network[] | undefined;
  /** Milliseconds since 1970. */
  readonly expires?: number | undefined;
}

/** The limits of a password, a link or an account: none. */
export const UNLIMITED: Limits = {};

const NAMES = {
  scopes: 'scopes',
  collections: 'collections',
  networks: 'addresses',
  expires: 'expiry',
} as const satisfies Record<keyof Limits, string>;

/** Every way by which somebody comes into a credential, or hands one out. A test has a row for each. */
export const CREDENTIAL_WAYS = [
  'key.create',
  'key.rotate',
  'account.create',
  'account.change',
  'account.invite',
  'request.approve',
] as const;
export type CredentialWay = (typeof CREDENTIAL_WAYS)[number];

/** The limits of the credential that somebody uses. */
export function limitsOf(principal: Principal): Limits {
  return principal.kind === 'account' && principal.key !== undefined ? principal.key : UNLIMITED;
}

/** True when whoever holds `own` may do everything that `asked` allows. */
export function isWithin(asked: Limits, own: Limits): boolean {
  return beyondWhat(asked, own) === undefined;
}

/** The first dimension in which `asked` goes beyond `own`. Total over the dimensions: a new one does not compile without a rule. */
function beyondWhat(asked: Limits, own: Limits): keyof Limits | undefined {
  const rules: Record<keyof Limits, boolean> = {
    scopes: isPart(asked.scopes, own.scopes, (mine, one) => mine === one),
    collections: isPart(asked.collections, own.collections, (mine, one) => mine === one),
    networks: isPart(asked.networks, own.networks, holds),
    expires: own.expires === undefined || (asked.expires !== undefined && asked.expires <= own.expires),
  };
  return (Object.keys(rules) as (keyof Limits)[]).find((dimension) => !rules[dimension]);
}

function isPart<T>(
  asked: readonly T[] | undefined,
  own: readonly T[] | undefined,
  covers: (mine: T, one: T) => boolean,
): boolean {
  if (own === undefined) return true;
  return asked !== undefined && asked.every((one) => own.some((mine) => covers(mine, one)));
}

/** True when every address of `inner` is one of `outer`. */
function holds(outer: Network, inner: Network): boolean {
  return (
    outer.family === inner.family &&
    inner.prefix >= outer.prefix &&
    contains(outer, networkText(inner).split('/')[0] ?? '')
  );
}

/**
 * The one gate for credentials and accounts: throws unless what is handed out stays within the credential that hands it out.
 * Whether somebody may act for the account at all, `can` decides.
 */
export function demandWithin(actor: Principal, way: CredentialWay, asked: Limits): void {
  const dimension = beyondWhat(asked, limitsOf(actor));
  if (dimension === undefined) return;
  const isKey = way === 'key.create' || way === 'key.rotate';
  throw new Problem('forbidden', 'The new credential would allow more than the key that you use', {
    description: `It goes beyond your key in its ${NAMES[dimension]}.`,
    hint: isKey
      ? 'Limit it to scopes, collections, addresses and an expiry of your own key, or sign in at the console.'
      : 'Passwords, links and accounts have no limits. Sign in at the console, or use the command on the machine of the hub.',
    code: 'TLN-K-403',
  });
}

/** False for collections that the key in use is not for. */
export function isInReach(principal: Principal, collection: string): boolean {
  return limitsOf(principal).collections?.includes(collection) !== false;
}

/** True for somebody who uses a key that is limited to collections. */
export function isConfined(principal: Principal): boolean {
  return limitsOf(principal).collections !== undefined;
}
