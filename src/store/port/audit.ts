import { hash } from 'node:crypto';
import { canonical } from '../../kernel/canonical.ts';

// The audit log: facts in a hash chain.

/**
 * An action that was performed or refused, as the audit log records it. It never contains a secret or a whole object.
 */
export interface AuditFact {
  /** A random UUID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * Name of the account, `operator` for the hub's own socket, `settings` for the settings file, or `hub:` and a
   * component for the hub itself. This is a label for people. `actor_id` identifies the account.
   */
  readonly actor: string;
  /** The id of the principal. Absent in entries of earlier versions and of the settings file. */
  readonly actor_id?: string;
  /** Public name of the API key that was used to sign in, and the address of the caller. */
  readonly key?: string;
  readonly address?: string;
  /** The action, such as `key.create` or `account.update`. */
  readonly action: string;
  /** The resource that the action applied to: `<kind>/<id>`. */
  readonly resource: string;
  /** The member that the action concerns. */
  readonly member?: string;
  readonly result: 'done' | 'refused';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A fact with its position in the hash chain. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly fact: AuditFact;
  /** SHA-256 of the previous hash and the canonical form (RFC 8785) of the fact, as hexadecimal digits. */
  readonly hash: string;
}

/** The last entry that was removed from the audit log. The chain continues from its hash. */
export interface AuditStart {
  readonly seq: number;
  readonly hash: string;
}

/** Keys by which audit entries are indexed: the id of the actor, and the member that an entry concerns. */
export const auditKey = {
  actor: (id: string): string => `actor/${id}`,
  member: (name: string): string => `member/${name}`,
};

/** Returns the index keys of an entry. In entries of versions before 0.2, the name of the actor served as the id. */
export function auditKeysOf({ actor, actor_id: id = actor, member }: AuditFact): readonly string[] {
  return [auditKey.actor(id), ...(member === undefined ? [] : [auditKey.member(member)])];
}

/** The order in which entries are returned: by rising or by falling number. */
export type AuditOrder = 'oldest' | 'newest';

/** The position before the newest entry, from which the log is read with the newest entry first. */
export const AUDIT_END = Number.MAX_SAFE_INTEGER;

/** Entries that were found by their index keys. */
export interface AuditPart {
  readonly entries: readonly AuditEntry[];
  /**
   * The position from which the reader continues, because entries beyond it are not in the index yet (`indexFacts`).
   * Absent if all were looked at.
   */
  readonly unindexedFrom?: number;
}

/** Returns the hash of a fact after the given hash. For the first entry, `before` is an empty text. */
export function auditHash(before: string, fact: AuditFact): string {
  return hash('sha256', `${before}\n${canonical(fact)}`);
}

/** The audit log. */
export interface AuditStore {
  /** Returns audit entries beyond a number: above it, oldest first, or below it, newest first (`AUDIT_END`: from the end). */
  audit(from: number, limit: number, order?: AuditOrder): Promise<readonly AuditEntry[]>;
  /**
   * Returns audit entries beyond a number, like `audit`, that have one of these index keys (`auditKey`). The work
   * depends on the number of returned entries, not on the size of the log.
   */
  auditBy(keys: readonly string[], from: number, limit: number, order?: AuditOrder): Promise<AuditPart>;
  /**
   * Adds entries of earlier versions to the index, oldest first, at most `limit` of them. Returns how many. Can be
   * interrupted and repeated at any time.
   */
  indexFacts(limit: number): Promise<number>;
  /** Returns where the audit log begins. Undefined while no entry was removed. */
  auditStart(): Promise<AuditStart | undefined>;
  /**
   * Removes the oldest audit entries up to a number, at most `limit`, and never the newest. Returns how many. Can be
   * interrupted and repeated at any time, by one process at a time.
   */
  trimAudit(upTo: number, limit: number): Promise<number>;
  /** Returns the last audit entry. */
  auditHead(): Promise<AuditEntry | undefined>;
  /**
   * Appends committed facts that have no number yet to the hash chain. Returns how many. One process does this at a
   * time.
   */
  numberFacts(): Promise<number>;
}
