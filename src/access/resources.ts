import type { Role } from './principal.ts';

/** Rights on a collection from all grants together. */
export interface CollectionRights {
  readonly read: boolean;
  readonly write: boolean;
}

/** The properties of an account that rights on it depend on. */
export interface AccountResource {
  readonly kind: 'account';
  /** Its id. */
  readonly account: string;
  readonly role: Role;
  readonly member: string | undefined;
}

/**
 * The resource that rights are checked for. Accounts (`account`, `submitter`, `by`, `to`, `actor`) are given by their
 * ids.
 */
export type Resource =
  | { readonly kind: 'collection'; readonly rights: CollectionRights }
  | { readonly kind: 'object'; readonly rights: CollectionRights; readonly owners: readonly string[] }
  | { readonly kind: 'receipt'; readonly account: string }
  | { readonly kind: 'held'; readonly submitter: string; readonly collection: string }
  /** An object that is shared with others, or for which sharing was requested. */
  | { readonly kind: 'share'; readonly by: string; readonly owner: string }
  /** TLP:RED that an account gave to named people. */
  | { readonly kind: 'red'; readonly by: string; readonly to: readonly string[] }
  /** A saved list. `owner` is a member or `hub`, and `read` means that the caller may read all of its collections. */
  | { readonly kind: 'list'; readonly owner: string; readonly read: boolean }
  /** A search that an account shares with the people of its member, or of the hub. `with` is the member or `hub`. */
  | { readonly kind: 'shared-search'; readonly with: string }
  | AccountResource
  | { readonly kind: 'member'; readonly name: string }
  /**
   * A field of a contact. `member` is the member whose contact it is, or `hub`, and `isActive` means that it takes part in
   * the hub. `named` are the members to which the field is shown by name.
   */
  | {
      readonly kind: 'contact';
      readonly member: string;
      readonly isActive: boolean;
      readonly visibility: 'public' | 'members' | 'named' | 'hub';
      readonly named: readonly string[];
    }
  | { readonly kind: 'fact'; readonly actor: string; readonly member: string | undefined }
  /** A value, with the members whose networks or domains contain it. */
  | { readonly kind: 'value'; readonly holders: readonly string[] }
  /** The scorecard of a source. `read` means that the caller reads the collection whose values it is about. */
  | { readonly kind: 'scorecard'; readonly source: string; readonly read: boolean }
  /** An approval of two people, with the accounts that gave the first one or are otherwise involved. */
  | { readonly kind: 'approval'; readonly involved: readonly string[] }
  /**
   * Something that an account of a member said under seal. Only the caller has used its own account since `since`. Times
   * are in milliseconds since 1970.
   */
  | {
      readonly kind: 'secret';
      readonly member: string;
      readonly account: string | undefined;
      readonly at: number;
      readonly since: number;
    }
  | { readonly kind: 'hub' };
