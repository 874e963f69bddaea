import { accessErrors } from '../../access/errors.ts';
import { demandPlacing } from '../../access/keys/limits.ts';
import { isHubAnalyst, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { tlpOf } from '../../stix/markings.ts';
import { instantOf } from '../../stix/timestamps.ts';
import { text, type StixObject } from '../../stix/types.ts';
import { LAST_VERSION, type EntryFacts, type Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { accountActor, type Actor } from '../intake/actor.ts';
import { isRelayed } from '../intake/owner.ts';

/** The newest version of an object in one collection. */
export interface OwnPlace {
  readonly collection: CollectionInfo;
  readonly entry: EntryFacts;
  readonly text: string;
  readonly object: StixObject;
}

/** A collection in which an object is changed. */
export interface ChangedPlace extends OwnPlace {
  /**
   * The time of the new version. Collections with the same text get the same time. Those with another text get another time,
   * because one id and time must not identify two texts.
   */
  readonly modified: string;
}

/**
 * Returns the places in which the caller can change an object, except those in which it is revoked. Hub staff change
 * objects of the hub and its feeds everywhere, and members change their own objects where they can read and write.
 * Throws `not-found` for an object that the caller cannot read, `forbidden` for an object of another owner, `conflict`
 * for one that is revoked, and
 * `invalid-content` for a type without versions.
 */
export async function changedPlaces(
  store: Store,
  clock: Clock,
  actor: Principal,
  id: string,
  directory: Snapshot,
): Promise<readonly ChangedPlace[]> {
  demandPlacing(actor, 'object.revoke');
  const places = await placesOf(store, actor, id, directory);
  if (places.length === 0) throw sharingErrors.objectNotFound({ id: id.slice(0, 200) });
  // Objects that others stored elsewhere under the same id, or that are relayed, cannot be changed. They do not prevent
  // a change of the caller's own object either.
  const own = places.filter(
    ({ collection, entry }) =>
      !isRelayed(entry, directory) &&
      can(actor, 'object.revise', {
        kind: 'object',
        rights: directory.rights(actor, collection),
        owners: [entry.owner],
      }),
  );
  const foreign = places.find((place) => !own.includes(place));
  if (own.length === 0 && foreign !== undefined) throw notYours(actor, foreign.entry.owner);
  const standing = own.filter(({ object }) => object['revoked'] !== true);
  if (standing.length === 0) throw sharingErrors.alreadyRevoked();
  if (standing.some(({ object }) => typeof object['modified'] !== 'string'))
    throw sharingErrors.notVersioned();
  const latest = Math.max(...standing.map(({ object }) => Date.parse(text(object, 'modified') ?? '')));
  const first = Math.max(clock.now(), latest + 1);
  // The newest text also becomes the newest version, where objects of several collections are routed to a member.
  const texts = [...new Set(standing.toSorted(byVersion).map((place) => place.text))];
  return standing.map((place) => ({
    ...place,
    modified: new Date(first + texts.indexOf(place.text)).toISOString(),
  }));
}

function byVersion({ entry: a }: OwnPlace, { entry: b }: OwnPlace): number {
  return instantOf(a.version) < instantOf(b.version) ? -1 : 1;
}

/** The owner is named to hub staff only. */
function notYours(actor: Principal, owner: string): Error {
  if (isHubAnalyst(actor)) return sharingErrors.notCreator({ owner });
  return accessErrors.notPermitted(
    { action: 'change objects of others' },
    {
      description: 'You can change objects of your own member, in collections that you can read and write.',
      hint: 'Ask the hub to inform the owner.',
    },
  );
}

/**
 * Returns the collections with the newest version of the object, except members' own collections, whose objects were
 * routed there. Callers other than hub staff see only the collections that they can read.
 */
async function placesOf(
  store: Store,
  actor: Principal,
  id: string,
  directory: Snapshot,
): Promise<readonly OwnPlace[]> {
  const isStaff = can(actor, 'object.revoke', { kind: 'hub' });
  const places = [];
  for (const collection of directory.collections.values()) {
    if (collection.ownOf !== undefined) continue;
    const rights = directory.rights(actor, collection);
    if (!isStaff && !can(actor, 'collection.read', { kind: 'collection', rights })) continue;
    const { entries } = await store.entries(
      { collection: collection.id, after: 0, limit: 1, ids: [id], versions: LAST_VERSION },
      true,
    );
    const [entry] = entries;
    if (entry?.text !== undefined)
      places.push({ collection, entry, text: entry.text, object: JSON.parse(entry.text) as StixObject });
  }
  return places;
}

/**
 * Returns the author of a new version: the feed that owns the object, or else the hub or the member, represented by the
 * caller.
 */
export function authorOf({ entry, collection }: OwnPlace, principal: Principal, directory: Snapshot): Actor {
  // An object without a marking keeps its level, whatever the default of the caller is.
  const defaultTlp = tlpOf(entry.level);
  if (!isHubAnalyst(principal)) return { ...accountActor(principal, collection, directory), defaultTlp };
  const feed = directory.feeds.find(({ name }) => `feed:${name}` === entry.owner);
  return feed === undefined
    ? { kind: 'account', principal, defaultTlp, mayRead: true }
    : { kind: 'feed', name: feed.name, identity: feed.identity, defaultTlp };
}
