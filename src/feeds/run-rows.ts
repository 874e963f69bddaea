import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { wordsOf } from './digest-set.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Stored } from '../store/records.ts';
import type { Lease, Store } from '../store/store.ts';
import { ALL_REMOVALS } from '../store/store.ts';
import { isEnriching } from './commit.ts';
import { durationMs } from './document.ts';
import { isStream } from './guards.ts';
import { FEED_STATES, type FeedStateRecord, type RememberedRows } from './model.ts';
import { needsMap } from './own-meaning.ts';
import { RowMemoryWriter } from './row-memory.ts';
import type { RowMemoryFiles } from './staging-request.ts';
import type { Unsettled } from './unsettled.ts';

/** Objects that were removed up to this time before a run count as removed after it, because clocks differ. */
const MARGIN_MS = 3_600_000;

interface RunRowsParts {
  readonly store: Store;
  readonly spool: string;
  readonly document: FeedDocument;
  readonly collection: string;
  /** The start of the run, in milliseconds since 1970. */
  readonly now: number;
}

/** Returns the folder of the row memories. The spool itself is empty between runs. */
export function rowsFolderOf(spool: string): string {
  return `${spool}-rows`;
}

/** The row memory of a feed during a run: which file it reads, and which one it leaves for the next run. */
export class RunRows {
  readonly #parts: RunRowsParts;
  readonly #next: RememberedRows;
  readonly #folder: string;
  /** The files for the thread that reads the rows. */
  readonly files: RowMemoryFiles;

  private constructor(parts: RunRowsParts, staging: string, before: RememberedRows | undefined) {
    const { spool, now, collection } = parts;
    this.#parts = parts;
    this.#next = {
      salt: before?.salt ?? randomBytes(16).toString('hex'),
      token: randomBytes(16).toString('hex'),
      collection,
      at: now,
      full_at: before?.full_at ?? now,
    };
    this.#folder = rowsFolderOf(spool);
    const { salt, token } = this.#next;
    this.files = {
      salt,
      before: before === undefined ? undefined : { path: this.#path, token: before.token },
      next: { path: `${staging}-rows`, token },
    };
  }

  /**
   * Returns the row memory of a run. Undefined for feeds without: those whose rows do not each become an object,
   * and those that never send the same rows again.
   */
  static async of(
    parts: RunRowsParts,
    staging: string,
    state: FeedStateRecord | undefined,
  ): Promise<RunRows | undefined> {
    const { document } = parts;
    if (isStream(document) || !needsMap(document.parser)) return undefined;
    if (document.warning_list !== undefined || isEnriching(document)) return undefined;
    const before = await usable(parts, state?.rows);
    return new RunRows(parts, staging, before);
  }

  /** Returns what the state of the feed records about the row memory that this run has written. */
  remembered(): RememberedRows {
    return this.#next;
  }

  /** Keeps the file of this run for the next one, which uses it only if the state names it. */
  async keep(unsettled: Unsettled): Promise<void> {
    // Everything is stored already. A next run without the file maps all rows.
    await this.#keep(unsettled).catch(() => undefined);
  }

  async #keep(unsettled: Unsettled): Promise<void> {
    const { path, token } = this.files.next;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    await rm(this.#path, { force: true });
    if (unsettled.isTooMuch) return;
    const out = new RowMemoryWriter({ path, token }, 'a');
    for (const id of unsettled.ids) await out.forget(wordsOf(id));
    await out.close();
    await rename(path, this.#path);
  }

  get #path(): string {
    return join(this.#folder, this.#parts.document.name);
  }
}

/**
 * Makes the state of a feed forget its row memory, before objects are stored. Work that is ended while it stores objects
 * leaves a collection that no row memory describes. With `content`, the state also forgets what the source sent last,
 * so that the next run reads the source even if it returns to that. Returns the state.
 */
export async function withoutRows(
  store: Store,
  feed: string,
  lease: Lease,
  content: boolean,
): Promise<Stored<FeedStateRecord> | undefined> {
  const states = FEED_STATES.in(store);
  const stored = await states.get(feed);
  if (stored?.document.rows === undefined) return stored;
  const { rows: _rows, ...rest } = stored.document;
  const state = content ? { ...rest, cursor: {}, sha256: '' } : rest;
  await store.commit({ records: [FEED_STATES.put(feed, stored, state)], lease });
  return states.get(feed);
}

/**
 * Returns the row memory of earlier runs if it may be used. Entries whose rows do not change are compared with their
 * objects from time to time all the same, because they would expire otherwise. After any removal from the collection,
 * all rows are compared, so that an object that was removed returns.
 */
async function usable(
  { store, document, collection, now }: RunRowsParts,
  rows: RememberedRows | undefined,
): Promise<RememberedRows | undefined> {
  if (rows === undefined || rows.collection !== collection) return undefined;
  if (now - rows.full_at >= shortestLife(document) / 8 || now < rows.at) return undefined;
  const [removed] = await store.removals({
    collection,
    after: (rows.at - MARGIN_MS) * 1_000,
    limit: 1,
    ...ALL_REMOVALS,
  });
  return removed === undefined ? rows : undefined;
}

/** Returns the shortest validity period that a document gives to its indicators. */
function shortestLife({ defaults, map }: FeedDocument): number {
  return Math.min(
    durationMs(defaults.valid_for),
    ...map.flatMap(({ valid_for: own }) => (own === undefined ? [] : [durationMs(own)])),
  );
}
