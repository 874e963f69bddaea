import { principalId, type Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Tlp } from '../../stix/markings.ts';

/** Who puts objects in. */
export type Actor =
  | {
      readonly kind: 'account';
      readonly principal: Principal;
      readonly defaultTlp: Tlp | undefined;
      readonly mayRead: boolean;
      /** The member on behalf of which hub staff submit, as the request says and the audit log records. */
      readonly onBehalfOf?: string;
    }
  | { readonly kind: 'feed'; readonly name: string; readonly identity: string; readonly defaultTlp: Tlp };

/** An account that submits objects. */
export type AccountActor = Extract<Actor, { kind: 'account' }>;

/** An account as the one who puts objects into a collection, with what it may do there now. */
export function accountActor(
  principal: Principal,
  collection: CollectionInfo,
  directory: Snapshot,
): AccountActor {
  return {
    kind: 'account',
    principal,
    defaultTlp: directory.accounts.get(principalId(principal))?.defaultTlp,
    mayRead: directory.rights(principal, collection).read,
  };
}

/** The account or source that is written beside what it put in. */
export function submitterOf(actor: Actor): string {
  return actor.kind === 'account' ? principalId(actor.principal) : `feed:${actor.name}`;
}
