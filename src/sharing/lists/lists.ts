import { unauthenticated } from '../../access/authenticate.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import type { Audience } from '../../access/policy.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, MemberInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { sharingErrors } from '../errors.ts';
import type { CurrentObjects } from '../reading/current.ts';
import type { ValueLists } from '../publishing/value-guard.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import type { LifeSettings } from '../values/life.ts';
import type { ValueHead, ValueView } from '../values/value-view.ts';
import { BlockGuard } from './blocking.ts';
import type { ListFormat } from './formats/format.ts';
import type { ObjectFormat } from './formats/object-format.ts';
import { KeptLists, LONGEST_MS, type Basis, type Listed } from './kept-lists.ts';
import { makeObjectList } from './object-list.ts';
import { makeList, type MadeList, type WrittenList } from './list-maker.ts';
import { anyFormatNamed, queryText, readListQuery, type ListQuery } from './list-query.ts';

/** Maximum number of lists whose files are kept. */
const MOST_KEPT = 200;
/** Maximum number of lists that wait to be made. Each other combination of filters is a list of its own. */
const MOST_WAITING = 100;

/** A list as it is sent to a caller. */
export interface ListAnswer {
  readonly format: Pick<ListFormat, 'name' | 'media'>;
  readonly list: WrittenList;
  /** The time of the last change of its text, in milliseconds since 1970. */
  readonly modified: number;
  /** The hub could not make the list now, and this is the one before. */
  readonly isStale: boolean;
}

/** A list that was made, with its numbers. */
interface Made extends Listed {
  readonly list: MadeList;
}

export interface ListParts {
  readonly view: ValueView;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly current: CurrentObjects;
  readonly directory: Directory;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly warnings: () => Promise<ValueLists>;
  /** The folder for the files of lists. Its content is removed when the hub starts. */
  readonly folder: string;
  /** The public address of the hub, which no list blocks. */
  readonly url: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Lists of values for tools. A list is made once for each change of its collection and kept in files. It is read by the
 * same rights as the objects of the collection, and each response is recorded in the ledger.
 */
export class Lists {
  readonly #parts: ListParts;
  readonly #kept: KeptLists<Made>;
  #guard:
    { readonly guard: BlockGuard; readonly members: Snapshot['members']; readonly until: number } | undefined;

  constructor(parts: ListParts) {
    this.#parts = parts;
    const { folder, clock } = parts;
    this.#kept = new KeptLists({ folder, clock, mostKept: MOST_KEPT, mostWaiting: MOST_WAITING });
  }

