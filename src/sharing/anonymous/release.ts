import { OPERATOR } from '../../access/principal.ts';
import type { Directory } from '../../access/directory.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Sealer } from '../../access/sealing.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import { stixTimestamp } from '../../stix/timestamps.ts';
import type { StixObject } from '../../stix/types.ts';
import { holdLease } from '../../store/held-lease.ts';
import { byBytes, removal, type RecordChange, type Store } from '../../store/store.ts';
import type { Intake } from '../intake/intake.ts';
import type { Outcome } from '../intake/outcome.ts';
import { withoutFields } from '../../store/records.ts';
import type { Origin } from './model.ts';
import type { Opened, SealedOrigins } from './sealed-origins.ts';

const HOUR_MS = 3_600_000;
const PAUSE_MS = 60_000;
const LEASE = 'anonymous';
const LEASE_MS = 60_000;
/** The objects of an hour are released within this time of its beginning. */
const JITTER_MS = 10 * 60_000;
/** Records of revoked objects are kept for this time, so that their member sees how the objects ended. */
const KEPT_MS = 90 * 86_400_000;
const MOST_SWEPT = 5_000;
/** How many waiting objects are looked at in one round. All of them are due within 70 minutes. */
const MOST_AT_ONCE = 5_000;

/** Returns when an object that is submitted now is released: in the next hour, all of its objects at one random time. */
export function releaseTime(now: number, sealer: Pick<Sealer, 'fingerprint'>): number {
  const hour = Math.floor(now / HOUR_MS + 1) * HOUR_MS;
  const [high = 0, low = 0] = Buffer.from(sealer.fingerprint(`release of ${hour}`), 'base64url');
  return hour + (((high << 8) | low) * JITTER_MS) / 65_536;
}

/** Returns the object that the hub releases. Its times are those of the hub, and name the hour only. */
export function releasedObject(
  { released, content, revoked }: Origin,
  created: number,
  modified: number,
): StixObject {
  return {
    ...content,
    id: released,
    created: stixTimestamp(created),
    modified: stixTimestamp(modified),
    ...(revoked === true ? { revoked: true } : {}),
  };
}

interface ReleaseParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly origins: SealedOrigins;
  readonly intake: Pick<Intake, 'submit'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Releases anonymous objects in the name of the hub. Those of one hour and collection are stored together, in the order of
 * their random ids, so neither their order nor their times show who submitted them.
 */
export class AnonymousReleases {
  readonly #s: ReleaseParts;
  readonly #loop: WorkLoop;

  constructor(parts: ReleaseParts) {
    this.#s = parts;
    this.#loop = new WorkLoop(
      parts.clock,
      PAUSE_MS,
      () => this.releaseDue(),
      (error) => parts.log.error('anonymous.release_failed', { reason: reasonOf(error) }),
    );
  }

  /** Runs until `stop`: every minute. One process does the work. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Releases everything that is due. A repeated release stores the same texts again, which changes nothing. */
  async releaseDue(): Promise<void> {
    const { store, directory, origins, clock, log } = this.#s;
    const now = clock.now();
    const due = (await origins.waiting(MOST_AT_ONCE)).filter(
      ({ document }) => (document.due ?? Infinity) <= now,
    );
    if (due.length === 0) return;
    const held = await holdLease(store, clock, LEASE, LEASE_MS);
    if (held === undefined) return;
    try {
      // An object that is released into a collection which another process just deleted would be removed with it, and its
      // member would never know.
      const { collections } = await directory.refresh();
      const byCollection = new Map<string, Opened[]>();
      for (const record of due) {
        const { collection } = record.document;
        byCollection.set(collection, [...(byCollection.get(collection) ?? []), origins.open(record)]);
      }
      for (const [id, some] of byCollection) {
        const sorted = some.toSorted((a, b) => byBytes(a.origin.released, b.origin.released));
        try {
          await this.#release(collections.get(id), sorted);
        } catch (error) {
          // The next round tries again. Until then, one collection does not hold back the others.
          log.error('anonymous.release_failed', { reason: reasonOf(error) });
        }
      }
    } finally {
      await held.release();
    }
  }

  /** Removes the records of objects whose revocation was released some time ago. */
  async sweep(): Promise<void> {
    const until = this.#s.clock.now() - KEPT_MS;
    const old = (await this.#s.origins.ended(MOST_SWEPT)).filter(
      ({ document: { ended = Infinity } }) => ended <= until,
    );
    if (old.length > 0) await this.#commit(old.map(removal));
  }

  async #release(collection: CollectionInfo | undefined, some: readonly Opened[]): Promise<void> {
    const made = await this.#begin(some);
    const outcomes: readonly Outcome[] =
      collection === undefined
        ? []
        : await this.#s.intake.submit({
            actor: { kind: 'account', principal: OPERATOR, defaultTlp: undefined, mayRead: true },
            collection,
            count: made.length,
            item: (i) => ({
              text: made[i]?.text ?? '',
              value: JSON.parse(made[i]?.text ?? '{}') as StixObject,
            }),
          });
    const records = made.map(({ record, origin }, i) => {
      const { kind, message } = outcomes[i] ?? { kind: 'refused', message: 'the collection was removed' };
      const isStored = kind === 'stored' || kind === 'known';
      if (!isStored)
        this.#s.log.warn('anonymous.not_released', {
          collection: record.document.collection,
          reason: message ?? kind,
        });
      const ended = withoutFields(origin, ['begun', 'refused']);
      const now: Origin = isStored ? ended : { ...ended, refused: message ?? kind };
      const { collection: place } = record.document;
      // Nothing follows a revocation.
      const hasEnded = isStored && now.revoked === true;
      return this.#s.origins.put(
        now,
        { collection: place, ...(hasEnded ? { ended: this.#s.clock.now() } : {}) },
        record,
      );
    });
    await this.#commit(records);
  }

  /**
   * Writes down the times of the versions before they are stored. Their member can submit another version or a revocation
   * at any moment, also through another process. It then gets a later time than the version that may be stored by then.
   */
  async #begin(some: readonly Opened[]): Promise<readonly (Opened & { readonly text: string })[]> {
    const begun = some.map(({ record, origin }): Opened => {
      const hour = Math.floor((record.document.due ?? 0) / HOUR_MS) * HOUR_MS;
      const modified = Math.max(hour, (origin.modified ?? -1) + 1);
      const times = { created: origin.created ?? modified, modified, begun: true as const };
      return { record, origin: origin.begun === true ? origin : { ...origin, ...times } };
    });
    const records = begun.map(({ record, origin }) => this.#s.origins.put(origin, record.document, record));
    await this.#commit(records);
    const opened = await Promise.all(begun.map(({ record }) => this.#s.origins.again(record.id)));
    return opened.flatMap((one) => {
      // The member changed it just now, so the next round releases that version.
      if (one?.origin.begun !== true) return [];
      const { created = 0, modified = 0 } = one.origin;
      return [{ ...one, text: JSON.stringify(releasedObject(one.origin, created, modified)) }];
    });
  }

  /** Stores changes, without those of records that their member changed meanwhile. Those wait for the next round. */
  async #commit(records: readonly RecordChange[]): Promise<void> {
    const { store } = this.#s;
    try {
      await store.commit({ records });
    } catch (error) {
      unlessConflict(error);
      // One member that submits all the time must not keep back the objects of others.
      for (const record of records) await store.commit({ records: [record] }).catch(unlessConflict);
    }
  }
}

function unlessConflict(error: unknown): void {
  if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
}
