import { isHubAnalyst, type Principal } from './principal.ts';

/**
 * True if a caller may choose a name for something of a member. Names are unique in the whole hub, so the answer for a name
 * that is taken would tell a member what others have. Callers of a member therefore choose only names that begin with the
 * name of their member. Hub staff see everything, and choose any name.
 */
export function mayChooseName(actor: Principal, name: string, member: string | undefined): boolean {
  return isHubAnalyst(actor) || (member !== undefined && name.startsWith(`${member}-`));
}
