import { hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { WrittenList } from '../lists/list-maker.ts';
import { evolved, type FeedFacts } from './evolve.ts';
import type { EventMemory, FeedMemory } from './memory.ts';
import type { MispAttribute, MispEvent } from './model.ts';
import { readPart } from './spool.ts';

const packed = promisify(gzip);
/** Size of the pieces that are written, in characters. */
const PIECE = 65_536;

/** Where an event is in the files of a feed. */
export interface EventPlace {
  readonly position: number;
  readonly length: number;
  readonly gzipPosition: number;
  readonly gzipLength: number;
  /** SHA-256 of its text. */
  readonly digest: string;
  /** The digest of the event as the collection states it, before it followed on the one before. */
  readonly base: string;
  readonly day: string;
  /** The number of attributes that are not deleted. */
  readonly entries: number;
  /** The time of its last change, in seconds since 1970. */
  readonly timestamp: string;
}

/** The files with the events of a feed, one after the other. */
export type EventsFile = Pick<WrittenList, 'plain' | 'gzip'>;

/** The feed before, which its events follow. */
interface Following {
  /** The files of the feed before. Undefined if this process has none, or if they are not the last ones. */
  readonly before:
    { readonly events: EventsFile; readonly places: ReadonlyMap<string, EventPlace> } | undefined;
  readonly memory: FeedMemory;
  readonly facts: FeedFacts;
}

/** Writes the events of a feed, each also compressed, and the bodies of the manifest and of the hashes. */
export class EventFiles {
  readonly places = new Map<string, EventPlace>();
  entries = 0;
  readonly #files: Files;
  readonly #manifest: Pieces;
  readonly #hashes: Pieces;
  readonly #following: Following;
  readonly #before: Before | undefined;
  #position = 0;
  #gzipPosition = 0;

  private constructor(files: Files, following: Following, before: Before | undefined) {
    this.#files = files;
    this.#manifest = new Pieces(files.manifest);
    this.#hashes = new Pieces(files.hashes);
    this.#following = following;
    this.#before = before;
  }

  /** Creates the files. Events that did not change are copied from the feed before. */
  static async create(path: string, following: Following): Promise<EventFiles> {
    const file = (suffix: string): Promise<FileHandle> => open(`${path}${suffix}`, 'w', 0o600);
    const files = {
      events: await file('.events'),
      packed: await file('.events.gz'),
      manifest: await file('.manifest-body'),
      hashes: await file('.hashes-body'),
    };
    if (following.before === undefined) return new EventFiles(files, following, undefined);
    const { places, events } = following.before;
    const before = { places, plain: await open(events.plain), gzip: await open(events.gzip) };
    return new EventFiles(files, following, before);
  }

  /** Adds an event, or the deleted attributes of one that no longer exists. */
  async add(uuid: string, next: MispEvent | undefined): Promise<void> {
    const base = next === undefined ? '' : hash('sha256', JSON.stringify(next), 'base64url');
    const place = this.#before?.places.get(uuid);
    if (next !== undefined && place?.base === base) await this.#copy(next, place);
    else await this.#follow(uuid, next, base);
  }

  async #follow(uuid: string, next: MispEvent | undefined, base: string): Promise<void> {
    const { memory, facts } = this.#following;
    const before = await memory.of(uuid);
    const after = evolved(uuid, before, next, facts);
    if (isSame(before, after?.memory)) memory.keep(uuid);
    else await memory.put(uuid, after?.memory);
    if (after === undefined) return;
    const text = `${JSON.stringify({ Event: after.event })}\n`;
    const bytes = Buffer.from(text);
    await this.#put(after.event, after.memory.day, base, bytes, await packed(bytes), hash('sha256', text));
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    await this.#manifest.add(this.places.size === 0 ? '{}\n' : '\n}\n');
    await this.#manifest.end();
    await this.#hashes.end();
  }

  async close(): Promise<void> {
    for (const file of Object.values(this.#files)) await file.close();
    await this.#before?.plain.close();
    await this.#before?.gzip.close();
  }

  /** Copies an event that did not change. Its deleted attributes stay with it. */
  async #copy(next: MispEvent, place: EventPlace): Promise<void> {
    const { plain, gzip: compressed } = this.#before ?? {};
    if (plain === undefined || compressed === undefined) return;
    const bytes = await readPart(plain, place.position, place.length);
    const gzipped = await readPart(compressed, place.gzipPosition, place.gzipLength);
    await this.#put(
      { ...next, timestamp: place.timestamp },
      place.day,
      place.base,
      bytes,
      gzipped,
      place.digest,
    );
  }

  async #put(
    event: MispEvent,
    day: string,
    base: string,
    bytes: Buffer,
    gzipped: Buffer,
    digest: string,
  ): Promise<void> {
    await this.#files.events.writeFile(bytes);
    await this.#files.packed.writeFile(gzipped);
    const standing = event.Attribute.filter(({ deleted }) => !deleted);
    this.places.set(event.uuid, {
      position: this.#position,
      length: bytes.length,
      gzipPosition: this.#gzipPosition,
      gzipLength: gzipped.length,
      digest,
      base,
      day,
      entries: standing.length,
      timestamp: event.timestamp,
    });
    this.#position += bytes.length;
    this.#gzipPosition += gzipped.length;
    this.entries += standing.length;
    await this.#manifest.add(`${this.places.size > 1 ? ',' : '{'}\n${manifestLine(event)}`);
    await this.#hashes.add(standing.flatMap((one) => hashLines(event.uuid, one)).join(''));
  }
}

/** True if nothing new is to be remembered about an event. */
function isSame(before: EventMemory | undefined, after: EventMemory | undefined): boolean {
  return before?.timestamp === after?.timestamp && before?.digest === after?.digest;
}

/** Writes a text to a file in pieces of a good size. */
class Pieces {
  readonly #file: FileHandle;
  #waiting = '';

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(text: string): Promise<void> {
    this.#waiting += text;
    if (this.#waiting.length > PIECE) await this.end();
  }

  /** Writes what waits. */
  async end(): Promise<void> {
    await this.#file.writeFile(this.#waiting);
    this.#waiting = '';
  }
}

type Files = Readonly<Record<'events' | 'packed' | 'manifest' | 'hashes', FileHandle>>;

interface Before {
  readonly places: ReadonlyMap<string, EventPlace>;
  readonly plain: FileHandle;
  readonly gzip: FileHandle;
}

/** Returns the entry of the manifest, as MISP's own generators write it. */
function manifestLine(event: MispEvent): string {
  const { uuid, Orgc, Tag, info, date, analysis, threat_level_id: threat, timestamp } = event;
  const entry = {
    Orgc,
    Tag,
    info,
    date,
    analysis: Number(analysis),
    threat_level_id: Number(threat),
    timestamp: Number(timestamp),
  };
  return `${JSON.stringify(uuid)}:${JSON.stringify(entry)}`;
}

/** Returns the lines of hashes.csv for a value. Of two parts, each has a line. */
function hashLines(uuid: string, { type, value }: MispAttribute): readonly string[] {
  const parts = type.includes('|') ? value.split('|') : [value];
  return parts.map((part) => `${hash('md5', part)},${uuid}\n`);
}
