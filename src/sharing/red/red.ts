import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import pLimit from 'p-limit';
import type { Red as RedListed, RedRequest } from '../../api/schema-types.ts';
import { readsRed, redRecords } from '../../access/accounts/account-reset.ts';
import type { Audit, FactDetails } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import { decide } from '../../access/policy.ts';
import { OPERATOR_ID, principalId, type AccountPrincipal, type Principal } from '../../access/principal.ts';
import { REDS, type RedHead, type RedRecord } from '../../access/red-model.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Sealer } from '../../access/sealing.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { gateSliced, readObject } from '../../kernel/json-gate.ts';
import { Problem } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { markingFacts } from '../../stix/markings.ts';
import type { StixObject } from '../../stix/types.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type RecordChange, type Store } from '../../store/store.ts';
import { checkSliced } from '../intake/judge.ts';
import { accessErrors } from '../../access/errors.ts';
import { redErrors } from './errors.ts';
import { versionFact } from '../../stix/versions.ts';

/** Maximum total size of all objects that one account has given. Their number is limited where a record is created. */
const MOST_BYTES = 32 * 1_048_576;
/** Maximum total size of what all accounts of a member, and all accounts of the hub, have given, as it is stored. */
const RED_BYTES: RedBytes = { member: 128 * 1_048_576, hub: 1_024 * 1_048_576 };

export interface RedBytes {
  readonly member: number;
  readonly hub: number;
}

/** The settings that differ between hubs. */
export interface RedOptions {
  readonly most?: RedBytes | undefined;
  /** The level of validation of the hub. */
  readonly validation: ValidationLevel;
}

/**
 * TLP:RED objects. They are in no collection. They are given to named people, who read them in person. Nothing else in
 * the hub includes them: no count, search, statistic or response to anybody else.
 */
export class Red {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #sealer: Sealer;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #audit: Audit;
  readonly #notifications: Pick<Notifications, 'notify' | 'prepare'>;
  readonly #most: RedBytes;
  /** One object is counted and stored at a time. Otherwise simultaneous requests could use the same room. */
  readonly #inTurn = pLimit(1);
  readonly #validation: ValidationLevel;

