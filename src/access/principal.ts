/** Roles of accounts (DESIGN.md section 6). */
export type Role = 'administrator' | 'analyst' | 'officer' | 'machine';

/** Who asks. */
export type Principal =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'account';
      readonly account: string;
      readonly role: Role;
      /** The member that the account belongs to; undefined for accounts of the hub. */
      readonly member: string | undefined;
      readonly person: boolean;
      /** Groups that its member is in. */
      readonly groups: readonly string[];
    };

export const PUBLIC: Principal = { kind: 'public' };

/** The name under which a principal stands in cursors, receipts and logs. */
export function principalName(principal: Principal): string {
  return principal.kind === 'public' ? 'public' : principal.account;
}

/** An analyst or administrator of the hub itself (DESIGN.md section 2). */
export function isHubAnalyst(principal: Principal): boolean {
  return (
    principal.kind === 'account' &&
    principal.member === undefined &&
    (principal.role === 'analyst' || principal.role === 'administrator')
  );
}

/** The member that answers for what a principal does: its own, else the hub. */
export function memberOf(principal: Principal): string {
  return principal.kind === 'account' ? (principal.member ?? 'hub') : 'public';
}
