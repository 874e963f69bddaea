import type { Directory } from '../../access/directory.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import type { Amount, EnvelopeUsage, Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';

/** The limits of envelopes without an outcome, and of receipts. */
export interface EnvelopeNumbers {
  readonly pending: { readonly account: Amount; readonly member: Amount; readonly hub: Amount };
  readonly receipts: { readonly account: Amount; readonly hub: Amount };
}

const MIB = 1_048_576;

export const ENVELOPE_NUMBERS: EnvelopeNumbers = {
  pending: {
    account: { items: 200, bytes: 512 * MIB },
    member: { items: 500, bytes: 1_024 * MIB },
    hub: { items: 2_000, bytes: 4_096 * MIB },
  },
  receipts: {
    account: { items: 20_000, bytes: 256 * MIB },
    hub: { items: 400_000, bytes: 2_048 * MIB },
  },
};

const RETRY_S = 10;

/**
 * Limits envelopes without an outcome: those that wait in the store, and those that this process works on. An
 * envelope that begins below the limits is accepted as a whole.
 */
export class PendingBounds {
  readonly #store: Pick<Store, 'envelopeUsage'>;
  readonly #directory: Directory;
  readonly #most: EnvelopeNumbers['pending'];
  /** Envelopes of this process that are not in the store yet. */
  readonly #working = new Set<Omit<EnvelopeUsage, 'items'>>();

  constructor(
    store: Pick<Store, 'envelopeUsage'>,
    directory: Directory,
    most: EnvelopeNumbers['pending'] = ENVELOPE_NUMBERS.pending,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#most = most;
  }

