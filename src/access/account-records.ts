import type { Ids } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import type { HubRecord } from '../store/store.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ID = 'acc-';
/** Words by which earlier versions recorded the hub itself in the place of an account. */
const OF_THE_HUB = new Set(['operator', 'public', 'settings', 'hub']);
/** Words that stand, or may come to stand, where the name of an account stands. */
const RESERVED = new Set([...OF_THE_HUB, 'anonymous', 'feed', 'several', 'system', 'unknown']);

/** Why a text cannot be the name of an account; undefined for one that can. Every way of creation asks here. */
export function accountNameFault(name: string): string | undefined {
  if (!NAME.test(name)) return 'Use a-z, 0-9 and hyphens, at most 63 characters.';
  // An id must never look like a name, nor a name like an id.
  if (RESERVED.has(name) || name.startsWith(ID)) return `"${name}" is reserved. Choose another name.`;
  return undefined;
}

/** Throws for a text that cannot be the name of an account. */
export function demandAccountName(name: string): void {
  const hint = accountNameFault(name);
  if (hint !== undefined)
    throw new Problem('invalid-content', `Invalid account name: "${name.slice(0, 80)}"`, {
      hint,
      code: 'TLN-U-422',
    });
}

/** The id of a new account. It is random and never used again, so that nothing outlives its account under the same name. */
export function newAccountId(ids: Ids): string {
  return `${ID}${ids.uuid()}`;
}

/**
 * The id of the account in a record. Records of earlier versions have none: their name is their id, which no new id can equal. An
 * account of those versions with a reserved name loses what was stored under that name: it may be what the hub wrote of itself.
 */
export function accountId({ id: name, document }: HubRecord): string {
  const { uid } = document;
  if (typeof uid === 'string' && uid.startsWith(ID)) return uid;
  return OF_THE_HUB.has(name) ? `${ID}reserved-${name}` : name;
}

/** How often the credentials, role, member or state of an account (or the state of a member) have changed. */
export function epochOf({ document }: Pick<HubRecord, 'document'>): number {
  return typeof document['epoch'] === 'number' ? document['epoch'] : 0;
}

/** The epoch of a record after a change that ends sessions. */
export function nextEpoch(record: Pick<HubRecord, 'document'>): number {
  return epochOf(record) + 1;
}
