import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../kernel/problem.ts';
import { sharingErrors } from '../errors.ts';
import type { WrittenList } from './list-maker.ts';

/** Files of replaced lists are kept until this many others were replaced, for responses that still send them. */
const MOST_REPLACED = 50;

/** A list and its files. */
export interface InFiles {
  readonly list: Pick<WrittenList, 'plain' | 'gzip'>;
  /** Further files that belong to it. */
  readonly beside?: readonly Pick<WrittenList, 'plain' | 'gzip'>[];
}

/** The lists whose files are kept, under a key each. The oldest is removed when there are too many. */
export class ListFiles<Kept extends InFiles> {
  readonly #folder: string;
  readonly #most: number;
  readonly #kept = new Map<string, Kept>();
  #replaced: InFiles[] = [];
  #made = 0;
  #ready: Promise<void> | undefined;

  /** The content of the folder is removed before the first file is written. */
  constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  get(key: string): Kept | undefined {
    return this.#kept.get(key);
  }

  /** Returns a path for a list that is made now. */
  async path(): Promise<string> {
    this.#ready ??= this.#prepare();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
    return join(this.#folder, `${process.pid}-${++this.#made}`);
  }

  /** Keeps a list, and removes the files of lists that nobody can still be reading. */
  async keep(key: string, kept: Kept): Promise<void> {
    const before = this.#kept.get(key);
    if (before !== undefined) this.#replaced.push(filesOf(before));
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept;
    if (this.#kept.size > this.#most && oldest !== undefined) {
      this.#kept.delete(oldest[0]);
      this.#replaced.push(filesOf(oldest[1]));
    }
    for (const { list, beside } of this.#replaced.splice(
      0,
      Math.max(0, this.#replaced.length - MOST_REPLACED),
    ))
      for (const files of [list, ...(beside ?? [])]) await removeFiles(files);
  }

  async #prepare(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }
}

/** Returns the names of files without what else is kept about them in memory. */
function filesOf({ list, beside = [] }: InFiles): InFiles {
  const names = ({ plain, gzip }: InFiles['list']) => ({ plain, gzip });
  return { list: names(list), beside: beside.map(names) };
}

/** Removes the files of a list. */
export async function removeFiles({ plain, gzip }: InFiles['list']): Promise<void> {
  await rm(plain, { force: true });
  await rm(gzip, { force: true });
}

/** Returns the error for a caller whose list could not be made. */
export function notMade(error: unknown): unknown {
  const isDiskFull =
    error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return isDiskFull ? noSpace(error) : error;
}

function noSpace(cause: unknown): Problem {
  return sharingErrors.listNotReady({
    description: 'The hub has no space to write the list. The operator must free space on its disk.',
    headers: { 'Retry-After': '30' },
    cause,
  });
}
