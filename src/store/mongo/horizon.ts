import type { Micros } from '../../kernel/clock.ts';
import type { MongoCollections } from './database.ts';
import type { BeginDocument, TurnDocument, WantDocument } from './documents.ts';

/** The state of the newest range of a collection. */
export interface Tail {
  readonly begin: BeginDocument;
  readonly outcome: 'open' | 'done' | 'dead';
  readonly settled: boolean;
  /** The process that waits for the next range, if a process has asked for it. */
  readonly wantedBy: string | undefined;
}

/** The entries that a reader may see: those up to `bound`, without entries of dead ranges. */
export interface Horizon {
  readonly bound: Micros;
  readonly dead: readonly number[];
}

/** Reads the newest range of a collection with one command. Undefined if nothing was ever written there. */
export async function readTail(c: MongoCollections, coll: string): Promise<Tail | undefined> {
  for (;;) {
    // At most five documents can be this recent: begin, end, settled and want of the newest range, and the want of the
    // next one.
    const documents = (await c.turns.find({ coll }).sort({ k: -1 }).limit(5).toArray()) as TurnDocument[];
    if (documents.length === 0) return undefined;
    const k = documents.find(({ kind }) => kind !== 'want')?.k;
    const newest = documents.filter((document) => document.k === k);
    const begin = newest.find((document) => document.kind === 'begin');
    // A query does not read from a snapshot. It can miss a begin that is inserted meanwhile and still return its end.
    // This must not be mistaken for an empty collection, so the query is repeated.
    if (begin === undefined) continue;
    const end = newest.find((document) => document.kind === 'end');
    return {
      begin,
      outcome: end?.outcome ?? 'open',
      settled: newest.some((document) => document.kind === 'settled'),
      wantedBy: (
        documents.find((document) => document.kind === 'want' && document.k > begin.k) as
          WantDocument | undefined
      )?.token,
    };
  }
}

/** Returns how far a reader may look. Entries of a newest range that is open or dead remain invisible. */
export function horizonOf(tail: Tail | undefined): Horizon {
  if (tail === undefined) return { bound: 0, dead: [] };
  const bound = tail.outcome === 'done' ? tail.begin.hi : tail.begin.lo - 1;
  return { bound, dead: tail.begin.dead };
}

/** Returns a filter that excludes entries of dead ranges. */
export function outsideDeadRanges(dead: readonly number[]): { turn?: { $nin: number[] } } {
  return dead.length === 0 ? {} : { turn: { $nin: [...dead] } };
}
