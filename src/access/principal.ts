import type { Network } from '../kernel/address.ts';

/** Roles of accounts. */
export const ROLES = ['administrator', 'analyst', 'officer', 'machine'] as const;
export type Role = (typeof ROLES)[number];

/** The scopes to which a key can be limited. A key without scopes may do whatever its account may do. */
export const SCOPES = [
  'taxii:read',
  'taxii:write',
  'lists:read',
  'api:read',
  'api:write',
  'metrics:read',
] as const;
export type Scope = (typeof SCOPES)[number];

/** The key with which a caller signed in, and its limits. */
export interface KeyLimits {
  /** Public name of the key. */
  readonly id: string;
  readonly scopes: readonly Scope[] | undefined;
  /** Ids of collections. */
  readonly collections: readonly string[] | undefined;
  /** Addresses from which the key may be used. Undefined means anywhere. */
  readonly networks: readonly Network[] | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number | undefined;
  /** True if the account created the key for itself, after it had signed in personally. */
  readonly isOwn?: boolean;
  /**
   * When somebody gave the account this key, in milliseconds since 1970. Absent for keys that it created for itself and for
   * keys of the settings file.
   */
  readonly givenAt?: number | undefined;
}

/** The caller of an operation. */
export type Principal =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'account';
      /**
       * The id of the account, which is never reused. Everything that is stored refers to the id, never to
       * the name.
       */
      readonly account: string;
      /** The name of the account, which is a label for people. A later account can have the same name. */
      readonly name: string;
      /**
       * True only at the hub's own socket, for the person who runs the process. No account can be the
       * operator, whatever its name.
       */
      readonly operator?: true;
      readonly role: Role;
      /** The member that the account belongs to. Undefined for accounts of the hub. */
      readonly member: string | undefined;
      readonly person: boolean;
      /** The groups that the member belongs to. */
      readonly groups: readonly string[];
      /** Absent when the caller signed in with a password or is the operator at the hub's own socket. */
      readonly key?: KeyLimits;
      /** Present when the caller uses a session of the console. */
      readonly session?: {
        readonly id: string;
        /** The time at which the person last entered the password or a second factor, in milliseconds since 1970. */
        readonly confirmed: number;
        /** False when the person signed in with a password that somebody else set and may still know. */
        readonly isPersonal: boolean;
      };
      /** The address of the client. */
      readonly from?: string;
    };

/** A caller that has signed in. */
export type AccountPrincipal = Extract<Principal, { kind: 'account' }>;

export const PUBLIC: Principal = { kind: 'public' };

/**
 * Returns the same principal for reading back its own write. A key that may only write sees what it created
 * instead of a "not found" error.
 */
export function readingBack(actor: Principal): Principal {
  if (actor.kind !== 'account' || actor.key?.scopes === undefined) return actor;
  return { ...actor, key: { ...actor.key, scopes: [...actor.key.scopes, 'api:read'] } };
}

/** The id under which the operator is recorded. No account can have it (see `accountId`). */
export const OPERATOR_ID = 'operator';

/** The principal of the hub's own socket. Only the user that runs the hub can open the socket. */
export const OPERATOR = {
  kind: 'account',
  account: OPERATOR_ID,
  name: 'operator',
  operator: true,
  role: 'administrator',
  member: undefined,
  person: true,
  groups: [],
} as const satisfies Principal;

/** Returns the id by which stored data refers to a principal. */
export function principalId(principal: Principal): string {
  return principal.kind === 'public' ? 'public' : principal.account;
}

/** Returns the name of a principal for display. Nothing is decided by it. */
export function principalName(principal: Principal): string {
  return principal.kind === 'public' ? 'public' : principal.name;
}

/**
 * Returns the name of a principal as accounts of `member` see it: members do not learn the names of hub staff, and of other
 * members only the member. `member` is undefined for hub staff.
 */
export function nameFor(member: string | undefined, principal: Principal): string {
  return member === undefined || principal.kind === 'public' || principal.member === member
    ? principalName(principal)
    : (principal.member ?? 'the hub');
}

/** True for the operator, who runs the process and uses the hub's own socket. */
export function isOperator(principal: Principal): boolean {
  return principal.kind === 'account' && principal.operator === true;
}

/** True for an analyst or administrator of the hub itself. */
export function isHubAnalyst(principal: Principal): boolean {
  return (
    principal.kind === 'account' &&
    principal.member === undefined &&
    (principal.role === 'analyst' || principal.role === 'administrator')
  );
}

/** True for an administrator of the hub itself. */
export function isHubAdministrator(principal: Principal): boolean {
  return isHubAnalyst(principal) && principal.kind === 'account' && principal.role === 'administrator';
}

/** Returns the member that is responsible for what a principal does: its own member, or else the hub. */
export function memberOf(principal: Principal): string {
  return principal.kind === 'account' ? (principal.member ?? 'hub') : 'public';
}

/**
 * True for a person who signed in with something that nobody else was given: a password of their own choice, the sign-in
 * provider, or a key that they created for themselves. The operator at the hub's own socket has no name.
 */
export function isPersonal(principal: Principal): boolean {
  if (principal.kind !== 'account' || !principal.person || isOperator(principal)) return false;
  return principal.key === undefined ? principal.session?.isPersonal === true : principal.key.isOwn === true;
}

/** True for a service account. Programs use it, so no person sees its errors at once. */
export function isTool(principal: Principal): boolean {
  return principal.kind === 'account' && principal.role === 'machine';
}
