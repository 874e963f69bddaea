import { memberOf, principalName, type Principal } from '../../access/principal.ts';
import type { Tlp } from '../../stix/markings.ts';

/** Who puts objects in. */
export type Actor =
  | {
      readonly kind: 'account';
      readonly principal: Principal;
      readonly defaultTlp: Tlp | undefined;
      readonly mayRead: boolean;
    }
  | { readonly kind: 'feed'; readonly name: string; readonly identity: string; readonly defaultTlp: Tlp };

/** The account or source that is written beside what it put in. */
export function submitterOf(actor: Actor): string {
  return actor.kind === 'account' ? principalName(actor.principal) : `feed:${actor.name}`;
}

/** The owner of what nobody else is the creator of. */
export function ownerOf(actor: Actor): string {
  return actor.kind === 'account' ? memberOf(actor.principal) : `feed:${actor.name}`;
}
