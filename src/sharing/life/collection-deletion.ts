import type { DeletedCollection } from '../../api/schema-types.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { demandManaged, demandRevision } from '../../access/managed.ts';
import { COLLECTIONS, GRANTS } from '../../access/model.ts';
import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { VisibleNames, suggestion } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { withoutFields } from '../../store/records.ts';
import { removal, type HeldHead, type Store } from '../../store/store.ts';
import { CHANNELS } from '../channels/model.ts';
import { sharingErrors } from '../errors.ts';
import { SAVED_LISTS } from '../saved-lists/model.ts';

/** Maximum number of users of a collection that the error names. */
const MOST_NAMED = 10;
const PAGE = 1_000;

/**
 * Deletes collections. A deletion revokes the grants and frees the alias at once, so the collection has no readers and no
 * writers. The objects are removed in the background (`DeletedCollections`), because there can be millions.
 */
export class CollectionDeletion {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #notify: () => void;

  /** `notify` wakes the background work. */
  constructor(store: Store, directory: Directory, clock: Clock, audit: Audit, notify: () => void) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#audit = audit;
    this.#notify = notify;
  }

  /**
   * Deletes a collection. Throws `conflict` if the settings file declares it, if it belongs to a member, or if feeds,
   * rules, channels, saved lists or objects on hold need it: they would stop working.
   * Anonymous objects that wait for their release do not count, because the error would show when one was submitted. Their
   * release is refused, which their members see.
   */
  async delete(actor: Principal, name: string, revision?: number): Promise<DeletedCollection> {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'manage collections' });
    const directory = await this.#directory.refresh();
    const visible = VisibleNames.of(directory, actor);
    const collection = visible.chosen(name);
    const record = collection && (await COLLECTIONS.in(this.#store).get(collection.id));
    if (collection === undefined || record === undefined)
      throw accessErrors.collectionNotFound({ name: name.slice(0, 64) }, suggestion(visible, 'collection', name, 'To list the collections, run: talanoa collection list')); // prettier-ignore
    const { id, title } = collection;
    demandManaged(
      record,
      `The collection "${title}"`,
      'A collection that is no longer in the file loses its grants.',
    );
    demandRevision(record, revision);
    const member = collection.ownOf ?? collection.clientsOf;
    if (member !== undefined) throw sharingErrors.collectionOfMember({ collection: title, member });
    const users = await this.#usersOf(collection, directory);
    if (users.length > 0) {
      const more = users.length > MOST_NAMED ? ` and ${users.length - MOST_NAMED} more` : '';
      throw sharingErrors.collectionInUse({ collection: title, users: `${users.slice(0, MOST_NAMED).join(', ')}${more}` }); // prettier-ignore
    }
    const grants = (await GRANTS.all(this.#store)).filter(({ document }) => document.collection === id);
    for (const grant of grants) demandManaged(grant, `The grant of ${grant.document.to}`);
    const objects = (await this.#store.sizes()).find((one) => one.collection === id)?.entries ?? 0;
    const receivers = grants.map(({ document: { to } }) => to).toSorted();
    const fact = this.#audit.fact(actor, 'collection.delete', `collection/${id}`, {
      details: { title, objects, grants: receivers.slice(0, MOST_NAMED) },
    });
    await this.#store.commit({
      records: [
        COLLECTIONS.change(record, {
          ...withoutFields(record.document, ['alias', 'tallest', 'lowered_at']),
          deleted_at: this.#clock.now(),
        }),
        ...grants.map(removal),
      ],
      facts: [fact],
    });
    await this.#directory.refresh();
    this.#notify();
    return { id, title, objects, grants: receivers };
  }

  /**
   * Returns the records that need the collection, in words. Anonymous submissions that wait for it are not among them: their
   * number would show who submitted one. They are refused at their release, and their member sees why.
   */
  async #usersOf(collection: CollectionInfo, directory: Snapshot): Promise<readonly string[]> {
    const { id, alias } = collection;
    const [channels, lists] = await Promise.all([CHANNELS.all(this.#store), SAVED_LISTS.all(this.#store)]);
    const named = (kind: string, names: readonly string[]): readonly string[] =>
      names.map((name) => `${kind} ${name}`);
    const held = await heldFor(this.#store, id);
    return [
      ...named(
        'feed',
        directory.feeds
          .filter((feed) => feed.collection === id || feed.collection === alias)
          .map(({ name }) => name),
      ),
      ...named(
        'rule',
        directory.rules.filter(({ from, to }) => from === id || to === id).map(({ name }) => name),
      ),
      ...named(
        'channel',
        channels
          .filter(({ document }) => document.collection === id)
          .map((one) => one.document.name ?? one.id),
      ),
      ...named(
        'saved list',
        lists
          .filter(({ document }) => document.collections.includes(id))
          .map(({ document }) => document.name),
      ),
      ...(held > 0 ? [`${held} ${held === 1 ? 'object' : 'objects'} on hold`] : []),
    ];
  }
}

/** Returns the number of objects on hold for a collection. */
async function heldFor(store: Pick<Store, 'held'>, collection: string): Promise<number> {
  let count = 0;
  for (let after: HeldHead | undefined; ;) {
    const page = await store.held({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    count += page.filter((one) => one.collection === collection).length;
    after = page.at(-1);
    if (page.length < PAGE || after === undefined) return count;
  }
}
