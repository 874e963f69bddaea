import type { Clock, Micros } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { reasonOf } from '../kernel/problem.ts';
import type { KeyUseNote, ReaderNote, RefusalNote, Store } from '../store/store.ts';
import { textWithoutValueIds } from './audit/audit.ts';
import type { Directory } from './directory.ts';
import { WorkLoop } from '../kernel/work-loop.ts';

/**
 * The interval at which notes are written. Notes that a killed process has not written are lost, but readers read again
 * from where they were.
 */
const WRITE_MS = 5_000;
/** Maximum number of unwritten notes of each kind. Honest clients do not cause more different ones. */
const MOST_WAITING = 2_000;
/** Maximum number of ways of reading that are recorded per account. Further ways are not recorded. */
const MOST_WAYS = 100;
const LONGEST_AGENT = 120;
const LONGEST_REASON = 300;

/**
 * Errors that answer a question. Tools ask for an object before they send it, and such answers would hide the refused
 * requests, which somebody has to correct.
 */
const NOT_THERE: ReadonlySet<string> = new Set(['TLN-T-410']);

/** A request that was answered with entries of a collection. */
export interface Reading {
  /** Id of the account. */
  readonly account: string;
  readonly collection: string;
  /** `objects`, `manifest`, `removals`, or `lookup` for requests without a cursor. */
  readonly kind: string;
  readonly filters: string;
  readonly cursor: Micros;
  readonly objects: number;
  readonly agent: string;
}

/** A request that was authenticated with a key. */
export interface KeyUse {
  /** Id of the account. */
  readonly account: string;
  /** Public name of the key. */
  readonly key: string;
  readonly address: string;
  readonly agent: string;
}

/** A request that was refused. */
export interface Refusal {
  /** Id of the account; undefined for a caller that has not signed in. */
  readonly account: string | undefined;
  /** Collection as the request names it. */
  readonly place: string | undefined;
  readonly code: string;
  readonly reason: string;
  readonly agent: string;
}

/**
 * Records how far each account has read each collection, and which requests were refused and why. Notes are collected
 * in memory and written together every few seconds. There is one note per way of reading, however often it is used.
 */
export class Ledger {
  readonly #store: Pick<Store, 'note'>;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  #readers = new Map<string, ReaderNote>();
  readonly #ways = new Map<string, Set<string>>();
  #keyUses = new Map<string, KeyUseNote>();
  #refusals = new Map<string, RefusalNote>();
  readonly #loop: WorkLoop;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Pick<Store, 'note'>, directory: Directory, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    this.#loop = new WorkLoop(
      clock,
      WRITE_MS,
      () => this.flush(),
      (error) => this.#log.warn('ledger.not_written', { reason: reasonOf(error) }),
      'after a pause',
    );
  }

  /** Records a page that was read. Needs no store command. */
  read({ account, collection, kind, filters, cursor, objects, agent }: Reading): void {
    const followed = this.#isFollowed(account, `${collection}\n${kind}\n${filters}`);
    this.#addReader({
      account,
      collection,
      kind: followed ? kind : 'lookup',
      filters: followed ? filters : '',
      seen: this.#clock.now(),
      cursor: followed ? cursor : 0,
      agent: agent.slice(0, LONGEST_AGENT),
      requests: 1,
      objects,
    });
  }

  /** Records the use of a key: its time, address and client program. */
  used({ account, key, address, agent }: KeyUse): void {
    const seen = this.#clock.now();
    this.#addKeyUse({ account, key, seen, address, agent: agent.slice(0, LONGEST_AGENT), requests: 1 });
  }

  #isFollowed(account: string, way: string): boolean {
    let ways = this.#ways.get(account);
    if (ways === undefined) this.#ways.set(account, (ways = new Set()));
    if (ways.has(way)) return true;
    if (ways.size >= MOST_WAYS) return false;
    ways.add(way);
    return true;
  }

  /** Records a refusal. The answer that an object is not there is none. */
  refuse({ account, place, code, reason, agent }: Refusal): void {
    if (NOT_THERE.has(code)) return;
    const now = this.#clock.now();
    this.#addRefusal({
      account: account ?? '',
      place: account === undefined ? '' : (place ?? ''),
      code,
      // The hub and the member of the account read refusals. They might not be allowed to receive the object.
      reason: textWithoutValueIds(reason).slice(0, LONGEST_REASON),
      first: now,
      last: now,
      times: 1,
      agent: agent.slice(0, LONGEST_AGENT),
    });
  }

  #addReader(note: ReaderNote): void {
    const key = `${note.account}\n${note.collection}\n${note.kind}\n${note.filters}`;
    const known = this.#readers.get(key);
    if (known === undefined && this.#readers.size >= MOST_WAITING) return;
    const [older, newer] = known === undefined || known.seen <= note.seen ? [known, note] : [note, known];
    this.#readers.set(key, {
      ...newer,
      requests: newer.requests + (older?.requests ?? 0),
      objects: newer.objects + (older?.objects ?? 0),
    });
  }

  #addKeyUse(note: KeyUseNote): void {
    const key = `${note.account}\n${note.key}`;
    const known = this.#keyUses.get(key);
    if (known === undefined && this.#keyUses.size >= MOST_WAITING) return;
    const newer = known === undefined || known.seen <= note.seen ? note : known;
    this.#keyUses.set(key, { ...newer, requests: note.requests + (known?.requests ?? 0) });
  }

  #addRefusal(note: RefusalNote): void {
    const key = keyOf(note);
    if (this.#refusals.size >= MOST_WAITING && !this.#refusals.has(key)) return;
    this.#refusals.set(key, together(this.#refusals.get(key), note));
  }

  /** Writes the collected notes. Notes that cannot be written are kept for the next attempt. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#readers.size === 0 && this.#keyUses.size === 0 && this.#refusals.size === 0) return;
    const readers = [...this.#readers.values()];
    const keyUses = [...this.#keyUses.values()];
    const refusals = [...this.#refusals.values()];
    this.#readers = new Map();
    this.#keyUses = new Map();
    this.#refusals = new Map();
    try {
      const directory = await this.#directory.current();
      await this.#store.note({
        readers,
        keyUses,
        // Names of collections that do not exist are not stored, so a client that invents names cannot fill the store.
        refusals: merged(refusals.map((note) => ({ ...note, place: directory.find(note.place)?.id ?? '' }))),
      });
    } catch (error) {
      this.#log.warn('ledger.not_written', { reason: reasonOf(error) });
      for (const note of readers) this.#addReader(note);
      for (const note of keyUses) this.#addKeyUse(note);
      for (const note of refusals) this.#addRefusal(note);
    }
  }

  /** Writes notes every few seconds, until `stop` is called. */
  start(): void {
    this.#loop.start();
  }

  /** Stops the loop and writes the remaining notes. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.flush();
  }
}

/** Returns one note per account, collection and error code. */
function merged(notes: readonly RefusalNote[]): readonly RefusalNote[] {
  const found = new Map<string, RefusalNote>();
  for (const note of notes) {
    const key = keyOf(note);
    found.set(key, together(found.get(key), note));
  }
  return [...found.values()];
}

function together(known: RefusalNote | undefined, note: RefusalNote): RefusalNote {
  if (known === undefined) return note;
  const newer = known.last <= note.last ? note : known;
  return { ...newer, first: Math.min(note.first, known.first), times: note.times + known.times };
}

function keyOf({ account, place, code }: RefusalNote): string {
  return `${account}\n${place}\n${code}`;
}
