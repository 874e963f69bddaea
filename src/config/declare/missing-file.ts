import { resolve } from 'node:path';
import { isDeclared } from '../../access/managed.ts';
import type { Config } from '../config.ts';
import type { Present, Wanted } from '../declared-records.ts';
import { settingsErrors } from '../errors.ts';

/** Kinds of records that a hub without a settings file does not declare, except its first collection. */
const KINDS = ['member', 'account', 'collection', 'group', 'channel', 'rule'] as const;
/** Maximum number of records that the error names. */
const MOST_NAMED = 5;

/**
 * Throws if the hub has had a settings file and this process found none. It would otherwise remove everything that the
 * file declares, for example when a command is given the data folder of a hub but not its file. An empty settings file
 * still removes everything, because somebody has chosen it.
 */
export function demandSettingsFile({ file }: Pick<Config, 'file'>, wanted: Wanted, present: Present): void {
  if (file !== undefined) return;
  const lost = KINDS.flatMap((kind) =>
    [...present[kind]].flatMap(([id, record]) =>
      isDeclared(record) && !wanted[kind].has(id) ? [`${kind} ${nameOf(id, record)}`] : [],
    ),
  );
  if (lost.length === 0) return;
  const more = lost.length > MOST_NAMED ? ` and ${lost.length - MOST_NAMED} more` : '';
  throw settingsErrors.fileMissing({
    folder: resolve('.'),
    lost: `${lost.slice(0, MOST_NAMED).join(', ')}${more}`,
  });
}

/** Ids of accounts and collections mean nothing to people. */
function nameOf(id: string, { document }: { readonly document: object }): string {
  const { name, alias } = document as { readonly name?: unknown; readonly alias?: unknown };
  return typeof alias === 'string' ? alias : typeof name === 'string' ? name : id;
}