  /**
   * Returns a list for a caller. Throws a Problem of kind not-found if the collection does not exist or the caller
   * cannot read it, and of kind unavailable while the values of the collection are being built.
   */
  async get(
    principal: Principal,
    name: string,
    formatName: string,
    filters: Readonly<Record<string, unknown>>,
    agent: string,
  ): Promise<ListAnswer> {
    const directory = await this.#parts.directory.current();
    const collection = readable(directory, principal, name, 'list.read');
    const { answer, words, head, suppressed } = await this.#find(
      principal,
      directory,
      collection,
      formatName,
      filters,
    );
    const isSafe = !answer.isStale && suppressed === (await this.#parts.suppressions.current());
    this.#parts.ledger.read({
      account: principalId(principal),
      collection: collection.id,
      // A list from before a suppression may contain the value, so it does not count as fetched after it.
      kind: isSafe ? 'list' : 'lookup',
      filters: isSafe ? words : '',
      cursor: head.added,
      objects: answer.list.lines,
      agent,
    });
    return answer;
  }

  /** Returns the numbers of a list for a person who may read the objects of the collection. Nothing of it is sent. */
  async preview(
    principal: Principal,
    name: string,
    formatName: string,
    filters: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly collection: CollectionInfo; readonly list: Pick<MadeList, 'lines' | 'omitted'> }> {
    const directory = await this.#parts.directory.current();
    const collection = readable(directory, principal, name, 'collection.read');
    const { answer } = await this.#find(principal, directory, collection, formatName, filters);
    return { collection, list: answer.list };
  }

  async #find(
    principal: Principal,
    directory: Snapshot,
    collection: CollectionInfo,
    formatName: string,
    filters: Readonly<Record<string, unknown>>,
  ): Promise<{
    readonly answer: ListAnswer & { readonly list: MadeList };
    readonly words: string;
    readonly head: ValueHead;
    readonly suppressed: SuppressedValues;
  }> {
    const { view, suppressions } = this.#parts;
    const format = anyFormatNamed(formatName);
    const query = readListQuery(filters, format);
    const words = queryText(query, format);
    const audience = directory.audienceOf(principal);
    const head = await view.catchUp(collection.id);
    const suppressed = await suppressions.current();
    const life = this.#parts.life.of(directory);
    const basis = { directory, head, suppressed, life };
    const { kept, isStale } = await this.#kept.find({
      // The policy depends on the kind of the audience only. RED, which depends on the person, is in no collection.
      key: `${collection.id}\n${audience.kind}\n${words}`,
      basis,
      member: principal.kind === 'account' ? directory.members.get(principal.member ?? '') : undefined,
      make: async (path, now, { reader }) => {
        const list = await this.#make(path, now, { collection, format, query, audience, reader, ...basis });
        return { list, owners: list.owners, changesAt: list.changesAt };
      },
      onStale: (error) =>
        this.#parts.log.warn('list.stale', {
          collection: collection.id,
          format: format.name,
          reason: reasonOf(error),
        }),
    });
    const { list } = kept.made;
    return { answer: { format, list, modified: kept.modified, isStale }, words, head, suppressed };
  }

  async #make(
    path: string,
    now: number,
    { collection, format, query, audience, directory, head, suppressed, life, reader }: Wanted,
  ): Promise<MadeList> {
    const { view, clock, current } = this.#parts;
    const name = (collection.alias ?? collection.id).replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
    const shared = {
      query, audience, now, clock, marking: (id: string, owner: string) => directory.marking(id, owner),
    }; // prettier-ignore
    if ('patterns' in format)
      return makeObjectList(path, {
        ...{ ...shared, format, name, collection: collection.id, current },
        changed: Math.max(head.changed, suppressed.changedAt),
      });
    const guard = await this.guardFor(directory, now);
    return makeList(
      path,
      name,
      () => view.rows(collection.id, query.types),
      {
        ...{ ...shared, format, guard, suppressed, life },
        reader: reader === undefined ? undefined : { member: reader.name, guard: guard.forReporter(reader) },
      },
      head.changed,
    );
  }

  /** Returns the rules of what no list may block. They are loaded again when members change, and after a while. */
  async guardFor({ members }: Snapshot, now: number): Promise<BlockGuard> {
    const known = this.#guard;
    if (known?.members === members && now < known.until) return known.guard;
    const { warnings, url } = this.#parts;
    const guard = new BlockGuard(await warnings(), members.values(), [new URL(url()).hostname]);
    this.#guard = { guard, members, until: now + LONGEST_MS };
    return guard;
  }
}

/** A list that is to be made. */
interface Wanted extends Basis {
  readonly collection: CollectionInfo;
  readonly format: ListFormat | ObjectFormat;
  readonly query: ListQuery;
  readonly audience: Audience;
  /** The member that the list is made for. Undefined for a list that all members with the same rights read. */
  readonly reader: MemberInfo | undefined;
}

/** Returns a collection that a caller may read lists of. Throws a Problem for one that the caller cannot read. */
function readable(
  directory: Snapshot,
  principal: Principal,
  name: string,
  action: 'list.read' | 'collection.read',
): CollectionInfo {
  const found = readableCollection(directory, principal, name, action);
  if (found !== undefined) return found;
  throw principal.kind === 'public' ? unauthenticated() : sharingErrors.collectionNotFound();
}

/**
 * Returns a collection that a caller may read lists of, by id, alias, or `root/alias`. Undefined for a collection that
 * the caller cannot read, as for one that does not exist. Throws a Problem if several have the name.
 */
export function readableCollection(
  directory: Snapshot,
  principal: Principal,
  name: string,
  action: 'list.read' | 'collection.read',
): CollectionInfo | undefined {
  const named = directory
    .named(name)
    .filter((collection) =>
      can(principal, action, { kind: 'collection', rights: directory.rights(principal, collection) }),
    );
  const [found, other] = named;
  if (other === undefined) return found;
  throw sharingErrors.listAmbiguous({ names: named.map(({ id }) => id).join(', ') });
}
