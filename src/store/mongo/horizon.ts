import type { Micros } from '../../kernel/clock.ts';
import type { MongoCollections } from './database.ts';
import type { BeginDocument, TurnDocument, WantDocument } from './documents.ts';

/** What the newest range of a collection looks like. */
export interface Tail {
  readonly begin: BeginDocument;
  readonly outcome: 'open' | 'done' | 'dead';
  readonly settled: boolean;
  /** The process that waits for the next range, if any has said so. */
  readonly wantedBy: string | undefined;
}

/** What a reader may see: entries up to `bound`, without those of dead ranges. */
export interface Horizon {
  readonly bound: Micros;
  readonly dead: readonly number[];
}

/** The newest range of a collection, or undefined when nobody has written there. One command. */
export async function readTail(c: MongoCollections, coll: string): Promise<Tail | undefined> {
  for (;;) {
    // At most five documents are as new as this: begin, end, settled and want of the newest range, and the want of the next.
    const documents = (await c.turns.find({ coll }).sort({ k: -1 }).limit(5).toArray()) as TurnDocument[];
    if (documents.length === 0) return undefined;
    const k = documents.find(({ kind }) => kind !== 'want')?.k;
    const newest = documents.filter((document) => document.k === k);
    const begin = newest.find((document) => document.kind === 'begin');
    // A query is no snapshot: it may pass the place of a begin before it is there and still find its end. Nobody may
    // take that for an empty collection, so it looks again.
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

/** How far a reader may look. Entries of an open or dead newest range stay unseen. */
export function horizonOf(tail: Tail | undefined): Horizon {
  if (tail === undefined) return { bound: 0, dead: [] };
  const bound = tail.outcome === 'done' ? tail.begin.hi : tail.begin.lo - 1;
  return { bound, dead: tail.begin.dead };
}

/** Leaves out entries of dead ranges. */
export function notDead(dead: readonly number[]): { turn?: { $nin: number[] } } {
  return dead.length === 0 ? {} : { turn: { $nin: [...dead] } };
}
