import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TransportSpec } from '../../config/settings.ts';
import { fileNames } from '../file-names.ts';
import {
  FetchProblem,
  spoolPath,
  spoolStream,
  type FeedFile,
  type FetchOptions,
  type Fetched,
} from './transport.ts';

/** Maximum number of files per run. The next run reads the others. */
const MOST_FILES = 100;
/** Maximum number of files that are remembered as read. */
const MOST_REMEMBERED = 10_000;
/** A file that changed within this time may still be written. */
const SETTLED_MS = 2_000;

/**
 * Reads files from a folder, each once. Files that were read are identified by name, size and modification time, and
 * stay in the folder. Only regular files directly in the folder are read.
 */
export async function fetchFolder(transport: TransportSpec, options: FetchOptions): Promise<Fetched> {
  const folder = transport.path ?? '';
  const known = options.cursor.files ?? {};
  const wanted = fileNames(transport.pattern ?? '*');
  let names: readonly string[];
  try {
    names = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && wanted(entry.name))
      .map(({ name }) => name);
  } catch (error) {
    throw new FetchProblem(`The folder ${folder} cannot be read`, {
      failure: 'setting',
      hint: 'Check that it exists and that the hub has permission to read it.',
      cause: error,
    });
  }
  const fresh: { name: string; mark: string; at: number; size: number }[] = [];
  let waiting = 0;
  for (const name of names) {
    const { size, mtimeMs } = await stat(join(folder, name));
    const mark = `${size} ${Math.round(mtimeMs)}`;
    if (known[name] === mark) continue;
    if (Math.abs(options.clock.now() - mtimeMs) < SETTLED_MS) waiting++;
    else fresh.push({ name, mark, at: mtimeMs, size });
  }
  const taken = fresh.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1)).slice(0, MOST_FILES);
  const files: FeedFile[] = [];
  for (const [i, { name, size }] of taken.entries())
    files.push(
      await spoolStream(createReadStream(join(folder, name)), spoolPath(options, i), name, size, [], options),
    );
  const present = new Set(names);
  const remembered = [
    ...Object.entries(known).filter(([name]) => present.has(name)),
    ...taken.map(({ name, mark }) => [name, mark] as const),
  ].slice(-MOST_REMEMBERED);
  return {
    status: undefined,
    files,
    cursor: { files: Object.fromEntries(remembered) },
    unchanged: files.length === 0,
    ...(files.length > 0 ? {} : { nothing: nothingIn(transport, names.length, waiting) }),
    oddities: [],
  };
}

/** Returns why a folder has nothing to read. */
function nothingIn({ path, pattern = '*' }: TransportSpec, matching: number, waiting: number): string {
  if (matching === 0) return `The folder ${path ?? ''} has no file that matches the pattern ${pattern}`;
  if (waiting > 0)
    return `The folder ${path ?? ''} has files that changed in the last 2 seconds. They might not be complete yet, so the next run reads them`;
  return `The folder ${path ?? ''} has only files that were read before`;
}
