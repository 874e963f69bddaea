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
import type { LifeSettings, Lifetimes } from '../values/life.ts';
import type { ValueHead, ValueView } from '../values/value-view.ts';
import { BlockGuard } from './blocking.ts';
import type { ListFormat } from './formats/format.ts';
import type { ObjectFormat } from './formats/object-format.ts';
import { ListFiles, notMade } from './list-files.ts';
import { makeObjectList } from './object-list.ts';
import { makeList, type MadeList, type WrittenList } from './list-maker.ts';
import { anyFormatNamed, queryText, readListQuery, type ListQuery } from './list-query.ts';

/** Maximum number of lists whose files are kept. */
const MOST_KEPT = 200;
/** Maximum number of lists that wait to be made. Each other combination of filters is a list of its own. */
const MOST_WAITING = 100;
/** A list is made again after this time even if nothing changed, because policies and warning lists can change. */
const LONGEST_MS = 300_000;

/** A list as it is sent to a caller. */
export interface ListAnswer {
  readonly format: Pick<ListFormat, 'name' | 'media'>;
  readonly list: WrittenList;
  /** The time of the last change of its text, in milliseconds since 1970. */
  readonly modified: number;
  /** The hub could not make the list now, and this is the one before. */
  readonly isStale: boolean;
}

interface Kept extends Omit<ListAnswer, 'isStale' | 'format' | 'list'> {
  readonly list: MadeList;
  readonly position: string;
  readonly members: Snapshot['members'];
  readonly suppressed: SuppressedValues;
  readonly life: Lifetimes;
  readonly until: number;
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
  readonly #files: ListFiles<Kept>;
  readonly #making = new Map<
    string,
    { readonly made: Promise<Kept> } & Pick<Making, 'suppressed' | 'life'>
  >();
  #guard:
    { readonly guard: BlockGuard; readonly members: Snapshot['members']; readonly until: number } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ListParts) {
    this.#parts = parts;
    this.#files = new ListFiles(parts.folder, MOST_KEPT);
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
    readonly answer: ListAnswer;
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
    const making = { collection, format, query, audience, directory, head, suppressed, life };
    // The policy depends on the kind of the audience only. RED, which depends on the person, is in no collection.
    const key = `${collection.id}\n${audience.kind}\n${words}`;
    const member = principal.kind === 'account' ? directory.members.get(principal.member ?? '') : undefined;
    if (member === undefined || member.name === 'hub')
      return { answer: await this.#answer(key, making), words, head, suppressed };
    // A member that reports some of the values reads a list of its own. Whether it does must not depend on the claims of
    // others, or the response time would reveal them.
    const ownKey = `${key}\n${member.name}`;
    const shared = this.#files.get(ownKey) !== undefined ? undefined : await this.#answer(key, making);
    const answer =
      shared === undefined || shared.list.owners.has(member.name)
        ? await this.#answer(ownKey, { ...making, reader: member })
        : shared;
    return { answer, words, head, suppressed };
  }

  async #answer(key: string, making: Making): Promise<ListAnswer & Pick<Kept, 'list'>> {
    const { clock, log } = this.#parts;
    const { collection, format, head } = making;
    let kept = this.#files.get(key);
    let isStale = false;
    if (kept === undefined || !isFresh(kept, making, clock.now())) {
      try {
        if (!head.usable) throw sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } });
        kept = await this.#make(key, making);
      } catch (error) {
        // A tool that gets an error keeps or drops its list as it likes. The list before is better than both.
        if (kept === undefined) throw notMade(error);
        isStale = true;
        log.warn('list.stale', { collection: collection.id, format: format.name, reason: reasonOf(error) });
      }
    }
    return { format, list: kept.list, modified: kept.modified, isStale };
  }

  /** Makes a list, or waits for it if it is being made. One list is made at a time. */
  #make(key: string, what: Making): Promise<Kept> {
    const running = this.#making.get(key);
    // One that was begun before a suppression, or with other lifetimes, may contain a value that it must not.
    if (running?.suppressed === what.suppressed && running.life === what.life) return running.made;
    if (this.#making.size >= MOST_WAITING)
      return Promise.reject(sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } }));
    const made = this.#turn
      .then(() => this.#makeNow(key, what))
      .finally(() => {
        if (this.#making.get(key)?.made === made) this.#making.delete(key);
      });
    this.#making.set(key, { made, suppressed: what.suppressed, life: what.life });
    this.#turn = made.catch(() => undefined);
    return made;
  }

  async #makeNow(
    key: string,
    { collection, format, query, audience, directory, head, suppressed, life, reader }: Making,
  ): Promise<Kept> {
    const { view, clock } = this.#parts;
    const now = clock.now();
    const guard = await this.guardFor(directory, now);
    const path = await this.#files.path();
    const name = (collection.alias ?? collection.id).replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
    const shared = {
      query, audience, now, clock, marking: (id: string, owner: string) => directory.marking(id, owner),
    }; // prettier-ignore
    const list =
      'patterns' in format
        ? await makeObjectList(path, {
            ...{ ...shared, format, name, collection: collection.id },
            changed: Math.max(head.changed, suppressed.changedAt),
            current: this.#parts.current,
          })
        : await makeList(
            path,
            name,
            () => view.rows(collection.id, query.types),
            {
              ...{ ...shared, format, guard, suppressed, life },
              reader:
                reader === undefined ? undefined : { member: reader.name, guard: guard.forReporter(reader) },
            },
            head.changed,
          );
    const before = this.#files.get(key);
    const kept: Kept = {
      list,
      modified: before?.list.digest === list.digest ? before.modified : now,
      position: head.position,
      members: directory.members,
      suppressed,
      life,
      until: Math.min(list.changesAt, now + LONGEST_MS),
    };
    await this.#files.keep(key, kept);
    return kept;
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

interface Making {
  readonly collection: CollectionInfo;
  readonly format: ListFormat | ObjectFormat;
  readonly query: ListQuery;
  readonly audience: Audience;
  readonly directory: Snapshot;
  readonly head: ValueHead;
  readonly suppressed: SuppressedValues;
  readonly life: Lifetimes;
  /** The member that the list is made for. Undefined for a list that all members with the same rights read. */
  readonly reader?: MemberInfo;
}

function isFresh(
  kept: Kept,
  { head, directory, suppressed, life }: Pick<Making, 'head' | 'directory' | 'suppressed' | 'life'>,
  now: number,
): boolean {
  return (
    !head.rebuilding &&
    kept.position === head.position &&
    kept.members === directory.members &&
    kept.suppressed === suppressed &&
    kept.life === life &&
    now < kept.until
  );
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
