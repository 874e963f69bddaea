import { rm } from 'node:fs/promises';
import { Slices } from '../../kernel/slices.ts';
import { writeFiles, type WrittenList } from '../lists/list-maker.ts';
import type { Omission } from '../lists/blocking.ts';
import { collect, type CollectParts, type Spooled } from './collect.ts';
import { eventOf, MOST_IN_EVENT, partsOf, type EventPart } from './events.ts';
import { EventFiles, type EventPlace } from './event-files.ts';
import type { FeedFacts } from './evolve.ts';
import type { FeedMemory } from './memory.ts';
import { seconds, type MispOrganisation } from './model.ts';
import { Spool } from './spool.ts';

/** Maximum number of events in a feed: those with the newest days. */
const MOST_EVENTS = 20_000;

/** A feed that was made: its manifest, its hashes, and the files that contain its events. */
export interface MadeFeed {
  readonly manifest: WrittenList;
  readonly hashes: WrittenList;
  readonly events: Pick<WrittenList, 'plain' | 'gzip'>;
  readonly places: ReadonlyMap<string, EventPlace>;
  readonly owners: ReadonlySet<string>;
  readonly changesAt: number;
  /** The generation of the memory of the feed with which it was made. */
  readonly generation: number;
}

export interface FeedParts extends Omit<CollectParts, 'spool'> {
  readonly hub: MispOrganisation;
  /** The key from which ids are made. */
  readonly secret: string;
  /** The memory of the feed, which its events follow. */
  readonly memory: FeedMemory;
  /** The files of the feed before, from which unchanged events are copied. */
  readonly before: Pick<MadeFeed, 'events' | 'places' | 'generation'> | undefined;
}

/** Makes the files of a feed. `path` begins their names. */
export async function makeFeed(path: string, parts: FeedParts): Promise<MadeFeed> {
  const spool = await Spool.create(`${path}.spool`);
  try {
    return await write(path, parts, spool);
  } catch (error) {
    for (const suffix of ['.events', '.events.gz', '.hashes', '.hashes.gz', '', '.gz'])
      await rm(`${path}${suffix}`, { force: true });
    throw error;
  } finally {
    await spool.remove();
    await rm(`${path}.manifest-body`, { force: true });
    await rm(`${path}.hashes-body`, { force: true });
  }
}

async function write(path: string, parts: FeedParts, spool: Spool): Promise<MadeFeed> {
  const found = await collect({ ...parts, spool });
  const { memory, hub, now, clock, secret } = parts;
  const all = partsOf(parts, found.drafts, found.context);
  const kept = newest(all);
  const omitted = new Map(found.omitted);
  if (all.length > kept.length) omitted.set('limit', (omitted.get('limit') ?? 0) + all.length - kept.length);
  const floor = kept.length < all.length ? (kept.map(({ draft }) => draft.day).toSorted()[0] ?? '') : found.cutDay; // prettier-ignore
  // If another process made the feed in the meantime, its files say more than those of this one.
  const before = parts.before?.generation === memory.generation ? parts.before : undefined;
  const facts: FeedFacts = { key: secret, hub, now: seconds(now) };
  const files = await EventFiles.create(path, { before, memory, facts });
  const slices = new Slices(clock);
  try {
    for (const { uuid, part } of await order(kept, memory, before?.places, floor)) {
      const next = part === undefined ? undefined : eventOf(parts, part, await spooledOf(part, spool), found.context, hub); // prettier-ignore
      await files.add(uuid, next);
      if (slices.isOver(MOST_IN_EVENT)) await slices.next();
    }
    await files.end();
    await memory.end(now);
  } finally {
    await files.close();
  }
  const { entries } = files;
  const counted = { lines: entries, omitted: omitted as ReadonlyMap<Omission, number> };
  return {
    manifest: { ...(await writeFiles(path, '', `${path}.manifest-body`)), ...counted },
    hashes: { ...(await writeFiles(`${path}.hashes`, '', `${path}.hashes-body`)), ...counted },
    events: { plain: `${path}.events`, gzip: `${path}.events.gz` },
    places: files.places,
    owners: found.owners,
    changesAt: found.changesAt,
    generation: memory.generation,
  };
}

/** Returns the events with the newest days, in their order. */
function newest(all: readonly EventPart[]): readonly EventPart[] {
  if (all.length <= MOST_EVENTS) return all;
  const chosen = new Set(all.toSorted((a, b) => (a.draft.day < b.draft.day ? 1 : -1)).slice(0, MOST_EVENTS));
  return all.filter((part) => chosen.has(part));
}

/** Returns the events of now and before by their ids. Those before a day that is left out are forgotten. */
async function order(
  parts: readonly EventPart[],
  memory: FeedMemory,
  places: ReadonlyMap<string, EventPlace> | undefined,
  floor: string,
): Promise<readonly { readonly uuid: string; readonly part: EventPart | undefined }[]> {
  const now = new Set(parts.map(({ uuid }) => uuid));
  const gone: string[] = [];
  const take = async (uuid: string, day: string): Promise<void> => {
    if (now.has(uuid)) return;
    if (day > floor) gone.push(uuid);
    else await memory.forget(uuid);
  };
  if (places === undefined) for await (const [uuid, day] of memory.events()) await take(uuid, day);
  else for (const [uuid, { day }] of places) await take(uuid, day);
  return [
    ...parts.map((part) => ({ uuid: part.uuid, part })),
    ...gone.map((uuid) => ({ uuid, part: undefined })),
  ].toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

async function spooledOf({ draft, number }: EventPart, spool: Spool): Promise<readonly Spooled[]> {
  const places = draft.records.part((number - 1) * MOST_IN_EVENT, number * MOST_IN_EVENT);
  return (await spool.read(places)).map((written) => JSON.parse(written) as Spooled);
}
