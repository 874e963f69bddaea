import { rm } from 'node:fs/promises';
import { Slices } from '../../kernel/slices.ts';
import { writeFiles, type WrittenList } from '../lists/list-maker.ts';
import type { Omission } from '../lists/blocking.ts';
import { collect, type CollectParts, type Spooled } from './collect.ts';
import { eventOf, MOST_IN_EVENT, partsOf, type EventPart } from './events.ts';
import { EventFiles, type EventPlace } from './event-files.ts';
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
}

export interface FeedParts extends Omit<CollectParts, 'spool'> {
  readonly hub: MispOrganisation;
  /** The feed before, on which the events follow. */
  readonly before: Pick<MadeFeed, 'events' | 'places'> | undefined;
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
  const { collection, before, hub, now, clock } = parts;
  const all = partsOf(collection, found.drafts, found.context);
  const kept = newest(all);
  const omitted = new Map(found.omitted);
  if (all.length > kept.length) omitted.set('limit', (omitted.get('limit') ?? 0) + all.length - kept.length);
  const floor = kept.length < all.length ? (kept.map(({ draft }) => draft.day).toSorted()[0] ?? '') : found.cutDay; // prettier-ignore
  const files = await EventFiles.create(path, before);
  const slices = new Slices(clock);
  try {
    for (const { uuid, part } of order(kept, before?.places, floor)) {
      const next = part === undefined ? undefined : eventOf(collection, part, await spooledOf(part, spool), found.context, hub); // prettier-ignore
      await files.add(uuid, next, seconds(now));
      if (slices.isOver(MOST_IN_EVENT)) await slices.next();
    }
    await files.end();
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
  };
}

/** Returns the events with the newest days, in their order. */
function newest(all: readonly EventPart[]): readonly EventPart[] {
  if (all.length <= MOST_EVENTS) return all;
  const chosen = new Set(all.toSorted((a, b) => (a.draft.day < b.draft.day ? 1 : -1)).slice(0, MOST_EVENTS));
  return all.filter((part) => chosen.has(part));
}

/** Returns the events of now and before by their ids. Those before a day that is left out are not continued. */
function order(
  parts: readonly EventPart[],
  before: ReadonlyMap<string, EventPlace> | undefined,
  floor: string,
): readonly { readonly uuid: string; readonly part: EventPart | undefined }[] {
  const now = new Set(parts.map(({ uuid }) => uuid));
  const gone = [...(before ?? [])].filter(([uuid, { day }]) => !now.has(uuid) && day > floor);
  return [
    ...parts.map((part) => ({ uuid: part.uuid, part })),
    ...gone.map(([uuid]) => ({ uuid, part: undefined })),
  ].toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

async function spooledOf({ draft, number }: EventPart, spool: Spool): Promise<readonly Spooled[]> {
  const texts: Spooled[] = [];
  for (const [position, length] of draft.records.part((number - 1) * MOST_IN_EVENT, number * MOST_IN_EVENT))
    texts.push(JSON.parse(await spool.read(position, length)) as Spooled);
  return texts;
}
