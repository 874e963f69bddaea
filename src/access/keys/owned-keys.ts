import { allOf } from '../../store/pages.ts';
import type { HubRecord, Store } from '../../store/store.ts';
import { isDeclared } from '../managed.ts';
import { KEYS } from './model.ts';

/**
 * Returns the keys that have to go when the credentials of an account end: its own, and damaged ones that could be its
 * own, because a damaged key works again when its record is repaired. Keys that the settings file declares stay.
 */
export async function keysToEnd(
  store: Pick<Store, 'view'>,
  account: string,
): Promise<readonly Pick<HubRecord, 'kind' | 'id' | 'revision'>[]> {
  return [...(await allOf(store, KEYS.kind)).values()].filter((record) => {
    const whole = KEYS.decodeOnce(record);
    if (whole !== undefined) return whole.document.account === account && !isDeclared(whole);
    const { account: of, managed } = KEYS.salvage(record);
    return (of ?? account) === account && managed !== 'file';
  });
}
