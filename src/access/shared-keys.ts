import type { Ids } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import { maybe, RecordKind, text } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Sealer } from './sealing.ts';
import { accessErrors } from './errors.ts';

/** A key that all processes share, or the name of the master key. */
interface HubSecretRecord {
  /** Base64url. */
  readonly key?: string;
  /** The name of the master key with which the secrets in the store were sealed. */
  readonly name?: string;
}

export const HUB_SECRETS = new RecordKind<HubSecretRecord>({
  kind: 'secret',
  fields: { key: maybe(text), name: maybe(text) },
});

/**
 * Returns a key that all processes share: for cursors, for links in emails, for device cookies or for the ids of MISP
 * feeds. The first process inserts each key. The keys are not sealed, because somebody who can read the store learns
 * nothing more by forging one of these values.
 */
export async function sharedKey(
  store: Store,
  ids: Ids,
  name: 'cursor' | 'answers' | 'devices' | 'misp',
): Promise<Buffer> {
  for (;;) {
    const record = await HUB_SECRETS.in(store).get(name);
    if (record !== undefined) return Buffer.from(record.document.key ?? '', 'base64url');
    try {
      await store.commit({
        records: [HUB_SECRETS.insert(name, { key: ids.secret(32) })],
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }
}

/** True if the store was opened with this master key before. Unlike `demandKeyOf`, this changes nothing. */
export async function hasKeyOf(
  store: Pick<Store, 'record' | 'records'>,
  { keyName }: Sealer,
): Promise<boolean> {
  return (await HUB_SECRETS.in(store).get('master-key'))?.document.name === keyName;
}

/** True if a process with a master key opened the store before. */
export async function wasOpened(store: Pick<Store, 'record' | 'records'>): Promise<boolean> {
  return (await HUB_SECRETS.in(store).get('master-key')) !== undefined;
}

/**
 * Throws unless this process has the master key of the store. Every process must be able to open what another one
 * sealed. The first process that opens a store inserts the name of its key there.
 */
export async function demandKeyOf(store: Store, { keyName }: Sealer, file: string): Promise<void> {
  for (;;) {
    const record = await HUB_SECRETS.in(store).get('master-key');
    if (record !== undefined) {
      if (record.document.name === keyName) return;
      throw accessErrors.wrongMasterKey({ file });
    }
    try {
      await store.commit({
        records: [HUB_SECRETS.insert('master-key', { name: keyName })],
      });
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }
}