  /**
   * Reserves a place for an envelope. Returns a function that gives the place back, once the envelope is in the
   * store or has its outcome. Throws a Problem when there is no room.
   */
  async reserve(principal: Principal, bytes: number): Promise<() => void> {
    const account = principalId(principal);
    const member = principal.kind === 'account' ? principal.member : undefined;
    const own = { account, ...(member === undefined ? {} : { member }), bytes };
    this.#working.add(own);
    const release = (): void => void this.#working.delete(own);
    try {
      // The place is taken first, so of simultaneous requests to this process, none misses another. An envelope that
      // is stored in between is counted twice, never not at all.
      const working = [...this.#working].filter((one) => one !== own);
      const [stored, directory] = [await this.#store.envelopeUsage(), await this.#directory.current()];
      const all: readonly EnvelopeUsage[] = [...working.map((one) => ({ ...one, items: 1 })), ...stored];
      // A disabled or removed account still counts for the member that it submitted for. Otherwise an officer could use
      // one account after another. Envelopes of earlier versions do not name the member.
      const ofMember = (one: EnvelopeUsage): boolean =>
        (one.member ?? directory.accounts.get(one.account)?.member) === member;
      demand(
        all.filter((one) => one.account === account),
        this.#most.account,
        'This account',
        'rate-limited',
      );
      if (member !== undefined) demand(all.filter(ofMember), this.#most.member, 'This member', 'rate-limited'); // prettier-ignore
      demand(all, this.#most.hub, 'The hub', 'unavailable');
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }
}

function demand(
  parts: readonly Amount[],
  most: Amount,
  owner: string,
  kind: 'rate-limited' | 'unavailable',
): void {
  const items = parts.reduce((sum, part) => sum + part.items, 0);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (items < most.items && bytes < most.bytes) return;
  const occurrence = {
    description: `At most ${most.items.toLocaleString('en')} envelopes and ${most.bytes / MIB} MiB can wait at the same time.`,
    headers: { 'Retry-After': String(RETRY_S) },
  };
  throw kind === 'unavailable'
    ? sharingErrors.hubBusy({ owner }, occurrence)
    : sharingErrors.tooManyPending({ owner }, occurrence);
}

/** Maximum number of accounts whose receipts are counted at once. */
const MOST_COUNTED = 10_000;

/**
 * Limits receipts, which are kept for a day. Above the limit of an account, its oldest are removed. The hub's limit is
 * divided among its members, so that a member with many accounts removes its own oldest receipts and never those of
 * others; receipts of removed accounts go first. Receipts are counted only after each tenth of a limit, so that an
 * envelope needs no further command.
 */
export class ReceiptBounds {
  readonly #store: Pick<Store, 'trimReceipts' | 'receiptUsage'>;
  readonly #directory: Directory;
  readonly #most: EnvelopeNumbers['receipts'];
  /** The receipts of accounts since they were last counted. The hub has an empty name. */
  readonly #written = new Map<string, Amount>();

  constructor(
    store: Pick<Store, 'trimReceipts' | 'receiptUsage'>,
    directory: Directory,
    most: EnvelopeNumbers['receipts'] = ENVELOPE_NUMBERS.receipts,
  ) {
    this.#store = store;
    this.#directory = directory;
    this.#most = most;
  }

  /** Called after a receipt was stored. */
  async wrote(account: string, bytes: number): Promise<void> {
    for (const owner of [account, '']) {
      const most = owner === '' ? this.#most.hub : this.#most.account;
      const { items, bytes: before } = this.#written.get(owner) ?? { items: 0, bytes: 0 };
      const now = { items: items + 1, bytes: before + bytes };
      this.#written.set(owner, now);
      if (now.items * 10 >= most.items || now.bytes * 10 >= most.bytes) await this.#trim(owner);
    }
    const [, first = ''] = this.#written.keys();
    if (this.#written.size > MOST_COUNTED) this.#written.delete(first);
  }

  /** Counts the receipts of all accounts, also those that other processes or an earlier version wrote. */
  async sweep(): Promise<void> {
    for (const { account } of await this.#store.receiptUsage()) await this.#trim(account);
    await this.#trim('');
  }

  async #trim(owner: string): Promise<void> {
    this.#written.delete(owner);
    if (owner === '') await this.#trimShares();
    const most = owner === '' ? this.#most.hub : this.#most.account;
    while ((await this.#store.trimReceipts(owner === '' ? undefined : owner, most)) > 0);
  }

  /** Divides the room of the hub among its members, and the room of a member among its accounts. */
  async #trimShares(): Promise<void> {
    const { accounts, damage } = await this.#directory.current();
    const usage = await this.#store.receiptUsage();
    const { items, bytes } = total(usage);
    const { hub } = this.#most;
    if (items <= hub.items && bytes <= hub.bytes) return;
    const parties = new Map<string, typeof usage>();
    for (const one of usage) {
      const account = accounts.get(one.account);
      // Nobody can read the receipts of a removed account.
      if (account === undefined && !damage.couldBeAccount(one.account))
        await this.#cut(one.account, { items: 0, bytes: 0 });
      else {
        const party = account?.member ?? '';
        parties.set(party, [...(parties.get(party) ?? []), one]);
      }
    }
    const share = shareOf([...parties.values()].map(total), hub);
    for (const party of parties.values()) {
      const own = shareOf(party, share);
      for (const one of party)
        if (one.items > own.items || one.bytes > own.bytes) await this.#cut(one.account, own);
    }
  }

  async #cut(account: string, most: Amount): Promise<void> {
    while ((await this.#store.trimReceipts(account, most)) > 0);
  }
}

function total(parts: readonly Amount[]): Amount {
  return {
    items: parts.reduce((sum, part) => sum + part.items, 0),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
  };
}

/** Returns the most that each part may have, so that all fit. Room that small parts leave goes to the others. */
function shareOf(parts: readonly Amount[], most: Amount): Amount {
  const level = (key: keyof Amount): number => {
    let left = most[key];
    for (const [i, part] of parts.toSorted((a, b) => a[key] - b[key]).entries()) {
      const share = Math.floor(left / (parts.length - i));
      if (part[key] > share) return share;
      left -= part[key];
    }
    return most[key];
  };
  return { items: level('items'), bytes: level('bytes') };
}
