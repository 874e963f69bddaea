import { createHash } from 'node:crypto';
import { canonical } from '../kernel/canonical.ts';
import type { Log } from '../kernel/log.ts';
import { flag, maybe, number, RecordKind, text } from '../store/records.ts';
import type { RecordChange, Store } from '../store/store.ts';
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
 * higher revision applies its own. Writes nothing: a file that is refused later must not count as applied.
 */
export async function mayReconcile(
  config: Config,
  store: Pick<Store, 'record' | 'records'>,
  log: Log,
): Promise<boolean> {
  const known = (await SETTINGS.in(store).get('file'))?.document;
  // Versions before 0.2 left out the rules.
  const isSame = known?.digest === digestOfFile(config) || known?.digest === digestOf(declaredIn(config));
  if (known === undefined || isSame || config.revision > known.revision) return true;
  log.warn('settings.differ', { revision: config.revision, reconciled_revision: known.revision });
  return false;
}

/** True if the last settings file that was applied contained settings. */
export async function hadFile(store: Pick<Store, 'record' | 'records'>): Promise<boolean> {
  return (await SETTINGS.in(store).get('file'))?.document.has_file === true;
}

/**
 * Returns the change that remembers a settings file as applied: whether it contains settings, and its revision and
 * digest if several processes can share the store. It belongs in the same commit as what the file declares.
 */
export async function rememberFile(
  config: Config,
  store: Pick<Store, 'record' | 'records'>,
): Promise<readonly RecordChange[]> {
  const record = await SETTINGS.in(store).get('file');
  const known = record?.document;
  const isShared = config.mongodbUri !== undefined;
  const hasFile = Object.values(config.sources).includes('file');
  const revision = isShared ? config.revision : (known?.revision ?? config.revision);
  const digest = isShared ? digestOfFile(config) : (known?.digest ?? '');
  const keepsFile = (known?.has_file ?? false) === hasFile;
  if (keepsFile && (!isShared || (known?.revision === revision && known.digest === digest))) return [];
  return [SETTINGS.put('file', record, { revision, digest, has_file: hasFile })];
}

function digestOfFile(config: Config): string {
  return digestOf([...declaredIn(config), config.rules]);
}

function declaredIn(config: Config): readonly unknown[] {
  return [config.apiRoots, config.collections, config.groups, config.members, config.accounts, config.feeds];
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(parts))))
    .digest('hex');
}
