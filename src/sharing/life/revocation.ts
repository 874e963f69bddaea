import type { ObjectActions, ObjectChanges, RevisionRequest } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Audit } from '../../access/audit/audit.ts';
import { principalName, type Principal } from '../../access/principal.ts';
import type { Quota } from '../../access/quota.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { fixedTlp, tlpMarkingId } from '../../stix/markings.ts';
import { Problem } from '../../kernel/problem.ts';
import { instantOf, stixTimestamp } from '../../stix/timestamps.ts';
import { text, texts, type StixObject } from '../../stix/types.ts';
import { isOfHub, type Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import type { Intake } from '../intake/intake.ts';
import { authorOf, changedPlaces, type ChangedPlace } from './own-objects.ts';

/** The outcome of a new version in one collection. */
export type Revoked = ObjectChanges['items'][number];

const DAY_MS = 86_400_000;

/**
 * Revokes and corrects objects with a new version (STIX 2.1 §3.2). Clients receive it when they poll, and routing sends
 * it to every collection with an earlier version. Hub staff do this for objects of the hub and its feeds, and members
 * for their own.
 */
export class Revocation {
  readonly #store: Store;
  readonly #intake: Pick<Intake, 'submit'>;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #log: Log;
  readonly #quota: Pick<Quota, 'begin' | 'stored'>;

  constructor(
    store: Store,
    intake: Pick<Intake, 'submit'>,
    directory: Directory,
    clock: Clock,
    audit: Audit,
    log: Log,
    quota: Pick<Quota, 'begin' | 'stored'>,
  ) {
    this.#quota = quota;
    this.#audit = audit;
    this.#store = store;
    this.#intake = intake;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Revokes an object in every collection in which the caller may change it. `seen` is the version that the caller has
   * seen. Throws `not-found` if the caller can read it nowhere, `forbidden` if it belongs to another owner, `conflict` if it
   * is already revoked or has a newer version than `seen`, and `invalid-content` if its type has no versions.
   */
  async revoke(actor: Principal, id: string, seen?: string): Promise<readonly Revoked[]> {
    const directory = await this.#directory.refresh();
    const places = await changedPlaces(this.#store, this.#clock, actor, id, directory);
    demandSeen(places, seen);
    const revoked: Revoked[] = [];
    for (const place of places)
      revoked.push(
        await this.#submit(actor, place, { ...place.object, revoked: true }, 'object.revoke', directory),
      ); // prettier-ignore
    const stored = storedIn(revoked);
    if (stored > 0)
      this.#log.info('object.revoked', { object: id, by: principalName(actor), places: stored });
    return revoked;
  }

  /**
   * Returns which changes of an object would be accepted now. Empty for an object that the caller cannot read, so the
   * response reveals nothing about it.
   */
  async actions(actor: Principal, id: string): Promise<ObjectActions['items']> {
    const directory = await this.#directory.current();
    try {
      const places = await changedPlaces(this.#store, this.#clock, actor, id, directory);
      return this.#corrected(places, directory).length === 0 ? ['revoke'] : ['revise', 'revoke'];
    } catch (error) {
      if (error instanceof Problem) return [];
      throw error;
    }
  }

  /** Leaves out what feeds made. The next run would silently replace a correction with what the source says. */
  #corrected(places: readonly ChangedPlace[], { feeds }: Snapshot): readonly ChangedPlace[] {
    const makers = new Set<unknown>(feeds.map(({ identity }) => identity));
    return places.filter(({ object }) => !makers.has(object['created_by_ref']));
  }

  /**
   * Stores a corrected version of an object in every collection in which the caller may change it. Throws the same as
   * `revoke`.
   */
  async revise(
    actor: Principal,
    id: string,
    request: RevisionRequest,
    seen?: string,
  ): Promise<readonly Revoked[]> {
    const directory = await this.#directory.refresh();
    const places = this.#corrected(
      await changedPlaces(this.#store, this.#clock, actor, id, directory),
      directory,
    );
    if (places.length === 0) throw sharingErrors.madeByFeed();
    demandSeen(places, seen);
    // An object can be revoked only once, so revocations have no limit. Corrections could continue forever.
    const { end } = await this.#quota.begin(actor, places.length, places.length);
    const revised: Revoked[] = [];
    try {
      for (const place of places) {
        const object = correctedBy(place.object, request, this.#clock.now());
        revised.push(await this.#submit(actor, place, object, 'object.revise', directory));
      }
    } finally {
      end();
    }
    const stored = storedIn(revised);
    if (stored > 0)
      this.#log.info('object.revised', { object: id, by: principalName(actor), places: stored });
    return revised;
  }

  async #submit(
    actor: Principal,
    place: ChangedPlace,
    object: StixObject,
    action: 'object.revoke' | 'object.revise',
    directory: Snapshot,
  ): Promise<Revoked> {
    const { collection, entry, modified } = place;
    const version = JSON.stringify({ ...object, modified });
    const [outcome] = await this.#intake.submit({
      actor: authorOf(place, actor, directory),
      collection,
      count: 1,
      item: () => ({ text: version, value: JSON.parse(version) as Record<string, unknown> }),
      factIfStored: {
        fact: this.#audit.fact(actor, action, `object/${entry.id}`, {
          member: isOfHub(entry.owner) ? undefined : entry.owner,
          details: { collection: collection.id, modified },
        }),
        listsObjects: false,
      },
    });
    if (outcome?.kind === 'stored') this.#quota.stored(actor, 1);
    return {
      collection: collection.alias ?? collection.id,
      outcome: outcome?.kind ?? 'refused',
      version: modified,
      message: outcome?.message,
    };
  }
}

/**
 * Throws if a place has a newer version than the one that the caller has seen. An older one is not a change: the caller
 * can have seen a version in a collection of others.
 */
function demandSeen(places: readonly ChangedPlace[], seen: string | undefined): void {
  if (seen === undefined) return;
  const newer = places.find(({ entry }) => instantOf(entry.version) > instantOf(seen));
  if (newer !== undefined) throw sharingErrors.objectChanged({ modified: newer.entry.version });
}

/** Returns the number of collections in which a version was stored. */
function storedIn(outcomes: readonly Revoked[]): number {
  return outcomes.filter(({ outcome }) => outcome === 'stored').length;
}

/** Returns an object with the corrections of a request. */
function correctedBy(object: StixObject, request: RevisionRequest, now: number): StixObject {
  const { title, description, tlp, valid_days: days, confidence, labels } = request;
  if (days !== undefined && object['type'] !== 'indicator') throw sharingErrors.noValidity();
  const from = Date.parse(text(object, 'valid_from') ?? '');
  // A list of STIX is never empty (section 2.12), so an object without labels has no such property.
  const { labels: _earlier, ...unlabelled } = object;
  return {
    ...(labels?.length === 0 ? unlabelled : object),
    ...(title === undefined ? {} : { name: title }),
    ...(description === undefined ? {} : { description }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(labels === undefined || labels.length === 0 ? {} : { labels }),
    ...(days === undefined
      ? {}
      : { valid_until: stixTimestamp(Math.max(now + days * DAY_MS, Number.isNaN(from) ? 0 : from + 1)) }),
    ...(tlp === undefined
      ? {}
      : {
          object_marking_refs: [
            ...texts(object, 'object_marking_refs').filter((ref) => fixedTlp(ref) === undefined),
            tlpMarkingId(tlp),
          ],
        }),
  };
}
