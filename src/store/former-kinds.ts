import { Problem } from '../kernel/problem.ts';
import { pagesOf } from './pages.ts';
import type { Store } from './store.ts';

/** Number of records that are moved in one commit. */
const AT_ONCE = 200;

/** A kind of record, with the name that earlier versions used. */
export interface NamedKind {
  readonly kind: string;
  readonly formerKind: string | undefined;
}

/**
 * Moves the records that earlier versions of the hub stored under another name of their kind. Ids, documents and index
 * keys stay. A record that exists under its present name is newer and stays as it is. It is called with the adapter
 * itself, because no bound applies to a change of names. A record that another process moves at the same time is left
 * to that process.
 */
export async function moveFormerKinds(
  store: Pick<Store, 'commit' | 'record' | 'records'>,
  kinds: readonly NamedKind[],
): Promise<number> {
  let moved = 0;
  for (const { kind, formerKind } of kinds) {
    if (formerKind === undefined) continue;
    for await (const page of pagesOf(store, formerKind, { limit: AT_ONCE })) {
      for (const { id, revision, document, index } of page)
        try {
          // During an upgrade one process after the other, a process of the earlier version can write an old record again.
          const isMoved = (await store.record(kind, id)) !== undefined;
          await store.commit({
            records: [
              // The new record comes first, so a process that ends in between leaves at least one of them.
              ...(isMoved ? [] : [{ kind, id, expected: 0, document, index }]),
              { kind: formerKind, id, expected: revision, document: undefined },
            ],
          });
          moved++;
        } catch (error) {
          if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
        }
    }
  }
  return moved;
}
