import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';
import type { Origin } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import { SIGN_INS, type SignIn, type SignInsRecord } from './model.ts';
import type { Principal } from '../principal.ts';
import { can } from '../rights.ts';
import { accountResource, type AccountInfo } from '../snapshot.ts';
import { accountErrors } from '../accounts/errors.ts';

/** Maximum number of entries per account. */
const MOST = 50;
/** Refused attempts fill at most half of the entries, so guesses cannot push real sign-ins out. */
const MOST_REFUSED = MOST / 2;
/** A repeated refusal within this time is counted instead of listed, so guesses do not cause one write each. */
const TOGETHER_MS = 60_000;
const TRIES = 5;
const LONGEST_AGENT = 120;

/** A sign-in of an account, or a refused attempt. Times are in RFC 3339 format. */
export interface SignInListed extends Omit<SignIn, 'at'> {
  readonly at: string;
}

/**
 * The last sign-ins and refused attempts of each account. People use this list to check that every sign-in
 * was theirs.
 */
export class SignInHistory {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(store: Store, directory: Directory, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Performs a step of a sign-in, and records a refusal for the account. Names that belong to no account
   * leave no trace here.
   */
  async watch<T>(name: string, way: string, from: Origin, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof Problem && (error.kind === 'unauthenticated' || error.kind === 'rate-limited')) {
        const account = (await this.#directory.current()).accountNamed(name.normalize('NFKC').toLowerCase());
        if (account !== undefined) await this.#add(account, way, 'refused', from);
      }
      throw error;
    }
  }

  /** Records a sign-in of an account. */
  async accepted(account: AccountInfo, way: string, from: Origin): Promise<void> {
    await this.#add(account, way, 'accepted', from);
  }

  /** Returns the sign-ins of an account, newest first, for the account itself and for those who manage it. */
  async list(actor: Principal, name: string): Promise<readonly SignInListed[]> {
    const account = (await this.#directory.refresh()).accountNamed(name);
    if (account === undefined || !can(actor, 'account.read', accountResource(account)))
      throw accountErrors.notFound({ name: name.slice(0, 64) });
    return entriesOf(await SIGN_INS.in(this.#store).get(account.id)).map(({ at, ...entry }) => ({
      at: new Date(at).toISOString(),
      ...entry,
    }));
  }

  /** Removes the history of deleted accounts. */
  async sweep(): Promise<void> {
    const { accounts, damage } = await this.#directory.refresh();
    for await (const record of SIGN_INS.in(this.#store).each())
      if (!accounts.has(record.id) && !damage.couldBeAccount(record.id))
        await this.#store.commit({ records: [removal(record)] });
  }

  async #add(
    account: AccountInfo,
    way: string,
    result: SignIn['result'],
    { address, agent }: Origin,
  ): Promise<void> {
    const at = this.#clock.now();
    const entry: SignIn = { at, way, result, address, agent: agent.slice(0, LONGEST_AGENT) };
    for (let tries = 1; tries <= TRIES; tries++) {
      const record = await SIGN_INS.in(this.#store).get(account.id);
      const before = entriesOf(record);
      const [last] = before;
      if (result === 'refused' && last !== undefined && isSame(last, entry) && at - last.at < TOGETHER_MS)
        return;
      try {
        await this.#store.commit({
          records: [SIGN_INS.put(account.id, record, { entries: bounded([entry, ...before]) })],
        });
        return;
      } catch (error) {
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
    // Several sign-ins of one account happened at the same instant. The other entries are recorded. One
    // missing entry must not fail the sign-in.
    this.#log.warn('sign_in.not_listed', { account: account.name });
  }
}

function bounded(entries: readonly SignIn[]): readonly SignIn[] {
  let refused = 0;
  return entries.filter(({ result }) => result === 'accepted' || ++refused <= MOST_REFUSED).slice(0, MOST);
}

function isSame(a: SignIn, b: SignIn): boolean {
  return a.result === b.result && a.way === b.way && a.address === b.address;
}

function entriesOf(record: Stored<SignInsRecord> | undefined): readonly SignIn[] {
  return record?.document.entries ?? [];
}