  constructor(
    store: Store,
    directory: Directory,
    sealer: Sealer,
    ids: Ids,
    clock: Clock,
    audit: Audit,
    notifications: Pick<Notifications, 'notify' | 'prepare'>,
    { most = RED_BYTES, validation }: RedOptions,
  ) {
    this.#validation = validation;
    this.#most = most;
    this.#notifications = notifications;
    this.#store = store;
    this.#directory = directory;
    this.#sealer = sealer;
    this.#ids = ids;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Gives an object to people. It must be valid STIX and marked TLP:RED. Other objects belong in a collection. */
  async give(actor: Principal, request: RedRequest): Promise<RedListed> {
    const by = principalId(actor);
    if (actor.kind !== 'account' || !can(actor, 'red.give', { kind: 'red', by, to: request.to }))
      throw accessErrors.notPermitted({ action: 'give TLP:RED to people' });
    const text = JSON.stringify(request.object);
    return this.store(actor, text, request);
  }

  /** Stores TLP:RED that may be given. `details` are added to the entry of the audit log. */
  async store(
    actor: AccountPrincipal,
    text: string,
    { to, note }: Omit<RedRequest, 'object'>,
    details: FactDetails['details'] = {},
  ): Promise<RedListed> {
    const directory = await this.#directory.refresh();
    const document = await gateSliced(Buffer.from(`{"objects":[${text}]}`));
    const [span] = document.objects;
    const checked = await checkSliced(
      span === undefined ? { pointer: '', message: 'is not there' } : readObject(document, span),
      { accept: ['2.0', '2.1'], validation: this.#validation },
      new Slices(this.#clock),
    );
    if (checked.kind === 'refused')
      throw redErrors.invalidObject({ description: checked.outcome.message ?? '' });
    const owner = actor.member ?? 'hub';
    const { tlp } = markingFacts(checked.object, (ref) => directory.marking(ref, owner));
    if (tlp !== 'red')
      throw redErrors.notRed({
        description: tlp === undefined ? 'It has no TLP marking.' : `It is TLP:${tlp.toUpperCase()}.`,
      });
    const persons = to.map((name) => ({ name, account: directory.accountNamed(name) }));
    const unknown = persons
      .filter(({ account }) => {
        const principal = account === undefined ? undefined : directory.principal(account.id);
        return principal === undefined || !readsRed(principal);
      })
      .map(({ name }) => name);
    if (unknown.length > 0) throw redErrors.notPersons({ names: unknown.join(', ').slice(0, 200) });
    const id = this.#ids.uuid();
    const head: RedHead = {
      object: checked.id,
      version: checked.version,
      ...(note === undefined ? {} : { note }),
    };
    const record: RedRecord = {
      head: this.#sealedHead(id, head),
      by: actor.account,
      at: new Date(this.#clock.now()).toISOString(),
      to: [...new Set(persons.flatMap(({ account }) => account?.id ?? []))],
      sealed: this.#sealer.seal(text, `red/${id}`),
      read: {},
    };
    // The notices contain no part of the object. Without notices, people would have to look every day.
    const notices = record.to.map((account) => this.#notifications.prepare(account, 'red.given'));
    await this.#inTurn(async () => {
      await this.#demandRoom(actor.account, owner, Buffer.byteLength(text));
      await this.#store.commit({
        records: [REDS.insert(id, record, { member: owner }), ...notices.map((notice) => notice.record)],
        facts: [this.#audit.fact(actor, 'red.give', `red/${id}`, { details: { ...details, to: to.length } })],
      });
    });
    for (const notice of notices) await notice.send();
    return listed(id, { ...record, ...head }, actor.account, directory);
  }

  /** Returns what the account was given and what it gave, newest first. */
  async list(actor: Principal): Promise<readonly RedListed[]> {
    const directory = await this.#directory.current();
    const found: RedListed[] = [];
    for await (const record of redRecords(this.#store)) {
      const red = record.document;
      if (can(actor, 'red.see', { kind: 'red', by: red.by, to: red.to }))
        found.push(listed(record.id, this.#opened(record.id, red), principalId(actor), directory));
    }
    return found.toSorted((a, b) => (a.at < b.at ? 1 : -1));
  }

  /** Returns true if an account has received TLP:RED. */
  async isGivenTo(account: string): Promise<boolean> {
    for await (const record of redRecords(this.#store)) if (record.document.to.includes(account)) return true;
    return false;
  }

  /**
   * Returns one object with its content. Each reading is recorded in the audit log, and the giver sees that it was
   * read.
   */
  async read(actor: Principal, id: string): Promise<RedListed & { readonly content: object }> {
    const record = await REDS.in(this.#store).get(id);
    const red = record?.document;
    const account = principalId(actor);
    if (record === undefined || red === undefined || !can(actor, 'red.see', { kind: 'red', ...red }))
      throw noRed(id);
    const isReadable = can(actor, 'red.read', { kind: 'red', ...red });
    const isRecipient = actor.kind === 'account' && actor.person && red.to.includes(actor.account);
    if (!isReadable && isRecipient && actor.session?.isPersonal === false)
      throw redErrors.ownPasswordRequired({
        hint: 'Change your password in the console (/console/account). If the settings file gives the password, ask an administrator for a one-time link: talanoa account invite.',
      });
    if (!isReadable) throw redErrors.consoleOnly();
    const content = JSON.parse(this.#sealer.open(red.sealed, `red/${id}`)) as StixObject;
    const directory = await this.#directory.current();
    const marking = markingFacts(content, (ref) => directory.marking(ref, 'hub'));
    const decision = decide(
      { effective: 'red', marking: { ...marking, missing: [], families: new Set() }, named: red.to },
      { kind: 'person', account },
      'console',
      this.#clock.now(),
    );
    if (decision.verdict !== 'allow') throw redErrors.recipientsOnly({ description: decision.message });
    const read = { ...red.read, [account]: red.read[account] ?? new Date(this.#clock.now()).toISOString() };
    const isFirst = red.read[account] === undefined;
    const document = { ...red, read };
    try {
      await this.#store.commit({
        records: isFirst ? [REDS.change(record, document)] : [],
        facts: [this.#audit.fact(actor, 'red.read', `red/${id}`)],
      });
    } catch (error) {
      // Another recipient read it at the same moment, or it was withdrawn.
      if (isFirst && error instanceof Problem && error.kind === 'conflict') return this.read(actor, id);
      throw error;
    }
    return { ...listed(id, this.#opened(id, { ...red, read }), account, directory), content };
  }

  /**
   * Returns the changes that withdraw TLP:RED that an account received or gave, for the deletion of the
   * account. Nobody is left who could read the former or withdraw the latter.
   */
  async holding(account: string): Promise<readonly RecordChange[]> {
    const changes: RecordChange[] = [];
    for await (const record of redRecords(this.#store)) {
      const { by, to } = record.document;
      if (by === account) changes.push(removal(record));
      else if (to.includes(account)) changes.push(withoutReader(record, account));
    }
    return changes;
  }

  /** Throws when the objects of a giver, of its member or of the hub would be larger together than the limit. */
  async #demandRoom(account: string, owner: string, added: number): Promise<void> {
    const ofAccount = await this.#store.recordUsage('red', { name: 'by', value: account });
    // Sealed text is a third longer.
    if (ofAccount.bytes * 0.75 + added > MOST_BYTES) throw tooMuch('This account', MOST_BYTES);
    const ofMember = await this.#store.recordUsage('red', { name: 'member', value: owner });
    if (ofMember.bytes + added > this.#most.member) throw tooMuch('This member', this.#most.member);
    const ofHub = await this.#store.recordUsage('red');
    if (ofHub.bytes + added > this.#most.hub) throw tooMuch('The hub', this.#most.hub);
  }

  #sealedHead(id: string, head: RedHead): string {
    return this.#sealer.seal(JSON.stringify(head), headContext(id));
  }

  #opened(id: string, red: RedRecord): RedRecord & RedHead {
    const { object = '', version = '', head } = red;
    return head === undefined
      ? { ...red, object, version }
      : { ...red, ...(JSON.parse(this.#sealer.open(head, headContext(id))) as RedHead) };
  }

  /**
   * Seals heads that an earlier version stored in the clear. Counts each object for the present member of its giver, also
   * when the account had another member before, or when an earlier version stored the object.
   */
  async #renew(directory: Snapshot): Promise<void> {
    for await (const record of redRecords(this.#store)) {
      const { object, version, note, ...red } = record.document;
      const isClear = red.head === undefined && object !== undefined && version !== undefined;
      const giver = directory.accounts.get(red.by);
      const isUnsure = giver === undefined || directory.damage.couldBeAccount(red.by);
      const member = isUnsure ? record.index['member'] : (giver.member ?? 'hub');
      if (!isClear && member === record.index['member']) continue;
      const head = isClear && { object, version, ...(note === undefined ? {} : { note }) };
      const document = head === false ? record.document : { ...red, head: this.#sealedHead(record.id, head) };
      const given = member === undefined ? {} : { member };
      try {
        await this.#store.commit({
          records: [REDS.put(record.id, record, document, given)],
          ...(isClear ? { scrub: true } : {}),
        });
      } catch (error) {
        // It was read or withdrawn at the same moment. The next round renews it.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }

  /**
   * Withdraws TLP:RED of deleted accounts, and TLP:RED that was given to accounts that are no longer a person's. The
   * settings file can cause both while no hub runs. The givers are notified. Seals what earlier versions stored in the
   * clear.
   */
  async sweep(): Promise<void> {
    const directory = await this.#directory.refresh();
    await this.#renew(directory);
    const holders = new Set<string>();
    for await (const record of redRecords(this.#store)) {
      const { by, to } = record.document;
      for (const holder of [by, ...to]) holders.add(holder);
    }
    for (const id of holders) {
      // TLP:RED of a damaged account waits until its record is repaired.
      if (id === OPERATOR_ID || directory.damage.couldBeAccount(id)) continue;
      const account = directory.accounts.get(id);
      if (account === undefined || !readsRed(account)) await this.#takeFrom(id, account?.name);
    }
  }

  /**
   * Withdraws TLP:RED of one account: for a deleted account (no name) also what it gave, otherwise what it was given.
   * The hub deletes and changes accounts together with their TLP:RED, so only the settings file leaves any behind.
   */
  async #takeFrom(id: string, name: string | undefined): Promise<void> {
    const given: Stored<RedRecord>[] = [];
    for await (const record of redRecords(this.#store))
      if (record.document.to.includes(id)) given.push(record);
    const records =
      name === undefined ? await this.holding(id) : given.map((record) => withoutReader(record, id));
    if (records.length === 0) return;
    await this.#store.commit({ records, scrub: true });
    const by = 'the settings file';
    if (name !== undefined) await this.#notifications.notify(id, 'red.lost', { by });
    for (const giver of new Set(given.map((record) => record.document.by)))
      if (giver !== id)
        await this.#notifications.notify(giver, 'red.unreadable', {
          by,
          account: name ?? 'an account that no longer exists',
        });
  }

  /** Withdraws an object, so that nobody can read it. The audit log keeps who has read it. */
  async withdraw(actor: Principal, id: string): Promise<void> {
    const record = await REDS.in(this.#store).get(id);
    const resource = record === undefined ? undefined : ({ kind: 'red', ...record.document } as const);
    if (record === undefined || resource === undefined) throw noRed(id);
    if (!can(actor, 'red.withdraw', resource)) {
      if (!can(actor, 'red.see', resource)) throw noRed(id);
      throw accessErrors.notPermitted(
        { action: 'withdraw this TLP:RED object' },
        { description: 'Only the account that gave it can withdraw it.' },
      );
    }
    await this.#store.commit({
      records: [removal(record)],
      scrub: true,
      facts: [this.#audit.fact(actor, 'red.withdraw', `red/${id}`)],
    });
  }
}

function tooMuch(holder: string, most: number): Problem {
  return redErrors.holderFull({ holder, most });
}

function noRed(id: string): Problem {
  return redErrors.notFound({ id: id.slice(0, 64) });
}

/** Returns TLP:RED without one of its recipients. It is removed if none remain. */
function withoutReader(record: Stored<RedRecord>, reader: string): RecordChange {
  const to = record.document.to.filter((one) => one !== reader);
  return to.length === 0 ? removal(record) : REDS.change(record, { ...record.document, to });
}

function headContext(id: string): string {
  return `red/${id}/head`;
}

/** Returns the entry for a list. A recipient does not see the other recipients. */
function listed(
  id: string,
  { object, version, by, at, to, note, read }: RedRecord & RedHead,
  reader: string,
  directory: Snapshot,
): RedListed {
  return {
    id,
    object,
    ...versionFact(version),
    by: directory.accountLabel(by),
    at,
    to: to
      .filter((account) => by === reader || account === reader)
      .map((account) => ({
        account: directory.accountLabel(account),
        ...(read[account] === undefined ? {} : { read: read[account] }),
      })),
    ...(note === undefined ? {} : { note }),
  };
}
