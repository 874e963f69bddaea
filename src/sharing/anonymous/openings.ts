import type { AnonymousOpening } from '../../api/schema-types.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { principalId, principalName, type Principal } from '../../access/principal.ts';
import type { Sealer } from '../../access/sealing.ts';
import { PEOPLE, type PersonDecision, type TwoPeople } from '../../access/two-people.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';
import { anonymousErrors } from './errors.ts';
import { SEAL_OPENINGS, type SealOpeningRecord } from './model.ts';
import type { Opened, SealedOrigins } from './sealed-origins.ts';

const DAY_MS = 86_400_000;
/** A request waits this long for a second person. */
const ASKED_MS = 7 * DAY_MS;
/** Both people can read the opened seal for this long. */
const OPEN_MS = DAY_MS;
const MOST_SWEPT = 500;

interface OpeningParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly origins: SealedOrigins;
  readonly sealer: Pick<Sealer, 'fingerprint'>;
  readonly twoPeople: TwoPeople;
  readonly notifications: Pick<Notifications, 'notify'>;
  readonly clock: Clock;
  readonly audit: Audit;
}

/**
 * Opens the seals of anonymous objects for two administrators of the hub together. The first asks, the second opens, and
 * both can read the origin for a day. The officers of the member see in the audit log who opened the seal and why.
 */
export class SealOpenings {
  readonly #s: OpeningParts;

  constructor(parts: OpeningParts) {
    this.#s = parts;
  }

  /**
   * Asks for the opening of a seal, or opens it if somebody else has asked. Throws `forbidden` for the person who asked,
   * for everybody else while it is open, and for accounts that cannot take part now (`two-people.ts`). A request of an
   * account that can no longer take part does not count.
   */
  async open(actor: Principal, id: string, reason: string): Promise<AnonymousOpening> {
    const { store, origins, twoPeople, clock } = this.#s;
    twoPeople.demandRight(actor, 'seal.open', 'open seals');
    const found = await origins.ofReleased(id);
    if (found === undefined) throw anonymousErrors.notFound({ id: id.slice(0, 200) });
    const key = this.#s.sealer.fingerprint(`opening of ${id}`).slice(0, 22);
    const record = await SEAL_OPENINGS.in(store).get(key);
    const now = clock.now();
    const mine = { by: principalId(actor), at: now, reason };
    const refusal = () => anonymousErrors.secondPerson({ id });
    // Also of those who read an open seal: somebody else may have taken over their account since.
    await twoPeople.demandOther(actor, 'seal.open', [], refusal);
    if (record === undefined || record.document.until <= now || !(await this.#counts(record.document)))
      return this.#ask(actor, found, SEAL_OPENINGS.put(key, record, { approvals: [mine], until: now + ASKED_MS }), mine); // prettier-ignore
    const { approvals } = record.document;
    if (approvals.length >= PEOPLE) {
      if (!approvals.some(({ by }) => by === mine.by)) throw refusal();
      return this.#opened(actor, found, record.document);
    }
    await twoPeople.demandOther(actor, 'seal.open', approvals.map(({ by }) => by), refusal); // prettier-ignore
    return this.#openTogether(actor, found, record, mine);
  }

  /** False for a request that waits for a second person, if the first one can no longer take part. */
  async #counts({ approvals: [first, second] }: SealOpeningRecord): Promise<boolean> {
    return (
      second !== undefined ||
      (first !== undefined && (await this.#s.twoPeople.stillCounts(first, 'seal.open')))
    );
  }

  /** Removes requests and openings that ended. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#s;
    const ended = (await SEAL_OPENINGS.in(store).list())
      .filter(({ document }) => document.until <= clock.now())
      .slice(0, MOST_SWEPT);
    if (ended.length > 0) await store.commit({ records: ended.map(removal) });
  }

  async #ask(
    actor: Principal,
    { origin: { released } }: Opened,
    change: ReturnType<typeof SEAL_OPENINGS.put>,
    { reason }: PersonDecision,
  ): Promise<AnonymousOpening> {
    const { store, audit, directory, notifications, clock } = this.#s;
    // This entry does not name the member, because one person alone must not learn it.
    const fact = audit.fact(actor, 'seal.ask', `object/${released}`, { details: { reason } });
    await store.commit({ records: [change], facts: [fact] });
    for (const { id, member, role, disabled } of (await directory.current()).accounts.values())
      if (role === 'administrator' && member === undefined && !disabled && id !== principalId(actor))
        await notifications.notify(id, 'seal.asked', { by: principalName(actor), object: released, reason });
    return {
      id: released,
      state: 'asked',
      until: new Date(clock.now() + ASKED_MS).toISOString(),
    };
  }

  async #openTogether(
    actor: Principal,
    found: Opened,
    record: Stored<SealOpeningRecord>,
    mine: PersonDecision,
  ): Promise<AnonymousOpening> {
    const { store, audit } = this.#s;
    const { member, original, released } = found.origin;
    const [first] = record.document.approvals;
    const document = { approvals: [...record.document.approvals, mine], until: mine.at + OPEN_MS };
    // Nobody but the member sees the two in this entry (`audit-reading.ts`). The random id also keeps readers from guessing
    // the member by the hash of the entry.
    const details = { reason: `${first?.reason ?? ''} / ${mine.reason}`, original };
    await store.commit({
      records: [SEAL_OPENINGS.change(record, document)],
      facts: [audit.fact(actor, 'seal.open', `object/${released}`, { member, details })],
    });
    return this.#opened(actor, found, document);
  }

  async #opened(
    actor: Principal,
    { origin: { member, account, original, released, attribution, at } }: Opened,
    { until }: SealOpeningRecord,
  ): Promise<AnonymousOpening> {
    const visible = VisibleNames.of(await this.#s.directory.current(), actor);
    return {
      id: released,
      state: 'open',
      until: new Date(until).toISOString(),
      member,
      account: visible.actor(account),
      original,
      attribution,
      at: new Date(at).toISOString(),
    };
  }
}
