import type { Ledger } from '../../access/ledger.ts';
import { principalId, type Principal } from '../../access/principal.ts';

/** Notes in the ledger that a caller looked at objects outside the pages of a collection. */
export function noteLookup(
  ledger: Pick<Ledger, 'read'>,
  principal: Principal,
  items: readonly { readonly collection: string }[],
  agent: string,
): void {
  const counts = new Map<string, number>();
  for (const { collection } of items) counts.set(collection, (counts.get(collection) ?? 0) + 1);
  for (const [collection, objects] of counts)
    ledger.read({
      account: principalId(principal),
      collection,
      kind: 'lookup',
      filters: '',
      cursor: 0,
      objects,
      agent,
    });
}
