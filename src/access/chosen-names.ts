import { isHubAnalyst, type Principal } from './principal.ts';

/** Maximum length of the names of accounts and lists. */
const LONGEST = 63;

/**
 * True if a caller may choose a name for something of a member. Names are unique in the whole hub, so the response for a name
 * that is taken would tell a member what others have. Callers of a member therefore choose only names that begin with the
 * name of their member, and that neither are nor begin with the longer name of another member (`tonga` and `tonga-gov`).
 * Hub staff see everything, and choose any name.
 */
export function mayChooseName(
  actor: Principal,
  name: string,
  member: string | undefined,
  members: ReadonlyMap<string, unknown>,
): boolean {
  if (isHubAnalyst(actor)) return true;
  const begins = [...members.keys()].filter((one) => name === one || name.startsWith(`${one}-`));
  const longest = begins.reduce((a, b) => (b.length > a.length ? b : a), '');
  return member !== undefined && name.startsWith(`${member}-`) && longest.length <= member.length;
}

/**
 * Returns advice for a caller that cannot choose a name: a name of its member that fits. The names of members are
 * shorter today, but a settings file or an earlier version can have given a name that leaves no room.
 */
export function nameAdvice(name: string, member = 'hub'): string {
  const proposal = `${member}-${name}`.slice(0, LONGEST);
  return proposal.length > member.length + 1
    ? `Choose another name, such as ${proposal}.`
    : `The name of ${member} leaves no room for a hyphen and more. Ask hub staff, who choose any name.`;
}
