import type { Published as PublishedList } from '../../api/schema-types.ts';
import type { Directory } from '../../access/directory.ts';
import { can } from '../../access/rights.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { GatedDocument } from '../../kernel/json-gate.ts';
import type { Tlp } from '../../stix/markings.ts';
import type { Envelopes } from './envelopes.ts';
import { representedBy } from './on-behalf.ts';
import { notAllowed } from '../reading/outlet.ts';
import { VisibleNames, suggestion } from '../../access/visible-names.ts';
import { sharingErrors } from '../errors.ts';

/** The outcome of one published object. `pending` while the store is slow. */
export type Published = PublishedList['items'][number];

/** A collection that somebody can publish in. */
export interface WritableCollection {
  /** A name by which `publish` finds the collection: its alias, `root/alias`, or its id. */
  readonly name: string;
  readonly title: string;
  readonly max_tlp: Tlp;
  /** True if the same caller can also read it. */
  readonly isReadable: boolean;
}

/** Lets people submit objects. They are processed in the same way as those submitted over TAXII. */
export class Publishing {
  readonly #envelopes: Envelopes;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(envelopes: Envelopes, directory: Directory, clock: Clock, ids: Ids) {
    this.#envelopes = envelopes;
    this.#directory = directory;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** Returns the collections that the caller can publish in, by their titles. */
  async writable(actor: Principal): Promise<readonly WritableCollection[]> {
    const directory = await this.#directory.current();
    const visible = VisibleNames.of(directory, actor);
    return [...directory.collections.values()]
      .flatMap((collection): readonly WritableCollection[] => {
        const rights = directory.rights(actor, collection);
        const resource = { kind: 'collection', rights } as const;
        if (!can(actor, 'collection.see', resource) || !can(actor, 'collection.write', resource)) return [];
        const { title, max_tlp } = collection;
        const name = visible.nameOf(collection);
        return [{ name, title, max_tlp, isReadable: can(actor, 'collection.read', resource) }];
      })
      .toSorted((a, b) => a.title.localeCompare(b.title, 'en'));
  }

  /**
   * Returns the collection that the caller names and can write to. Throws `not-found` for one that the caller cannot see,
   * and `forbidden` for one that the caller can only read.
   */
  writableNamed(actor: Principal, name: string, directory: Snapshot): CollectionInfo {
    const visible = VisibleNames.of(directory, actor);
    const collection = visible.chosen(name);
    if (collection === undefined) {
      const names = visible.list('writable');
      throw sharingErrors.notWritable(
        { name: name.slice(0, 64) },
        {
          description:
            names.length === 0
              ? 'You cannot write to any collection.'
              : `You can write to ${names.join(', ')}.`,
          ...suggestion(visible, 'writable', name),
        },
      );
    }
    const rights = directory.rights(actor, collection);
    if (!can(actor, 'collection.write', { kind: 'collection', rights })) throw notAllowed('write to');
    return collection;
  }

  /**
   * Submits the objects of a document to a collection that is named by id or alias. Every object has its own outcome.
   * `onBehalfOf` is the member that hub staff submit the objects for.
   */
  async publish(
    actor: Principal,
    name: string,
    document: GatedDocument,
    onBehalfOf?: string,
  ): Promise<readonly Published[]> {
    const directory = await this.#directory.current();
    const collection = this.writableNamed(actor, name, directory);
    const represented = onBehalfOf === undefined ? undefined : representedBy(actor, onBehalfOf, directory);
    const state = await this.#envelopes.submit({
      id: this.#ids.uuid(),
      principal: actor,
      ...(represented === undefined ? {} : { onBehalfOf: represented }),
      collection,
      requested: microsOf(this.#clock),
      document,
      isPublication: true,
    });
    if (state.status === 'pending')
      return state.waiting.map((waiting) => ({ ...waiting, outcome: 'pending', message: undefined }));
    return state.outcomes.map(({ id, version, kind, message, findings }) => ({
      id,
      version,
      outcome: kind,
      message,
      ...(findings === undefined ? {} : { findings }),
    }));
  }
}
