import { resolve } from 'node:path';
import { lowersMaximum, USUAL_MAXIMUM } from '../../access/lowered-maximum.ts';
import { isDeclared } from '../../access/managed.ts';
import { DEMO_ACCOUNT, type Config } from '../config.ts';
import type { Plan, Present, Wanted } from '../declared-records.ts';
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
  { file, sources, data }: Pick<Config, 'file' | 'sources' | 'data'>,
  wanted: Wanted,
  present: Present,
  hadFile: boolean,
): void {
  if (file !== undefined || Object.values(sources).includes('demo')) return;
  if (!hadFile && present.account.has(DEMO_ACCOUNT)) throw settingsErrors.demoFolder({ folder: data });
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

/** The removals that a start can apply when the settings file no longer declares records: a few, or any with consent. */
export type Removals = 'few' | 'any';

/** A start always applies fewer removals than this. */
const SEVERAL = 2;

/**
 * Throws if members, accounts, collections or the objects above a lower maximum TLP would be removed beyond what
 * `removals` permits. The file can be empty, or that of another hub. A start refuses to remove all of these records, or more
 * than half of the members or of the accounts, and to lower the maximum of most collections.
 */
export function demandRemovals(
  { file = '' }: Pick<Config, 'file'>,
  { changes, wanted, present }: Plan,
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
  const lowered = loweredMaxima(wanted, present);
  const lost = [...kinds.flatMap((one) => one.lost), ...lowered];
  if (lost.length === 0) return;
  const isAll = kinds.every((one) => one.lost.length === one.declared);
  const isMost = kinds.some(
    (one) => one.kind !== 'collection' && one.lost.length * 2 > one.declared && one.lost.length > 0,
  );
  // Two records out of three can be an ordinary change. All records, or most of many, hardly are.
  if ((isAll && lost.length >= SEVERAL) || (isMost && lost.length > SEVERAL) || lowersMost(wanted, present))
    throw settingsErrors.manyRemovals({ file, lost: namesOf(lost), count: lost.length });
}

/**
 * True if the file lowers the maximum of most collections that it keeps. The members' own collections are counted apart:
 * a hub has one for each member, and only a member that becomes a client lowers its maximum.
 */
function lowersMost(wanted: Wanted, { collection }: Present): boolean {
  const kept = [...collection].flatMap(([id, { document }]) => {
    const after = wanted.collection.get(id);
    if (after === undefined || document.clients_of !== undefined) return [];
    return [{ isOwn: document.own_of !== undefined, isLower: lowersMaximum(document, after) }];
  });
  return [true, false].some((isOwn) => {
    const among = kept.filter((one) => one.isOwn === isOwn);
    const count = among.filter(({ isLower }) => isLower).length;
    return count >= SEVERAL && count * 2 > among.length;
  });
}

/** The hub removes the objects above a lower maximum for good, and another file does not bring them back. */
function loweredMaxima(wanted: Wanted, { collection }: Present): readonly string[] {
  return [...collection].flatMap(([id, record]) => {
    const after = wanted.collection.get(id);
    if (after === undefined || !lowersMaximum(record.document, after)) return [];
    const level = (after.max_tlp ?? USUAL_MAXIMUM).toUpperCase();
    return [`objects above TLP:${level} of collection ${nameOf(id, record)}`];
  });
}

/** Returns the first of these names, and how many more there are. */
export function namesOf(lost: readonly string[]): string {
  const more = lost.length > MOST_NAMED ? ` and ${lost.length - MOST_NAMED} more` : '';
  return `${lost.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** Ids of accounts and collections mean nothing to people. */
export function nameOf(id: string, { document }: { readonly document: object }): string {
  const { name, alias } = document as { readonly name?: unknown; readonly alias?: unknown };
  if (typeof alias === 'string') return alias;
  // The id of a grant is that of its collection, with a slash and its receiver.
  return typeof name === 'string' ? name : id.replace(/^[0-9a-f-]{36}\//, 'to ');
}
