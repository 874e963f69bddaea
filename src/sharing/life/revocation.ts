import type { Revocation as RevocationResult } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import type { Audit } from '../../access/audit/audit.ts';
import { demandPlacing } from '../../access/keys/limits.ts';
import { can } from '../../access/rights.ts';
import { principalName, type Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { tlpOf } from '../../stix/markings.ts';
import { text, type StixObject } from '../../stix/types.ts';
import { isOfHub, LAST_VERSION, type EntryFacts, type Store } from '../../store/store.ts';
import type { Actor } from '../intake/actor.ts';
import type { Intake } from '../intake/intake.ts';
import { isRelayed } from '../intake/owner.ts';
import { accessErrors } from '../../access/errors.ts';
import { sharingErrors } from '../errors.ts';

/** The outcome of a revocation in one collection. */
export type Revoked = RevocationResult['items'][number];

/**
 * Revokes objects that the hub itself made, with a new version with `revoked: true` (STIX 2.1 §3.2). Clients receive it
 * when they poll, and routing sends it to every collection with an earlier version. Other objects are revoked by their
 * creators.
 */
export class Revocation {
  readonly #store: Store;
  readonly #intake: Pick<Intake, 'submit'>;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #log: Log;

  constructor(
    store: Store,
    intake: Pick<Intake, 'submit'>,
    directory: Directory,
    clock: Clock,
    audit: Audit,
    log: Log,
  ) {
    this.#audit = audit;
    this.#store = store;
    this.#intake = intake;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Revokes an object in every collection to which it was submitted. Throws `not-found` if it is in none, `forbidden`
   * if it does not belong to the hub, `conflict` if it is already revoked, and `invalid-content` if its type has no
   * versions.
   */
  async revoke(actor: Principal, id: string): Promise<readonly Revoked[]> {
    if (!can(actor, 'object.revoke', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'revoke objects of the hub' });
    demandPlacing(actor, 'object.revoke');
    const directory = await this.#directory.refresh();
    const places = await this.#places(id, directory);
    if (places.length === 0) throw sharingErrors.objectNotFound({ id: id.slice(0, 200) });
    // The hub cannot revoke objects that others stored elsewhere under the same id, or that are relayed. They
    // do not prevent the revocation either.
    const own = places.filter(({ entry }) => isOfHub(entry.owner) && !isRelayed(entry, directory));
    const foreign = places.find((place) => !own.includes(place));
    if (own.length === 0 && foreign !== undefined)
      throw sharingErrors.notCreator({ owner: foreign.entry.owner });
    const standing = own.filter(({ object }) => object['revoked'] !== true);
    if (standing.length === 0) throw sharingErrors.alreadyRevoked();
    if (standing.some(({ object }) => typeof object['modified'] !== 'string'))
      throw sharingErrors.notVersioned();
    // All collections get the same version, because one id and time must not identify two texts.
    const latest = Math.max(...standing.map(({ object }) => Date.parse(text(object, 'modified') ?? '')));
    const modified = new Date(Math.max(this.#clock.now(), latest + 1)).toISOString();
    const revoked: Revoked[] = [];
    for (const place of standing) {
      const version = JSON.stringify({ ...place.object, modified, revoked: true });
      const [outcome] = await this.#intake.submit({
        actor: authorOf(place.entry, actor, directory),
        collection: place.collection,
        count: 1,
        item: () => ({ text: version, value: JSON.parse(version) as Record<string, unknown> }),
        facts: [
          this.#audit.fact(actor, 'object.revoke', `object/${id}`, {
            details: { collection: place.collection.id, modified },
          }),
        ],
      });
      revoked.push({
        collection: place.collection.alias ?? place.collection.id,
        outcome: outcome?.kind ?? 'refused',
        message: outcome?.message,
      });
    }
    this.#log.info('object.revoked', { object: id, by: principalName(actor), places: revoked.length });
    return revoked;
  }

  /**
   * Returns the collections with the newest version of the object, except members' own collections, whose objects were
   * routed there.
   */
  async #places(
    id: string,
    directory: Snapshot,
  ): Promise<readonly { collection: CollectionInfo; entry: EntryFacts; object: StixObject }[]> {
    const places = [];
    for (const collection of directory.collections.values()) {
      if (collection.ownOf !== undefined) continue;
      const { entries } = await this.#store.entries(
        { collection: collection.id, after: 0, limit: 1, ids: [id], versions: LAST_VERSION },
        true,
      );
      const [entry] = entries;
      if (entry?.text !== undefined)
        places.push({ collection, entry, object: JSON.parse(entry.text) as StixObject });
    }
    return places;
  }
}

/** Returns the author of a new version: the feed that owns the object, or else the hub, represented by the caller. */
function authorOf(entry: EntryFacts, principal: Principal, directory: Snapshot): Actor {
  const defaultTlp = tlpOf(entry.level);
  const feed = directory.feeds.find(({ name }) => `feed:${name}` === entry.owner);
  return feed === undefined
    ? { kind: 'account', principal, defaultTlp, mayRead: true }
    : { kind: 'feed', name: feed.name, identity: feed.identity, defaultTlp };
}
