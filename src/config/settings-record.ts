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
  const digest = digestOf([...declaredIn(config), config.rules]);
  const record = await SETTINGS.in(store).get('file');
  const known = record?.document;
  // Versions before 0.2 left out the rules.
  const isSame = known?.digest === digest || known?.digest === digestOf(declaredIn(config));
  if (known !== undefined && !isSame && config.revision <= known.revision) {
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

function declaredIn(config: Config): readonly unknown[] {
  return [config.apiRoots, config.collections, config.groups, config.members, config.accounts, config.feeds];
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(parts))))
    .digest('hex');
}
