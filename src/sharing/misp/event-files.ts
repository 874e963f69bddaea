import { hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { WrittenList } from '../lists/list-maker.ts';
import { evolved } from './evolve.ts';
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

/** Writes the events of a feed, each also compressed, and the bodies of the manifest and of the hashes. */
export class EventFiles {
  readonly places = new Map<string, EventPlace>();
  entries = 0;
  readonly #files: Files;
  readonly #before: Before | undefined;
  #position = 0;
  #gzipPosition = 0;
  #manifest = '{';
  #hashes = '';

  private constructor(files: Files, before: Before | undefined) {
    this.#files = files;
    this.#before = before;
  }

  /** Creates the files, with the events of the feed before to follow on. */
  static async create(
    path: string,
    before: { readonly events: EventsFile; readonly places: ReadonlyMap<string, EventPlace> } | undefined,
  ): Promise<EventFiles> {
    const file = (suffix: string): Promise<FileHandle> => open(`${path}${suffix}`, 'w', 0o600);
    const files = {
      events: await file('.events'),
      packed: await file('.events.gz'),
      manifest: await file('.manifest-body'),
      hashes: await file('.hashes-body'),
    };
    if (before === undefined) return new EventFiles(files, undefined);
    const { places, events } = before;
    return new EventFiles(files, { places, plain: await open(events.plain), gzip: await open(events.gzip) });
  }

  /** Adds an event, or the deleted attributes of one that no longer exists. `now` is in seconds since 1970. */
  async add(uuid: string, next: MispEvent | undefined, now: number): Promise<void> {
    const base = next === undefined ? '' : hash('sha256', JSON.stringify(next), 'base64url');
    const place = this.#before?.places.get(uuid);
    if (next !== undefined && place?.base === base) await this.#copy(next, place);
    else {
      const event = evolved(await this.#eventBefore(place), next, now);
      if (event === undefined) return;
      const text = `${JSON.stringify({ Event: event })}\n`;
      const bytes = Buffer.from(text);
      await this.#put(event, base, bytes, await packed(bytes), hash('sha256', text));
    }
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    await this.#files.manifest.writeFile(`${this.#manifest}${this.places.size === 0 ? '' : '\n'}}\n`);
    await this.#files.hashes.writeFile(this.#hashes);
  }

  async close(): Promise<void> {
    for (const file of Object.values(this.#files)) await file.close();
    await this.#before?.plain.close();
    await this.#before?.gzip.close();
  }

  async #eventBefore(place: EventPlace | undefined): Promise<MispEvent | undefined> {
    if (place === undefined || this.#before === undefined) return undefined;
    const bytes = await readPart(this.#before.plain, place.position, place.length);
    return (JSON.parse(bytes.toString()) as { Event: MispEvent }).Event;
  }

  /** Copies an event that did not change. Its deleted attributes stay with it. */
  async #copy(next: MispEvent, place: EventPlace): Promise<void> {
    const { plain, gzip: compressed } = this.#before ?? {};
    if (plain === undefined || compressed === undefined) return;
    const bytes = await readPart(plain, place.position, place.length);
    const gzipped = await readPart(compressed, place.gzipPosition, place.gzipLength);
    await this.#put({ ...next, timestamp: place.timestamp }, place.base, bytes, gzipped, place.digest);
  }

  async #put(event: MispEvent, base: string, bytes: Buffer, gzipped: Buffer, digest: string): Promise<void> {
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
      day: event.date,
      entries: standing.length,
      timestamp: event.timestamp,
    });
    this.#position += bytes.length;
    this.#gzipPosition += gzipped.length;
    this.entries += standing.length;
    this.#manifest += `${this.places.size > 1 ? ',' : ''}\n${manifestLine(event)}`;
    this.#hashes += standing.flatMap((one) => hashLines(event.uuid, one)).join('');
    if (this.#manifest.length > PIECE) await this.#files.manifest.writeFile(this.#manifest);
    if (this.#manifest.length > PIECE) this.#manifest = '';
    if (this.#hashes.length > PIECE) await this.#files.hashes.writeFile(this.#hashes);
    if (this.#hashes.length > PIECE) this.#hashes = '';
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
