import type { MemberInfo, Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import { sharingErrors } from '../errors.ts';
import type { SuppressedValues } from '../suppression/suppressed-values.ts';
import type { Lifetimes } from '../values/life.ts';
import type { ValueHead } from '../values/value-view.ts';
import { ListFiles, notMade, type InFiles } from './list-files.ts';
import type { MadeList } from './list-maker.ts';

/** A list is made again after this time even if nothing changed, because policies and warning lists can change. */
export const LONGEST_MS = 300_000;

/** The facts that a list is made from. A kept list is valid as long as these stay the same. */
export interface Basis {
  readonly directory: Snapshot;
  readonly head: ValueHead;
  readonly suppressed: SuppressedValues;
  readonly life: Lifetimes;
}

/** A complete list: its files, and how long they are valid. */
export interface Listed extends InFiles {
  readonly list: Pick<MadeList, 'plain' | 'gzip' | 'digest'>;
  /** The owners of the indicators of all values, also of those that were left out. */
  readonly owners: ReadonlySet<string>;
  /** The next time at which a value changes its state, in milliseconds since 1970. */
  readonly changesAt: number;
}

/** A list that is kept. */
export interface Kept<L extends Listed> extends InFiles {
  readonly made: L;
  /** The time of the last change of its text, in milliseconds since 1970. */
  readonly modified: number;
  /** The decisions of people that it was made with. */
  readonly suppressed: SuppressedValues;
  readonly position: string;
  readonly removed: number;
  readonly members: Snapshot['members'];
  readonly life: Lifetimes;
  readonly until: number;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
}

/** A list that a caller asks for. */
export interface Wanted<L extends Listed> {
  /** Equal for lists with equal content. */
  readonly key: string;
  readonly basis: Basis;
  /** The member that asks. Undefined for the hub and for the public. */
  readonly member: MemberInfo | undefined;
  /**
   * A list that was made within this time, in milliseconds, is sent although its collection has new objects or versions
   * since. Removals of objects and decisions of people about values are never late. 0 by default.
   */
  readonly mayBeOlderMs?: number;
  /** Makes the list. `path` begins the names of its files. `reader` is the member that it is made for alone. */
  readonly make: (path: string, now: number, made: Making<L>) => Promise<L>;
  /** Called when the list before is sent because a new one could not be made. */
  readonly onStale: (reason: unknown) => void;
}

/** For whom a list is made, and the list before. */
export interface Making<L> {
  readonly key: string;
  readonly reader: MemberInfo | undefined;
  readonly before: L | undefined;
}

/** A kept list, and whether it is the one before because a new one could not be made. */
export interface Current<L extends Listed> {
  readonly kept: Kept<L>;
  readonly isStale: boolean;
}

interface Limits {
  /** The folder for files. Its content is removed when the hub starts. */
  readonly folder: string;
  /** Maximum number of lists whose files are kept. */
  readonly mostKept: number;
  /** Maximum number of lists that wait to be made. */
  readonly mostWaiting: number;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Lists that are made once for each change of what they are made from, and kept in files. One is made at a time. When
 * one cannot be made, the one before is sent: tools that get an error keep or drop their list as they like. Only a list
 * from before a suppression is never sent.
 */
export class KeptLists<L extends Listed> {
  readonly #limits: Limits;
  readonly #files: ListFiles<Kept<L>>;
  readonly #making = new Map<
    string,
    { readonly made: Promise<Kept<L>> } & Pick<Basis, 'suppressed' | 'life'>
  >();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#files = new ListFiles(limits.folder, limits.mostKept);
  }

  /**
   * Returns the list that a caller reads. A member that reports some of the values reads a list of its own. Whether it does
   * must not depend on the claims of others, or the response time would reveal them.
   */
  async find(wanted: Wanted<L>): Promise<Current<L>> {
    const { key, member } = wanted;
    if (member === undefined || member.name === 'hub') return this.#current(key, wanted, undefined);
    const ownKey = `${key}\n${member.name}`;
    const shared =
      this.#files.get(ownKey) === undefined ? await this.#current(key, wanted, undefined) : undefined;
    return shared === undefined || shared.kept.made.owners.has(member.name)
      ? this.#current(ownKey, wanted, member)
      : shared;
  }

  async #current(key: string, wanted: Wanted<L>, reader: MemberInfo | undefined): Promise<Current<L>> {
    const kept = this.#files.get(key);
    if (kept !== undefined && isFresh(kept, wanted, this.#limits.clock.now()))
      return { kept, isStale: false };
    try {
      if (!wanted.basis.head.usable) throw sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } });
      return { kept: await this.#make(key, wanted, reader), isStale: false };
    } catch (error) {
      // A list from before a suppression may contain the value, and the decision applies to every list at once.
      if (kept === undefined || wanted.basis.suppressed.addsTo(kept.suppressed)) throw notMade(error);
      wanted.onStale(error);
      return { kept, isStale: true };
    }
  }

  /** Makes a list, or waits for it if it is being made. */
  #make(key: string, wanted: Wanted<L>, reader: MemberInfo | undefined): Promise<Kept<L>> {
    const { suppressed, life } = wanted.basis;
    const running = this.#making.get(key);
    // One that was begun before a suppression, or with other lifetimes, may contain a value that it must not.
    if (running?.suppressed === suppressed && running.life === life) return running.made;
    if (this.#making.size >= this.#limits.mostWaiting)
      return Promise.reject(sharingErrors.listNotReady({ headers: { 'Retry-After': '30' } }));
    const made = this.#turn
      .then(() => this.#makeNow(key, wanted, reader))
      .finally(() => {
        if (this.#making.get(key)?.made === made) this.#making.delete(key);
      });
    this.#making.set(key, { made, suppressed, life });
    this.#turn = made.catch(() => undefined);
    return made;
  }

  async #makeNow(key: string, { basis, make }: Wanted<L>, reader: MemberInfo | undefined): Promise<Kept<L>> {
    const { head, directory, suppressed, life } = basis;
    const now = this.#limits.clock.now();
    const before = this.#files.get(key);
    const made = await make(await this.#files.path(), now, { key, reader, before: before?.made });
    const kept: Kept<L> = {
      made,
      list: made.list,
      ...(made.beside === undefined ? {} : { beside: made.beside }),
      modified: before !== undefined && before.made.list.digest === made.list.digest ? before.modified : now,
      position: head.position,
      removed: head.removed,
      members: directory.members,
      suppressed,
      life,
      until: Math.min(made.changesAt, now + LONGEST_MS),
      at: now,
    };
    await this.#files.keep(key, kept);
    return kept;
  }
}

function isFresh(
  kept: Kept<Listed>,
  { basis, mayBeOlderMs = 0 }: Pick<Wanted<Listed>, 'basis' | 'mayBeOlderMs'>,
  now: number,
): boolean {
  const { head, directory, suppressed, life } = basis;
  return (
    !head.rebuilding &&
    (kept.position === head.position || (kept.removed === head.removed && now < kept.at + mayBeOlderMs)) &&
    kept.members === directory.members &&
    kept.suppressed === suppressed &&
    kept.life === life &&
    now < kept.until
  );
}
