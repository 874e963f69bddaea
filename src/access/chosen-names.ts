import { isHubAnalyst, type Principal } from './principal.ts';

/** Maximum length of the names of accounts and lists. */
const LONGEST = 63;

/**
 * True if a caller may choose a name for something of a member. Names are unique in the whole hub, so the response for
 * a name that is taken would reveal to a member the names of others. Callers of a member therefore choose only names
 * that begin with the name of their member, and that neither are nor begin with the longer name of another member
 * (`tonga` and `tonga-gov`). Hub staff see everything, and choose any name.
 */
export function mayChooseName(
  actor: Principal,
  name: string,
  member: string | undefined,
  members: ReadonlyMap<string, unknown>,
): boolean {
  if (isHubAnalyst(actor)) return true;
  return member !== undefined && name.startsWith(`${member}-`) && !isLongerOf(members, name, member);
}

/**
 * Returns advice for a caller that cannot choose a name: a name of its member that it can choose, if one is near. The
 * names of members are shorter today, but a settings file or an earlier version can have given a name that leaves no
 * room.
 */
export function nameAdvice(
  name: string,
  member: string | undefined,
  members: ReadonlyMap<string, unknown>,
): string {
  const begin = `${member ?? 'hub'}-`;
  const proposal = `${begin}${name}`.slice(0, LONGEST);
  if (proposal.length <= begin.length)
    return `The name of ${member ?? 'hub'} is too long to add a hyphen and more characters. Ask hub staff, who can choose any name.`;
  return isLongerOf(members, proposal, member)
    ? `Choose another name that begins with ${begin}, and not with the name of another member.`
    : `Choose another name, such as ${proposal}.`;
}

/** True for a name that is, or begins with, a member's name that is longer than the name of this member. */
function isLongerOf(members: ReadonlyMap<string, unknown>, name: string, member = ''): boolean {
  return [...members.keys()].some(
    (one) => one.length > member.length && (name === one || name.startsWith(`${one}-`)),
  );
}
