import { unauthenticated } from '../../access/authenticate.ts';
import { accessErrors } from '../../access/errors.ts';
import type { Directory } from '../../access/directory.ts';
import type { Ledger } from '../../access/ledger.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { withoutFields } from '../../store/records.ts';
import { namePages, type Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { OMISSIONS, type Omission } from '../lists/blocking.ts';
import type { ListFormat } from '../lists/formats/format.ts';
import { ListFiles, notMade, removeFiles } from '../lists/list-files.ts';
import { writeList, type WrittenList } from '../lists/list-maker.ts';
import { formatNamed } from '../lists/list-query.ts';
import type { ListAnswer } from '../lists/lists.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import type { CurrentValue } from '../values/current.ts';
import {
  LIST_STATES,
  SAVED_LISTS,
  UNPUBLISHED,
  type ListStateRecord,
  type SavedListRecord,
} from './model.ts';
import { queryOf, type ListPublisher } from './publisher.ts';
import { mayKnowRules, mayRead, sourcesOf } from './readers.ts';
import { REMOVAL_DAYS, removalsAfter, type Removal } from './removal-log.ts';
import { valueOfName, valuesIn } from './stored-values.ts';

const DAY_US = 86_400_000_000;
/** Maximum number of lists whose files are kept. */
const MOST_KEPT = 100;
/** Number of values that are read at once. */
const WINDOW = 1_000;
/** A list that changed while it was read is read again this often. */
const ATTEMPTS = 3;
/** The generation of files that are between two generations of the values. They are written again for the next request. */
const MIXED = -1;
const ACTS = ['read', 'detect', 'block'] as const;

interface Kept {
  readonly generation: number;
  readonly owner: string;
  /** The collections whose values it can contain. */
  readonly collections: readonly string[];
  /** The definition for which it was made: the way of writing can change without the values. */
  readonly changed: number;
  /** The suppressed values that it does not contain. */
  readonly suppressed: SuppressedValues;
  /** The time of the last change of its values, in milliseconds since 1970. */
  readonly modified: number;
  readonly list: WrittenList;
}

export interface ServingParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly publisher: Pick<ListPublisher, 'publish'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  /** The folder for files. Its content is removed when the hub starts. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers saved lists, from the values that were published. */
export class SavedListServing {
  readonly #parts: ServingParts;
  readonly #files: ListFiles<Kept>;
  readonly #making = new Map<string, Promise<Kept | undefined>>();

  constructor(parts: ServingParts) {
    this.#parts = parts;
    this.#files = new ListFiles(parts.folder, MOST_KEPT);
  }

  /**
   * Returns a saved list, in its own format or another one that does not act more strongly. Throws a Problem of kind
   * not-found if the list does not exist or the caller cannot read all of its collections, and of kind unavailable
   * before it was published for the first time.
   */
  async get(
    principal: Principal,
    name: string,
    formatName: string | undefined,
    agent: string,
  ): Promise<ListAnswer> {
    const list = await this.readable(principal, name);
    const format = formatOf(list, formatName);
    let state = await this.#stateOf(name);
    const suppressed = await this.#parts.suppressions.current();
    // A suppressed value goes at once, and the removals list it. While the list cannot be published, its files are still
    // written without the value.
    const isBefore = basisOf(state.basis)[1] !== suppressed.digest;
    if (state.generation === 0 || isBefore) {
      await this.#parts.publisher.publish(name);
      state = await this.#stateOf(name);
    }
    const kept = await this.#find(list, format, state, suppressed);
    // If the list got another collection in the meantime, the files may contain its values.
    await this.readable(principal, name);
    if (kept === undefined) throw sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } });
    // A list from before a suppression may contain the value, so it does not count as fetched after it.
    const isSafe = kept.generation === state.generation && kept.suppressed.digest === suppressed.digest;
    for (const collection of list.collections)
      this.#parts.ledger.read({
        account: principalId(principal),
        collection,
        kind: isSafe ? 'list' : 'lookup',
        filters: isSafe ? JSON.stringify([format.name, queryOf(list).types, name]) : '',
        cursor: cursorOf(state, list.collections.indexOf(collection)),
        objects: kept.list.lines,
        agent,
      });
    return {
      format,
      list: { ...kept.list, omitted: together(state.omitted, kept.list.omitted) },
      modified: kept.modified,
      isStale: state.held !== undefined || kept.generation !== state.generation,
    };
  }

  /**
   * Returns the removals of a list after a time (microseconds since 1970), from the oldest. Members do not learn which rule
   * no longer permits a value.
   */
  async removals(
    principal: Principal,
    name: string,
    since: number | undefined,
    limit: number,
  ): Promise<readonly Removal[]> {
    const { store } = this.#parts;
    const oldest = await this.#oldest(await this.readable(principal, name));
    if (since !== undefined && since < oldest) throw sharingErrors.removalsForgotten({ days: REMOVAL_DAYS });
    const found = await removalsAfter(store, name, since ?? oldest, limit);
    // If the list got another collection in the meantime, these removals may contain its values.
    await this.readable(principal, name);
    return mayKnowRules(principal) ? found : found.map((removal) => withoutFields(removal, ['detail']));
  }

  /**
   * Returns the time (microseconds since 1970) from which removals are shown. Nobody can get the right to read a deleted
   * collection, so removals from the time when the list contained its values are not shown.
   */
  async #oldest({ former = [] }: SavedListRecord): Promise<number> {
    const { clock, directory } = this.#parts;
    const { collections } = await directory.current();
    const ends = former.flatMap(({ collection, until }) =>
      until === undefined || collections.has(collection) ? [] : [until * 1_000],
    );
    return Math.max(clock.now() * 1_000, ...ends) - REMOVAL_DAYS * DAY_US;
  }

  /**
   * Returns a list that the caller may read. A list that the caller cannot read gets the same response as one that does
   * not exist.
   */
  async readable(principal: Principal, name: string): Promise<SavedListRecord> {
    const list = await this.find(principal, name);
    if (list !== undefined) return list;
    // Hub staff see every list, but read only those whose collections they can read.
    const stored = await SAVED_LISTS.in(this.#parts.store).get(name);
    if (stored !== undefined && can(principal, 'hub.read', { kind: 'hub' }))
      throw accessErrors.notPermitted(
        { action: `read the list "${name}"` },
        {
          description:
            'Accounts of the hub and of its owner read a list if they can read all of its collections.',
          hint: `To see its settings and its state, run: talanoa list show ${name}`,
        },
      );
    throw principal.kind === 'public'
      ? unauthenticated()
      : sharingErrors.savedListNotFound({ name: name.slice(0, 64) });
  }

  /** Returns a list that the caller may read. Undefined if there is none. */
  async find(principal: Principal, name: string): Promise<SavedListRecord | undefined> {
    const list = (await SAVED_LISTS.in(this.#parts.store).get(name))?.document;
    if (list === undefined) return undefined;
    const { directory, clock } = this.#parts;
    return mayRead(await directory.current(), principal, list, clock.now()) ? list : undefined;
  }

  async #stateOf(name: string): Promise<ListStateRecord> {
    const state = await LIST_STATES.in(this.#parts.store).get(name);
    return state === undefined || state.document.gone ? UNPUBLISHED : state.document;
  }

  /** Returns the files of a list. Undefined if there are none yet and the values are just being replaced. */
  async #find(
    list: SavedListRecord,
    format: ListFormat,
    state: ListStateRecord,
    suppressed: SuppressedValues,
  ): Promise<Kept | undefined> {
    const key = `${list.name}\n${format.name}`;
    const last = this.#files.get(key);
    // The files can be those of a deleted list that had the name before, perhaps of another member.
    const kept = last !== undefined && fits(last, list, this.#parts.clock.now()) ? last : undefined;
    const isFresh =
      kept?.generation === state.generation &&
      kept.changed === list.changed &&
      kept.suppressed.digest === suppressed.digest;
    if (isFresh || state.generation === 0) return kept;
    // One that was begun before a suppression may contain the value.
    const work = `${key}\n${suppressed.digest}`;
    let making = this.#making.get(work);
    if (making === undefined) {
      const isUnsafe = kept !== undefined && suppressed.addsTo(kept.suppressed);
      making = this.#make(key, list, format, suppressed, isUnsafe).finally(() => this.#making.delete(work));
      this.#making.set(work, making);
    }
    try {
      return (await making) ?? kept;
    } catch (error) {
      // A tool that gets an error keeps or drops its list as it likes. The list before is better than both.
      // One from before a suppression may contain the value, which leaves every list at once.
      if (kept === undefined || suppressed.addsTo(kept.suppressed)) throw notMade(error);
      this.#parts.log.warn('list.stale', { list: list.name, format: format.name, reason: reasonOf(error) });
      return kept;
    }
  }

  async #make(
    key: string,
    list: SavedListRecord,
    format: ListFormat,
    suppressed: SuppressedValues,
    isUnsafe: boolean,
  ): Promise<Kept | undefined> {
    for (let i = 0; ; i++) {
      const before = await this.#stateOf(list.name);
      // Another process replaces the values just now. What is stored is between the list before and the next one, and
      // only sent if the files from before may contain a suppressed value.
      const isMixed = before.applying || i >= ATTEMPTS;
      if (isMixed && !isUnsafe) return undefined;
      const { made, modified } = await this.#write(list, format, before, suppressed);
      const after = await this.#stateOf(list.name);
      if (isMixed || (!after.applying && after.generation === before.generation)) {
        const { owner, changed } = list;
        const collections = sourcesOf(list, this.#parts.clock.now());
        const kept = {
          generation: isMixed ? MIXED : before.generation,
          owner,
          collections,
          suppressed,
          changed,
          modified,
          list: made,
        };
        await this.#files.keep(key, kept);
        return kept;
      }
      await removeFiles(made);
    }
  }

  async #write(
    list: SavedListRecord,
    format: ListFormat,
    { published }: ListStateRecord,
    suppressed: SuppressedValues,
  ): Promise<{ readonly made: WrittenList; readonly modified: number }> {
    const types = format.carries.filter((type) => queryOf(list).types.includes(type));
    const { clock } = this.#parts;
    let modified = published;
    const allowed = (value: CurrentValue): boolean => {
      if (!suppressed.keepsOut(value, format.acts)) return true;
      modified = Math.max(published, suppressed.changedAt);
      return false;
    };
    const made = await writeList(await this.#files.path(), () => this.#values(list.name, types, allowed), {
      format,
      aggregate: list.aggregate,
      limit: undefined,
      page: 1,
      clock,
      facts: () => ({ name: list.name, types, changed: Math.max(modified, list.changed) }),
    });
    return { made, modified };
  }

  async *#values(
    list: string,
    types: readonly CurrentValue['type'][],
    allowed: (value: CurrentValue) => boolean,
  ): AsyncGenerator<readonly CurrentValue[]> {
    for (const type of types)
      for await (const names of namePages(this.#parts.store, [valuesIn(list, type)], WINDOW))
        yield names.map((name) => valueOfName(type, name)).filter(allowed);
  }
}

/** True if everybody who may read the list may have these files of it. */
function fits(kept: Kept, list: SavedListRecord, now: number): boolean {
  const sources = sourcesOf(list, now);
  return kept.owner === list.owner && kept.collections.every((id) => sources.includes(id));
}

/** Returns the format of a response. Throws a Problem for one that acts more than the values were selected for. */
export function formatOf(list: SavedListRecord, name: string | undefined): ListFormat {
  const own = formatNamed(list.format);
  if (name === undefined || name === own.name) return own;
  const format = formatNamed(name);
  const isCarried = queryOf(list).types.some((type) => format.carries.includes(type));
  if (ACTS.indexOf(format.acts) <= ACTS.indexOf(own.acts) && isCarried) return format;
  throw sharingErrors.savedListFormat({ list: list.name, format: format.name, own: own.name });
}

function together(
  selected: Readonly<Record<string, number>>,
  written: ReadonlyMap<Omission, number>,
): ReadonlyMap<Omission, number> {
  return new Map(
    OMISSIONS.flatMap((reason) => {
      const count = (selected[reason] ?? 0) + (written.get(reason) ?? 0);
      return count === 0 ? [] : [[reason, count] as const];
    }),
  );
}

/**
 * Returns the parts of a basis: the version of the definition, what was suppressed, positions in collections, and
 * lifetimes.
 */
function basisOf(basis: string): [revision?: number, suppressed?: string, ...positions: string[]] {
  return JSON.parse(basis === '' ? '[]' : basis) as [number?, string?, ...string[]];
}

/** Returns how far the published values follow a collection, in microseconds since 1970. */
function cursorOf({ basis }: ListStateRecord, at: number): number {
  const [, , ...positions] = basisOf(basis);
  return Number((positions[at] ?? '0').split('/')[0]);
}
