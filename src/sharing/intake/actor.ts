import { principalId, type Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Tlp } from '../../stix/markings.ts';

/** The submitter of objects. */
export type Actor =
  | {
      readonly kind: 'account';
      readonly principal: Principal;
      readonly defaultTlp: Tlp | undefined;
      readonly mayRead: boolean;
      /** The member on behalf of which hub staff submit, as the request asks and the audit log records. */
      readonly onBehalfOf?: string;
    }
  | { readonly kind: 'feed'; readonly name: string; readonly identity: string; readonly defaultTlp: Tlp };

/** An account that submits objects. */
export type AccountActor = Extract<Actor, { kind: 'account' }>;

/** Returns an account as the submitter to a collection, with its current rights there. */
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

/** Returns the account or feed that is recorded as the submitter. */
export function submitterOf(actor: Actor): string {
  return actor.kind === 'account' ? principalId(actor.principal) : `feed:${actor.name}`;
}
