import { rm } from 'node:fs/promises';
import type { Fetched } from './transport.ts';

/** Removes spool files. */
export async function discard({ files }: Pick<Fetched, 'files'>): Promise<void> {
  await Promise.all(files.map(({ path }) => rm(path, { force: true })));
}
