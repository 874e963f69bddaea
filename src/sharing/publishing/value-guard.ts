import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { MemberInfo, Snapshot } from '../../access/snapshot.ts';
import { Constituency } from '../../members/constituency.ts';
import { concernsOf } from '../../stix/observables.ts';
import type { Observable } from '../../stix/pattern/build.ts';
import type { StixObject } from '../../stix/types.ts';
import { readableObserved, type ObservedValue } from '../../stix/values/observed-values.ts';

/** The warning lists of the hub. */
export interface ValueLists {
  hits(observable: Observable): readonly { readonly list: string; readonly action: string }[];
}

/** Returns the entries of warning lists about a value of an indicator. A pattern that is not one value has none. */
export function warningHits(observed: ObservedValue, lists: ValueLists): ReturnType<ValueLists['hits']> {
  const observable = observableOf(observed);
  return observable === undefined ? [] : lists.hits(observable);
}

/** Returns a STIX object that is about a value, for rules about objects. */
export function valueObject(observed: ObservedValue): StixObject {
  const observable = observableOf(observed);
  if (observable?.type === 'network') return { type: `${observed.type}-addr`, value: observable.value };
  return { ...observable };
}

function observableOf(observed: ObservedValue): Observable | undefined {
  const value = readableObserved(observed);
  switch (observed.type) {
    case 'ipv4':
    case 'ipv6': {
      const family = observed.type === 'ipv4' ? 4 : 6;
      return value.includes('/') ? { type: 'network', family, value } : { type: `ipv${family}-addr`, value };
    }
    case 'domain':
      return { type: 'domain-name', value };
    case 'url':
      return { type: 'url', value };
    case 'email':
      return { type: 'email-addr', value };
    case 'md5':
    case 'sha1':
    case 'sha256':
    case 'sha512':
      return { type: 'file', hashes: { [observed.type]: value } };
    case 'certificate':
      return { type: 'x509-certificate', hashes: { 'SHA-1': value } };
    case 'pattern':
      return undefined;
  }
}

/** The warnings of the hub before a value becomes an indicator. */
export interface ValueWarnings {
  /** Why the value must not become an indicator, unless the person accepts it. */
  readonly refusal: string | undefined;
  /** Sentences for the person. */
  readonly warnings: readonly string[];
  /** Labels that the indicator gets, so that tools do not block the value without a check. */
  readonly labels: readonly string[];
}

/** True for an entry of a list of values that nobody should block. */
export function keepsOut({ action }: { readonly action: string }): boolean {
  return action === 'drop' || action === 'observe';
}

/** The label of values in the networks and domains of members, as feeds give it. */
const MEMBER_LABEL = 'warninglist:member-network';

/**
 * Checks a value that a person publishes in the same way as values of feeds. A value that nobody should block is refused
 * unless the person accepts that. A value that is only misleading, or belongs to a member, gets a label.
 */
export function warningsAbout(
  observable: Observable,
  lists: ValueLists,
  isAccepted: boolean,
  { sentences: owners, isHidden }: ValueOwners,
): ValueWarnings {
  const hits = lists.hits(observable);
  const names = hits.map(({ list }) => `"${list}"`).join(', ');
  const isBlocked = hits.some(keepsOut);
  const listed =
    hits.length === 0
      ? []
      : [`It is on the warning ${hits.length === 1 ? 'list' : 'lists'} ${names} of values that should not be blocked.`]; // prettier-ignore
  return {
    refusal:
      isBlocked && !isAccepted
        ? `warning-list: it is on the warning list ${names} of values that should not be blocked; accept the warnings to publish it anyway`
        : undefined,
    warnings: [...listed, ...owners],
    labels: [
      ...hits.map(({ list }) => `warninglist:${list}`),
      ...(owners.length > 0 || isHidden ? [MEMBER_LABEL] : []),
    ],
  };
}

/** The members whose networks and domains contain a value. */
export interface ValueOwners {
  /** Sentences about the members that the caller may see. */
  readonly sentences: readonly string[];
  /** These members, with the claim that contains the value. */
  readonly visible: readonly { readonly member: string; readonly claim: string }[];
  /** True if there are members that the caller cannot see. */
  readonly isHidden: boolean;
}

/**
 * Tells a caller about members that it cannot see. Only a stored object does so, because its owner can see who has
 * received it. Previews, and values that are refused or already known, store nothing, so nobody would notice a search
 * for the networks of others.
 */
export const HIDDEN_OWNER = 'It is in the networks or domains of another member.';

/**
 * Returns the members whose networks and domains contain a value. Members without a collection of their own receive
 * nothing, so they could not notice a search for their networks. Only callers who may see such a member learn about it.
 */
export function ownersOf(object: StixObject, actor: Principal, directory: Snapshot): ValueOwners {
  const matches = Constituency.of(directory)
    .match(concernsOf(object))
    .filter(({ member, claim, role }) => role === 'own' && isGround(directory.members.get(member), claim));
  const seen = (name: string): boolean => can(actor, 'member.read', { kind: 'member', name });
  const visible = matches.filter(({ member }) => seen(member));
  const own = actor.kind === 'account' ? actor.member : undefined;
  return {
    sentences: visible.map(({ member, claim }) =>
      member === own
        ? `It is in the networks or domains of your own member (${claim}).`
        : `It is in the networks or domains of ${member} (${claim}).`,
    ),
    visible: visible.map(({ member, claim }) => ({ member, claim })),
    isHidden: matches.some(
      ({ member }) => !seen(member) && directory.members.get(member)?.collection !== undefined,
    ),
  };
}

/**
 * True for a claim of networks or domains. Countries, sectors and AS numbers are too wide to show whose systems a value
 * belongs to.
 */
function isGround(member: MemberInfo | undefined, claim: string): boolean {
  return (
    member?.networks.includes(claim) === true ||
    member?.domains.some((domain) => domain.toLowerCase().replace(/\.$/, '') === claim) === true
  );
}
