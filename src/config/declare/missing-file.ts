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
 * The removals that a process can apply when the settings file no longer declares records. A command that serves no hub
 * applies none (`none`). A start applies a few (`few`), or any with the consent of a person (`any`).
 */
export type Removals = 'none' | 'few' | 'any';

/** Returns which removals a process can apply: one that serves a single command, or a start with or without consent. */
export function removalsOf(process: {
  readonly isOffline?: boolean;
  readonly acceptsRemovals?: boolean;
}): Removals {
  if (process.isOffline === true) return 'none';
  return process.acceptsRemovals === true ? 'any' : 'few';
}

/** A start always applies fewer removals than this. */
const SEVERAL = 2;

/**
 * Throws if members, accounts or collections would be removed beyond what `removals` permits. The file that it was
 * given can be empty, or that of another hub. A start refuses to remove all of these records, or more than half of the
 * members or of the accounts.
 */
export function demandRemovals(
  { file = '' }: Pick<Config, 'file'>,
  changes: readonly RecordChange[],
  present: Present,
  removals: Removals,
): void {
  if (removals === 'any') return;
  const lostOf = (one: (typeof LASTING)[number]): readonly string[] =>
    changes.flatMap(({ kind, id, document }) => {
      const record = kind === one && document === undefined ? present[one].get(id) : undefined;
      return record === undefined ? [] : [`${kind} ${nameOf(id, record)}`];
    });
  const kinds = LASTING.map((kind) => ({
    kind,
    lost: lostOf(kind),
    declared: [...present[kind].values()].filter((record) => isDeclared(record)).length,
  }));
  const lost = kinds.flatMap((one) => one.lost);
  if (lost.length === 0) return;
  if (removals === 'none') throw settingsErrors.removalByCommand({ file, lost: namesOf(lost) });
  const isAll = kinds.every((one) => one.lost.length === one.declared);
  const isMost = kinds.some(
    (one) => one.kind !== 'collection' && one.lost.length * 2 > one.declared && one.lost.length > 0,
  );
  // Two records out of three can be an ordinary change. All records, or most of many, hardly are.
  if ((isAll && lost.length >= SEVERAL) || (isMost && lost.length > SEVERAL))
    throw settingsErrors.manyRemovals({ file, lost: namesOf(lost), count: lost.length });
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
