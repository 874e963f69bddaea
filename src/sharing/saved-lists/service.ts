import type { ListChange, ListRequest, SavedList } from '../../api/schema-types.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { mayChooseName, nameAdvice } from '../../access/chosen-names.ts';
import { accessErrors } from '../../access/errors.ts';
import { memberOf, readingBack, type Principal } from '../../access/principal.ts';
import { can, type Action } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import { stixTimestamp } from '../../stix/timestamps.ts';
import { removal, type Store } from '../../store/store.ts';
import { withoutFields, type Stored } from '../../store/records.ts';
import { sharingErrors } from '../errors.ts';
import { formatNamed, readListQuery } from '../lists/list-query.ts';
import { staleness } from './alarms.ts';
import {
  LIST_STATES,
  SAVED_LISTS,
  UNPUBLISHED,
  type ListStateRecord,
  type SavedListRecord,
} from './model.ts';
import { queryOf, type ListPublisher } from './publisher.ts';
import { isPresent, mayCount, mayRead } from './readers.ts';

/** The settings of a list that the request does not state. */
const USUAL = {
  min_confidence: 0,
  sources: 1,
  max_entries: 100_000,
  aggregate: false,
  max_growth: 100,
  max_shrink: 90,
  stale_hours: 72,
} as const;

interface SavedListParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly publisher: Pick<ListPublisher, 'publish'>;
  readonly url: () => string;
  readonly clock: Clock;
}

/** Creates, shows, changes, confirms and deletes saved lists. */
export class SavedLists {
  readonly #parts: SavedListParts;

  constructor(parts: SavedListParts) {
    this.#parts = parts;
  }

