import type { Ids } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import type { Store } from '../store/store.ts';
import type { Sealer } from './sealing.ts';

/**
 * Returns a key that all processes share: for cursors, for links in emails or for device cookies. The first process
 * inserts each key. The keys are not sealed, because somebody who can read the store learns nothing more by forging one
 * of these values.
 */
export async function sharedKey(
  store: Store,
  ids: Ids,
  name: 'cursor' | 'answers' | 'devices',
): Promise<Buffer> {
  for (;;) {
    const record = await store.record('secret', name);
    if (record !== undefined) return Buffer.from(String(record.document['key']), 'base64url');
    try {
      await store.commit({
        records: [{ kind: 'secret', id: name, expected: 0, document: { key: ids.secret(32) } }],
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }
}

/**
 * Throws unless this process has the master key of the store. Every process must be able to open what another one
 * sealed. The first process that opens a store inserts the name of its key there.
 */
export async function demandKeyOf(store: Store, { keyName }: Sealer, file: string): Promise<void> {
  for (;;) {
    const record = await store.record('secret', 'master-key');
    if (record !== undefined) {
      if (record.document['name'] === keyName) return;
      throw new Problem('conflict', 'The master key does not match this store', {
        description: `The secrets in the store were sealed with a key other than the one in ${file}.`,
        hint: 'Give every process the same file (master_key_file), or restore the file from a backup.',
        code: 'TLN-K-504',
      });
    }
    try {
      await store.commit({
        records: [{ kind: 'secret', id: 'master-key', expected: 0, document: { name: keyName } }],
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }
}
