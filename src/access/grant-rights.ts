import type { GrantRecord } from './model.ts';

/** The rights of a grant. */
export interface GrantRights {
  readonly read: boolean;
  readonly write: boolean;
}

/**
 * Returns the rights of a grant after a request. A request adds rights and takes none away, unless it replaces the
 * present ones. Rights that were given to an earlier account of the name count for nothing.
 */
export function rightsAfter(
  present: GrantRecord | undefined,
  { read, write }: GrantRights,
  {
    account,
    replace = false,
  }: { readonly account: string | undefined; readonly replace?: boolean | undefined },
): GrantRights {
  const before = rightsBefore(present, account);
  return replace ? { read, write } : { read: read || before.read, write: write || before.write };
}

/** Returns the rights that a grant gives now. */
export function rightsBefore(present: GrantRecord | undefined, account: string | undefined): GrantRights {
  const isOther = present?.account !== undefined && account !== undefined && present.account !== account;
  return present === undefined || isOther
    ? { read: false, write: false }
    : { read: present.read, write: present.write };
}
