import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import type { Io } from './io.ts';

/** The file in which a data folder keeps its store. */
const STORE_FILE = 'hub.db';
/** Folders in which documents of this project put the data of a hub. */
const USUAL = ['/var/lib/talanoa', '/data'];
/** Maximum number of folders above the working directory that are looked at. */
const MOST_PARENTS = 20;

/** Returns true if a data folder has the store of a hub. The hubs of a MongoDB have theirs in the database. */
export function isHub({ data, mongodbUri }: Pick<Config, 'data' | 'mongodbUri'>): boolean {
  return mongodbUri !== undefined || existsSync(join(data, STORE_FILE));
}

/**
 * Throws when a data folder has no hub. Commands create none, because a command in the wrong folder would otherwise show
 * and change an empty hub, and the person would not notice.
 */
export function demandHub(config: Config, flags: CommonFlags, io: Io): void {
  if (isHub(config)) return;
  const { data } = config;
  const others = hubsNear(data);
  throw commandErrors.hubNotFound(
    { folder: data },
    {
      description: `The command looked for ${join(data, STORE_FILE)} and the socket ${join(data, 'hub.sock')}. The folder comes from ${originOf(config, flags, io)}.`,
      ...(others.length === 0
        ? {}
        : {
            hint: `${others.length === 1 ? 'A hub exists' : 'Hubs exist'} in ${others.join(' and ')}. To use it, add: --data ${others[0] ?? ''}`,
          }),
    },
  );
}

/** Returns which of the settings named the data folder. */
function originOf({ file, data }: Config, { data: flag }: CommonFlags, { environment }: Io): string {
  if (flag !== undefined) return 'the flag --data';
  if (environment['TALANOA_DATA'] !== undefined) return 'the environment variable TALANOA_DATA';
  if (data !== resolve('./talanoa-data') && file !== undefined) return `the settings file ${file}`;
  return `the default, ./talanoa-data in the working directory${file === undefined ? ' (which has no talanoa.yaml)' : ''}`;
}

/** Returns data folders of hubs where a person may have meant to look. */
function hubsNear(data: string): readonly string[] {
  const folders = [join(data, 'demo'), ...USUAL];
  let parent = process.cwd();
  for (let above = 0; above < MOST_PARENTS; above++) {
    folders.push(join(parent, 'talanoa-data'), join(parent, 'data'));
    if (dirname(parent) === parent) break;
    parent = dirname(parent);
  }
  return [...new Set(folders)].filter((folder) => existsSync(join(folder, STORE_FILE)));
}
