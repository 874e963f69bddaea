import { resolve } from 'node:path';
import { isDeclared } from '../../access/managed.ts';
import type { RecordChange } from '../../store/store.ts';
import type { Config } from '../config.ts';
import type { Present, Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';

/** Kinds of records that a hub without a settings file does not declare, except its first collection. */
const KINDS = ['member', 'account', 'collection', 'group', 'channel', 'rule'] as const;
/** Kinds of records whose removal takes more with it than a file can declare again, such as TLP:RED and second factors. */
const LASTING = ['member', 'account', 'collection'] as const;
/** Maximum number of records that the errors name. */
const MOST_NAMED = 5;

/**
 * Throws if the hub has a settings file and this process found none. It would otherwise lose what the file declares, for
 * example when a command is given the data folder of a hub but not its file. `hadFile` is true if a file with settings was
 * applied last. The demo declares its records without a file.
 */
export function demandSettingsFile(
  { file, sources }: Pick<Config, 'file' | 'sources'>,
  wanted: Wanted,
  present: Present,
  hadFile: boolean,
): void {
  if (file !== undefined || Object.values(sources).includes('demo')) return;
  const lost = KINDS.flatMap((kind) =>
    [...present[kind]].flatMap(([id, record]) =>
      isDeclared(record) && !wanted[kind].has(id) ? [`${kind} ${nameOf(id, record)}`] : [],
    ),
  );
  if (lost.length > 0 || hadFile)
    throw settingsErrors.fileMissing({
      folder: resolve('.'),
      lost: lost.length === 0 ? 'its settings' : namesOf(lost),
    });
}

/**
 * Throws if a command that serves no hub would remove members, accounts or collections. The file that it was given can be
 * empty, or that of another hub. Starting the hub applies it.
 */
export function demandNoRemovals(
  { file = '' }: Pick<Config, 'file'>,
  changes: readonly RecordChange[],
  present: Present,
): void {
  const lost = LASTING.flatMap((one) =>
    changes.flatMap(({ kind, id, document }) => {
      const record = kind === one && document === undefined ? present[one].get(id) : undefined;
      return record === undefined ? [] : [`${kind} ${nameOf(id, record)}`];
    }),
  );
  if (lost.length > 0) throw settingsErrors.removalByCommand({ file, lost: namesOf(lost) });
}

function namesOf(lost: readonly string[]): string {
  const more = lost.length > MOST_NAMED ? ` and ${lost.length - MOST_NAMED} more` : '';
  return `${lost.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** Ids of accounts and collections mean nothing to people. */
function nameOf(id: string, { document }: { readonly document: object }): string {
  const { name, alias } = document as { readonly name?: unknown; readonly alias?: unknown };
  return typeof alias === 'string' ? alias : typeof name === 'string' ? name : id;
}
