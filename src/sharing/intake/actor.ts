import { memberOf, principalName, type Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
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

/** An account as the one who puts objects into a collection, with what it may do there now. */
export function accountActor(principal: Principal, collection: CollectionInfo, directory: Snapshot): Actor {
  return {
    kind: 'account',
    principal,
    defaultTlp: directory.accounts.get(principalName(principal))?.defaultTlp,
    mayRead: directory.rights(principal, collection).read,
  };
}

/** The account or source that is written beside what it put in. */
export function submitterOf(actor: Actor): string {
  return actor.kind === 'account' ? principalName(actor.principal) : `feed:${actor.name}`;
}

/** The owner of what nobody else is the creator of. */
export function ownerOf(actor: Actor): string {
  return actor.kind === 'account' ? memberOf(actor.principal) : `feed:${actor.name}`;
}
