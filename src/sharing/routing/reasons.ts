import type { Reason } from '../../api/schema-types.ts';
import type { VisibleNames } from '../../access/visible-names.ts';
import type { CollectionInfo, MemberInfo } from '../../access/snapshot.ts';
import { networkText } from '../../kernel/address.ts';
import { Constituency } from '../../members/constituency.ts';
import { concernsOf, type Concern } from '../../stix/observables.ts';
import type { StixObject } from '../../stix/types.ts';
import type { PassingContext } from './passing.ts';

/** Maximum number of reasons of one kind that are returned. */
export const MOST_REASONS = 5;

export function noCollection(member: string): Reason {
  return {
    code: 'no-own-collection',
    message: `${member} does not read this collection and has none of its own`,
  };
}

/** Returns the reasons why the content of an object does not route it to a member. Empty if it does. */
export function reasonsNotRouted(
  object: StixObject,
  member: MemberInfo,
  { directory, seen }: PassingContext,
  visible: VisibleNames,
): readonly Reason[] {
  const concerns = concernsOf(object, (id) => seen.get(id));
  if (concerns.length === 0)
    return [
      {
        code: 'affects-nobody',
        message:
          'it contains no address, domain, AS number or country that a member could claim, so it is not routed',
      },
    ];
  const matches = Constituency.of(directory).match(concerns);
  if (matches.some((match) => match.member === member.name)) return [];
  const [own] = new Constituency([{ ...member, active: true }]).match(concerns);
  // Members that the caller cannot list are not mentioned, not even whether there are any.
  const shown = matches.filter((match) => visible.member(match.member));
  const nearer = shown.map((match) => `${match.member} (${match.claim})`).join(', ');
  const isTold = visible.list('member').length > 1;
  const values = [...new Set(concerns.map(concernText))].slice(0, MOST_REASONS).join(', ');
  if (own !== undefined)
    return [
      {
        code: 'closer-claim',
        message: `${member.name} claims ${own.claim}, but ${nearer === '' ? 'another claim is more specific' : `a more specific claim belongs to ${nearer}, which receives it`}`,
      },
    ];
  return [
    {
      code: 'not-affected',
      message: `it contains ${values}, which ${member.name} does not claim${nearer !== '' ? `; ${nearer} does` : isTold ? ', and neither does any other member' : ''}`,
      next_step: `If it should receive it, add the value to the claims of ${member.name}.`,
    },
  ];
}

function concernText(concern: Concern): string {
  switch (concern.kind) {
    case 'network':
      return networkText(concern.network);
    case 'domain':
      return concern.name;
    case 'asn':
      return `AS${concern.number}`;
    case 'country':
      return concern.code;
    case 'sector':
      return `the sector ${concern.name}`;
    case 'lure':
      return concern.text;
  }
}

/** Returns the alias of a collection, or else its title. */
export function nameOf(collection: CollectionInfo | undefined, id = ''): string {
  return collection === undefined ? id : (collection.alias ?? collection.title);
}

/** Returns each reason once. */
export function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return [...new Map(reasons.map((reason) => [reason.message, reason])).values()].slice(0, 2 * MOST_REASONS);
}
