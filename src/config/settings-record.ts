import { createHash } from 'node:crypto';
import { canonical } from '../kernel/canonical.ts';
import type { Log } from '../kernel/log.ts';
import { number, RecordKind, text } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config.ts';

/** The settings file that was applied last. There is one record of this kind. */
interface SettingsRecord {
  readonly revision: number;
  readonly digest: string;
}

export const SETTINGS = new RecordKind<SettingsRecord>({
  kind: 'settings',
  fields: { revision: number, digest: text },
});

/**
 * Returns whether this process may apply its settings file. When processes have different files, only a process with a
 * higher revision applies its own.
 */
export async function mayReconcile(config: Config, store: Store, log: Log): Promise<boolean> {
  const digest = createHash('sha256')
    .update(
      canonical(
        JSON.parse(
          JSON.stringify([
            config.apiRoots,
            config.collections,
            config.groups,
            config.members,
            config.accounts,
            config.feeds,
          ]),
        ),
      ),
    )
    .digest('hex');
  const record = await SETTINGS.in(store).get('file');
  const known = record?.document;
  if (known !== undefined && known.digest !== digest && config.revision <= known.revision) {
    log.warn('settings.differ', { revision: config.revision, reconciled_revision: known.revision });
    return false;
  }
  if (known?.digest !== digest || known.revision !== config.revision) {
    await store.commit({
      records: [SETTINGS.put('file', record, { revision: config.revision, digest })],
    });
  }
  return true;
}
