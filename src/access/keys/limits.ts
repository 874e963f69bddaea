import { contains, networkText, type Network } from '../../kernel/address.ts';
import type { Principal, Scope } from '../principal.ts';
import { keyErrors } from './errors.ts';

/** The limits of a credential. An absent value means no limit. */
export interface Limits {
  readonly scopes?: readonly Scope[] | undefined;
  /** Collection ids. */
  readonly collections?: readonly string[] | undefined;
  /** Addresses and networks from which the credential may be used. */
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

/** Every operation that creates a credential or binds one to an account. A test has a row for each. */
export const CREDENTIAL_WAYS = [
  'key.create',
  'key.rotate',
  'account.create',
  'account.update',
  'account.invite',
  'account.link',
  'certificate.register',
  'request.approve',
] as const;
export type CredentialWay = (typeof CREDENTIAL_WAYS)[number];

/**
 * Every operation that creates something which delivers, fetches, forwards or gives access without further requests,
 * without the key that created it. A test has a row for each.
 */
export const LASTING_WAYS = [
  'secret.set',
  'channel.create',
  'feed.create',
  'feed.update',
  'feed.resume',
  'channel.resume',
  'channel.replay',
  'rule.create',
  'grant.create',
  'collection.update',
  'group.join',
  'member.create',
  'member.update',
  'claim.verify',
  'delegations.import',
] as const;
export type LastingWay = (typeof LASTING_WAYS)[number];

const MADE = {
  'secret.set': 'the secret',
  'channel.create': 'the channel',
  'feed.create': 'the feed',
  'feed.update': 'the feed',
  'feed.resume': 'the feed',
  'channel.resume': 'the channel',
  'channel.replay': 'the channel',
  'rule.create': 'the rule',
  'grant.create': 'the grant',
  'collection.update': 'what the collection accepts',
  'group.join': 'the place in the group',
  'member.create': 'the member',
  'member.update': 'what the member receives',
  'claim.verify': 'the claim',
  'delegations.import': 'the routing by delegations',
} as const satisfies Record<LastingWay, string>;

/**
 * Every operation that places objects in collections by other means than submitting them there: by sharing, by a
 * decision or by a feed. The objects are placed once, while the key is valid. Afterwards they belong to their owner, so
 * only the scopes and collections of the key count. A test has a row for each.
 */
export const PLACING_WAYS = [
  'share.create',
  'share.answer',
  'triage.assign',
  'held.release',
  'object.revoke',
  'feed.run',
  'feed.upload',
  'quarantine.retry',
] as const;
export type PlacingWay = (typeof PLACING_WAYS)[number];

/** Returns the limits of the credential in use. */
export function limitsOf(principal: Principal): Limits {
  return principal.kind === 'account' && principal.key !== undefined ? principal.key : UNLIMITED;
}

/** True when the limits `own` allow everything that `asked` allows. */
export function isWithin(asked: Limits, own: Limits): boolean {
  return beyondWhat(asked, own) === undefined;
}

/**
 * Returns the first dimension in which `asked` goes beyond `own`. The function covers every dimension: a new
 * dimension does not compile without a rule.
 */
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

/** True when every address of `inner` is also in `outer`. */
function holds(outer: Network, inner: Network): boolean {
  return (
    outer.family === inner.family &&
    inner.prefix >= outer.prefix &&
    contains(outer, networkText(inner).split('/')[0] ?? '')
  );
}

/**
 * The one gate for credentials and accounts. Throws unless the new credential stays within the limits of the
 * credential in use. `can` decides whether the caller may act for the account at all.
 */
export function demandWithin(actor: Principal, way: CredentialWay, asked: Limits): void {
  const dimension = beyondWhat(asked, limitsOf(actor));
  if (dimension === undefined) return;
  const isKey = way === 'key.create' || way === 'key.rotate' || way === 'certificate.register';
  throw keyErrors.exceedsKey(
    { dimension: NAMES[dimension] },
    {
      hint: isKey
        ? 'Use the scopes, collections, addresses and expiry of your own key, or sign in to the console.'
        : "Passwords, links and accounts have no limits. Sign in to the console, or run the command on the hub's machine.",
    },
  );
}

/** The rights that something keeps after the request: it reads and writes objects, and changes the hub. */
const WORKING: Limits = { ...UNLIMITED, scopes: ['taxii:read', 'taxii:write', 'api:read', 'api:write'] };

/**
 * The gate for everything that continues to work after the request. Such things have no limits of their own. A limited
 * key could otherwise create something that has more rights than the key, or that outlives it.
 */
export function demandLasting(actor: Principal, way: LastingWay): void {
  const dimension = beyondWhat(WORKING, limitsOf(actor));
  if (dimension === undefined) return;
  throw keyErrors.outlastsKey(
    { dimension: NAMES[dimension], made: MADE[way] },
    { hint: "Run the command on the hub's machine, or use a key from the settings file without limits." },
  );
}

const PLACED_BY = {
  'share.create': 'Sharing',
  'share.answer': 'Consenting to a share',
  'triage.assign': 'Assigning a report',
  'held.release': 'Releasing an object on hold',
  'object.revoke': 'Revoking an object',
  'feed.run': 'Running a feed',
  'feed.upload': 'Uploading a file to a feed',
  'quarantine.retry': 'Retrying quarantined rows',
} as const satisfies Record<PlacingWay, string>;

/** The scopes of reading an object and placing it in a collection. */
const PLACING: readonly Scope[] = ['taxii:read', 'taxii:write'];

/**
 * The gate for everything that places objects by other means than submitting them. A key with `api:write` alone could
 * otherwise write to collections. The caller of this function, or `can`, checks the collections of the key.
 */
export function demandPlacing(actor: Principal, way: PlacingWay): void {
  const { scopes } = limitsOf(actor);
  const missing = PLACING.filter((scope) => scopes?.includes(scope) === false);
  if (missing.length === 0) return;
  throw keyErrors.placingNotAllowed({
    description: `${PLACED_BY[way]} stores objects in collections. Your key lacks ${missing.join(' and ')}.`,
  });
}

/** False for collections outside the limits of the key in use. */
export function isInReach(principal: Principal, collection: string): boolean {
  return limitsOf(principal).collections?.includes(collection) !== false;
}

/** True when the caller uses a key that is limited to collections. */
export function isConfined(principal: Principal): boolean {
  return limitsOf(principal).collections !== undefined;
}