  /** Returns the lists that the caller may see, in the order of their names. */
  async list(actor: Principal): Promise<readonly SavedList[]> {
    const directory = await this.#parts.directory.current();
    const lists = await SAVED_LISTS.in(this.#parts.store).whole();
    const seen = lists.filter(({ document }) => this.#may(actor, 'list.see', document, directory));
    return Promise.all(seen.map((list) => this.#shown(list.document, directory, actor)));
  }

  /** Returns one list with its state. Throws a Problem of kind not-found for one that the caller cannot see. */
  async get(actor: Principal, name: string): Promise<SavedList> {
    const { document, directory } = await this.#found(actor, name);
    return this.#shown(document, directory, actor);
  }

  /** Returns a list that the caller may see, as it is stored and as it is shown. Undefined if there is none. */
  async find(
    actor: Principal,
    name: string,
  ): Promise<{ readonly record: SavedListRecord; readonly shown: SavedList } | undefined> {
    const directory = await this.#parts.directory.current();
    const record = (await SAVED_LISTS.in(this.#parts.store).get(name))?.document;
    if (record === undefined || !this.#may(actor, 'list.see', record, directory)) return undefined;
    return { record, shown: await this.#shown(record, directory, actor) };
  }

  /** Creates a list and publishes it. */
  async create(actor: Principal, request: ListRequest): Promise<SavedList> {
    const { store, audit, clock } = this.#parts;
    const directory = await this.#parts.directory.refresh();
    const visible = VisibleNames.of(directory, readingBack(actor));
    const owner = request.member ?? memberOf(actor);
    if (owner !== 'hub' && !(directory.members.has(owner) && visible.member(owner)))
      throw accessErrors.memberNotFound({ name: owner.slice(0, 64) });
    const { member: _member, collections, ...rest } = request;
    const document = checked({
      ...USUAL,
      ...rest,
      owner,
      collections: this.#chosen(actor, directory, collections),
      changed: clock.now(),
    });
    if (!this.#may(actor, 'list.write', document, directory)) throw refused('create lists of this member');
    const { name } = request;
    if (!mayChooseName(actor, name, owner, directory.members))
      throw sharingErrors.savedListName(
        { name, member: owner },
        { hint: nameAdvice(name, owner, directory.members) },
      );
    const isTaken =
      directory.named(name).length > 0 ||
      (await SAVED_LISTS.in(store).get(name)) !== undefined ||
      (await LIST_STATES.in(store).get(name)) !== undefined;
    if (isTaken) throw sharingErrors.savedListExists({ name });
    await store.commit({
      records: [SAVED_LISTS.insert(name, document)],
      facts: [audit.fact(actor, 'list.create', `list/${name}`, factOf(document))],
    });
    await this.#parts.publisher.publish(name);
    return this.#shown(document, directory, actor);
  }

  /** Changes a list. The brake applies to what the change does to its content. */
  async update(actor: Principal, name: string, change: ListChange): Promise<SavedList> {
    const { store, audit, clock } = this.#parts;
    const { document, directory, record } = await this.#found(actor, name);
    if (!this.#may(actor, 'list.write', document, directory)) throw refused('change this list');
    const { collections, title, types, labels, max_age: age, ...rest } = change;
    // Each filter would show how many values of a collection it fits.
    if (collections === undefined && !this.#mayCount(actor, document, directory))
      throw refused('change a list of collections that you cannot read');
    const after = checked(
      withoutFields(
        {
          ...document,
          ...rest,
          ...(typeof title === 'string' ? { title } : {}),
          ...(types === undefined || types === null ? {} : { types }),
          ...(labels === undefined || labels === null ? {} : { labels }),
          ...(typeof age === 'number' ? { max_age: age } : {}),
          ...(collections === undefined ? {} : { collections: this.#chosen(actor, directory, collections) }),
          changed: clock.now(),
        },
        (['title', 'types', 'labels', 'max_age'] as const).filter((field) => change[field] === null),
      ),
    );
    const former = formerOf(document, after.collections, clock.now());
    const changed = { ...withoutFields(after, ['former']), ...former };
    await store.commit({
      records: [SAVED_LISTS.change(record, changed)],
      facts: [audit.fact(actor, 'list.update', `list/${name}`, factOf(after))],
    });
    await this.#parts.publisher.publish(name);
    return this.#shown(changed, directory, actor);
  }

  /** Publishes content that is on hold, as large as the caller saw it. */
  async confirm(actor: Principal, name: string, entries: number | undefined): Promise<SavedList> {
    const { store, audit } = this.#parts;
    const { document, directory } = await this.#found(actor, name);
    if (!this.#may(actor, 'list.confirm', document, directory)) throw refused('confirm this list');
    if (!this.#mayCount(actor, document, directory))
      throw refused('confirm a list of collections that you cannot read');
    const state = await LIST_STATES.in(store).get(name);
    const held = state?.document.held;
    if (state === undefined || held === undefined || (entries !== undefined && entries !== held.entries))
      throw sharingErrors.savedListNothingHeld({ name });
    const confirmed = { reason: held.reason, entries: held.entries };
    const details = { reason: held.reason, entries: held.entries, before: state.document.entries };
    await store.commit({
      records: [LIST_STATES.change(state, { ...state.document, confirmed })],
      facts: [audit.fact(actor, 'list.confirm', `list/${name}`, { ...memberFact(document), details })],
    });
    await this.#parts.publisher.publish(name);
    return this.#shown(document, directory, actor);
  }

  /** Deletes a list. Its address returns 404 from then on, and tools keep or drop what they have. */
  async delete(actor: Principal, name: string): Promise<void> {
    const { store, audit } = this.#parts;
    const { document, directory, record } = await this.#found(actor, name);
    if (!this.#may(actor, 'list.write', document, directory)) throw refused('delete this list');
    const state = await LIST_STATES.in(store).get(name);
    await store.commit({
      records: [
        removal(record),
        ...(state === undefined ? [] : [LIST_STATES.change(state, { ...state.document, gone: true })]),
      ],
      facts: [audit.fact(actor, 'list.delete', `list/${name}`, factOf(document))],
    });
  }

  async #found(
    actor: Principal,
    name: string,
  ): Promise<{
    readonly record: Stored<SavedListRecord>;
    readonly document: SavedListRecord;
    readonly directory: Snapshot;
  }> {
    const directory = await this.#parts.directory.current();
    const record = await SAVED_LISTS.in(this.#parts.store).get(name);
    if (record === undefined || !this.#may(actor, 'list.see', record.document, directory))
      throw sharingErrors.savedListNotFound({ name: name.slice(0, 64) });
    return { record, document: record.document, directory };
  }

  #mayCount(actor: Principal, list: SavedListRecord, directory: Snapshot): boolean {
    return mayCount(directory, actor, list, this.#parts.clock.now());
  }

  #may(actor: Principal, action: Action, list: SavedListRecord, directory: Snapshot): boolean {
    const read = mayRead(directory, actor, list, this.#parts.clock.now());
    return can(actor, action, { kind: 'list', owner: list.owner, read });
  }

  /**
   * Returns the ids of collections that the caller may read. Hub staff choose among all collections: who fetches the list
   * needs rights of their own.
   */
  #chosen(actor: Principal, directory: Snapshot, names: readonly string[]): readonly string[] {
    const visible = VisibleNames.of(directory, readingBack(actor));
    const isHub = can(actor, 'hub.read', { kind: 'hub' });
    const ids = names.map((name) => {
      const found = visible.chosen(name);
      if (found !== undefined && (isHub || directory.rights(actor, found).read)) return found.id;
      throw accessErrors.collectionNotFound(
        { name: name.slice(0, 64) },
        { hint: 'A list joins collections that you may read. To list them, run: talanoa collection list' },
      );
    });
    return [...new Set(ids)].toSorted();
  }

  async #shown(list: SavedListRecord, directory: Snapshot, actor: Principal): Promise<SavedList> {
    const { store, clock, url } = this.#parts;
    const state = await LIST_STATES.in(store).get(list.name);
    const visible = VisibleNames.of(directory, readingBack(actor));
    const { owner, collections, former: _former, changed, ...settings } = list;
    return {
      ...settings,
      owner,
      collections: collections
        .map((id) => {
          const found = directory.collections.get(id);
          return found !== undefined && visible.collection(found) ? visible.nameOf(found) : id;
        })
        .toSorted(),
      types: [...queryOf(list).types],
      labels: [...(list.labels ?? [])],
      url: `${url()}/lists/${list.name}`,
      changed: stixTimestamp(changed),
      ...shownState(
        list,
        state === undefined || state.document.gone || !this.#mayCount(actor, list, directory)
          ? UNPUBLISHED
          : state.document,
        clock.now(),
      ),
    };
  }
}

function shownState(
  list: SavedListRecord,
  state: ListStateRecord,
  now: number,
): Pick<SavedList, 'state' | 'entries' | 'omitted' | 'published' | 'checked' | 'held'> {
  const { generation, entries, omitted, published, checked, held } = state;
  const word = generation === 0 ? 'unpublished' : held !== undefined ? 'held' : staleness(list, state, now) === undefined ? 'current' : 'stale'; // prettier-ignore
  return {
    state: word,
    entries,
    omitted: Object.entries(omitted).map(([reason, count]) => ({ reason, count })),
    ...(published === 0 ? {} : { published: stixTimestamp(published) }),
    ...(checked === 0 ? {} : { checked: stixTimestamp(checked) }),
    ...(held === undefined
      ? {}
      : { held: { reason: held.reason, entries: held.entries, since: stixTimestamp(held.at) } }),
  };
}

/** Returns the collections that a change takes out of a list, and those that earlier changes took out. */
function formerOf(
  { collections, former = [] }: SavedListRecord,
  after: readonly string[],
  now: number,
): Pick<SavedListRecord, 'former'> {
  const gone = collections.filter((id) => !after.includes(id));
  const kept = former.filter((one) => isPresent(one, now) && ![...after, ...gone].includes(one.collection));
  const all = [...kept, ...gone.map((collection) => ({ collection }))];
  return all.length === 0 ? {} : { former: all };
}

/** Checks the filters of a list by the rules of requests, and returns the list with them in one format. */
function checked(list: SavedListRecord): SavedListRecord {
  const format = formatNamed(list.format);
  const { types, labels } = readListQuery(
    {
      ...(list.types === undefined ? {} : { types: list.types.join(',') }),
      ...(list.labels === undefined ? {} : { labels: list.labels.join(',') }),
    },
    format,
  );
  return {
    ...list,
    ...(list.types === undefined ? {} : { types }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function factOf(list: SavedListRecord): {
  readonly member?: string;
  readonly details: Readonly<Record<string, string | number>>;
} {
  const { collections, format, max_entries: most } = list;
  return { ...memberFact(list), details: { collections: collections.join(', '), format, max_entries: most } };
}

function memberFact({ owner }: SavedListRecord): { readonly member?: string } {
  return owner === 'hub' ? {} : { member: owner };
}

function refused(action: string): Error {
  return accessErrors.notPermitted({ action });
}
