import { createHash } from 'node:crypto';
import { canonical } from '../kernel/canonical.ts';
import type { Log } from '../kernel/log.ts';
import { flag, maybe, number, RecordKind, text } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config.ts';

/** The settings file that was applied last. There is one record of this kind. */
interface SettingsRecord {
  readonly revision: number;
  readonly digest: string;
  /** A settings file with settings was applied, so the hub does not work without one. */
  readonly has_file?: boolean;
}

export const SETTINGS = new RecordKind<SettingsRecord>({
  kind: 'settings',
  fields: { revision: number, digest: text, has_file: maybe(flag) },
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
      records: [SETTINGS.put('file', record, { ...known, revision: config.revision, digest })],
    });
  }
  return true;
}

/** True if the last settings file that was applied contained settings. */
export async function hadFile(store: Pick<Store, 'record' | 'records'>): Promise<boolean> {
  return (await SETTINGS.in(store).get('file'))?.document.has_file === true;
}

/** Remembers whether the settings file that was applied contains settings. */
export async function rememberFile(config: Config, store: Store): Promise<void> {
  const record = await SETTINGS.in(store).get('file');
  const hasFile = Object.values(config.sources).includes('file');
  if ((record?.document.has_file ?? false) === hasFile) return;
  const { revision, digest } = record?.document ?? { revision: config.revision, digest: '' };
  await store.commit({ records: [SETTINGS.put('file', record, { revision, digest, has_file: hasFile })] });
}

function declaredIn(config: Config): readonly unknown[] {
  return [config.apiRoots, config.collections, config.groups, config.members, config.accounts, config.feeds];
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(parts))))
    .digest('hex');
}
