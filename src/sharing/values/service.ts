import type { ValueViewState } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { can } from '../../access/rights.ts';
import type { Principal } from '../../access/principal.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Store } from '../../store/store.ts';
import type { ValueView } from './value-view.ts';

/** The management of the value view. */
export class ValueService {
  readonly #view: ValueView;
  readonly #store: Pick<Store, 'commit'>;
  readonly #directory: Directory;
  readonly #audit: Audit;

  constructor(view: ValueView, store: Pick<Store, 'commit'>, directory: Directory, audit: Audit) {
    this.#view = view;
    this.#store = store;
    this.#directory = directory;
    this.#audit = audit;
  }

  /** Returns for each collection whether its values are up to date. */
  async list(actor: Principal): Promise<readonly ValueViewState[]> {
    if (!can(actor, 'hub.read', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'see the state of the value view' });
    const { collections } = await this.#directory.current();
    return Promise.all([...collections.values()].map((collection) => this.#stateOf(collection)));
  }

  /** Has the values of one collection, or of all, built again from their entries. */
  async rebuild(actor: Principal, name: string | undefined): Promise<readonly ValueViewState[]> {
    if (!can(actor, 'hub.write', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'rebuild the value view' });
    const directory = await this.#directory.current();
    const chosen = name === undefined ? undefined : VisibleNames.of(directory, actor).chosen(name);
    if (name !== undefined && chosen === undefined)
      throw accessErrors.collectionNotFound(
        { name: name.slice(0, 64) },
        { hint: 'To list the collections, run: talanoa collection list' },
      );
    const collections = chosen === undefined ? [...directory.collections.values()] : [chosen];
    const resource = chosen === undefined ? 'hub/values' : `collection/${chosen.id}`;
    await this.#store.commit({ facts: [this.#audit.fact(actor, 'values.rebuild', resource)] });
    for (const { id } of collections) await this.#view.rebuild(id);
    return Promise.all(collections.map((collection) => this.#stateOf(collection)));
  }

  async #stateOf({ id, alias }: CollectionInfo): Promise<ValueViewState> {
    const { complete, rebuilding, changed } = await this.#view.head(id);
    return {
      collection: id,
      name: alias ?? id,
      state: rebuilding ? 'rebuilding' : complete ? 'current' : 'behind',
      ...(changed === 0 ? {} : { up_to: new Date(changed).toISOString() }),
    };
  }
}
