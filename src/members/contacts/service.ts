import type {
  Contact,
  ContactChange,
  ContactDecision,
  ContactRequest,
  ContactVerification,
} from '../../api/schema-types.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { accessErrors } from '../../access/errors.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames, suggestion } from '../../access/visible-names.ts';
import { canonical } from '../../kernel/canonical.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { memberErrors } from '../errors.ts';
import { removal, type RecordChange, type Store } from '../../store/store.ts';
import type { Stored } from '../../store/records.ts';
import { contactErrors } from './errors.ts';
import { listedChange, listedContact, type Reader } from './listed.ts';
import {
  CONTACTS,
  CONTACT_CHANGES,
  FIELD_NAMES,
  type ContactChangeRecord,
  type ContactFields,
  type ContactRecord,
  type FieldName,
  type Method,
} from './model.ts';
import { OpenHours } from './hours.ts';
import { stageOf } from './keys.ts';
import { keyNotices, noticesOf, type ContactMail } from './notices.ts';
import { isNight, withFields, type SentFields } from './rules.ts';

/** Maximum number of changes of one member that wait for a decision. */
const MOST_WAITING = 30;

interface ContactParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly notifications: Pick<Notifications, 'prepare'>;
  /** Sends an email to addresses of contacts. Undefined on a hub without a mail server. */
  readonly mail: ContactMail | undefined;
}

/** Narrows the list of contacts down. */
export interface ContactQuery {
  readonly member?: string | undefined;
  readonly purpose?: string | undefined;
  /** Only contacts who can be reached now. */
  readonly isOpen?: boolean;
}

/** A change before it is stored. */
type Draft = Pick<ContactChangeRecord, 'kind' | 'member' | 'contact' | 'label' | 'before' | 'after'>;

/**
 * The contacts of members and of the hub: whom to call, when, and who may see which number. Officers request changes, and
 * what is in force stays until an administrator of the hub has decided.
 */
export class Contacts {
  readonly #s: ContactParts;
  readonly #hours = new OpenHours();

  constructor(parts: ContactParts) {
    this.#s = parts;
  }

  /** Returns the contacts that the caller may see: the hub first, then by the titles of members, in the order of calling. */
  async list(actor: Principal, query: ContactQuery = {}): Promise<readonly Contact[]> {
    const reader = await this.#reader(actor);
    const pending = await this.#pending();
    const { member, purpose, isOpen = false } = query;
    return (await CONTACTS.all(this.#s.store))
      .filter(({ document }) => member === undefined || document.member === member)
      .flatMap((record) => listedContact(record, pending.get(record.id) ?? 0, reader, true) ?? [])
      .filter(({ purposes, now }) => (purpose === undefined || purposes.some((one) => one === purpose)) && (!isOpen || now.state === 'open'))
      .toSorted((a, b) => rank(a) - rank(b) || a.team.localeCompare(b.team) || a.order - b.order || (a.id < b.id ? -1 : 1));
  } // prettier-ignore

  /** Returns a contact. Throws `not-found` for one of which the caller may see no field. */
  async get(actor: Principal, id: string): Promise<Contact> {
    const record = await CONTACTS.in(this.#s.store).get(id);
    if (record === undefined) throw contactErrors.notFound();
    const pending = (await this.#pending()).get(id) ?? 0;
    const found = listedContact(record, pending, await this.#reader(actor), false);
    if (found === undefined) throw contactErrors.notFound();
    return found;
  }

  /**
   * Requests the creation, change or removal of a contact of a member. The change of an administrator of the hub comes into
   * force at once, that of an officer after a decision. All faults of the fields are reported at once (`TLN-M-441`).
   */
  async change(actor: Principal, member: string, request: ContactRequest): Promise<ContactChange> {
    const directory = await this.#s.directory.current();
    this.#demandWriter(actor, member, directory);
    const isHub = can(actor, 'hub.write', { kind: 'hub' });
    if (!isHub && request.method !== undefined) throw contactErrors.methodOfHub();
    const record = await this.#contactOf(member, request.contact);
    const draft = await this.#draft(member, record, request, isHub);
    const is24x7 = isNight(draft.before) || isNight(draft.after) || (record !== undefined && isNight(record.document));
    const { clock, ids } = this.#s;
    const change: ContactChangeRecord = {
      ...{ ...draft, is24x7, by: principalId(actor), at: clock.now(), state: 'pending' },
      ...(request.note === undefined ? {} : { note: request.note }),
    };
    const id = ids.uuid();
    if (isHub) return this.#apply(actor, id, undefined, change, record, namesOf(change), request);
    const waiting = await CONTACT_CHANGES.in(this.#s.store).by('member', member);
    if (waiting.filter(({ document }) => document.state === 'pending').length >= MOST_WAITING)
      throw contactErrors.tooManyWaiting({ most: MOST_WAITING });
    await this.#commit(actor, 'contact.ask', id, change, [CONTACT_CHANGES.insert(id, change)], record, is24x7);
    return listedChange({ id, document: change }, { actor, directory });
  } // prettier-ignore

  /** Returns changes of contacts whose history the caller may see, newest first. Without `state`, those of every state. */
  async changes(
    actor: Principal,
    query: { readonly contact?: string | undefined; readonly state?: string | undefined } = {},
  ): Promise<readonly ContactChange[]> {
    const directory = await this.#s.directory.current();
    return (await CONTACT_CHANGES.all(this.#s.store))
      .filter(({ document: { member, contact, state } }) => this.#seesHistory(actor, member) && (query.contact ?? contact) === contact && (query.state ?? state) === state)
      .toSorted((a, b) => b.document.at - a.document.at || (a.id < b.id ? -1 : 1))
      .map((record) => listedChange(record, { actor, directory }));
  } // prettier-ignore

  /**
   * Accepts or declines a requested change. `fields` limits what comes into force. Throws `TLN-M-444` if the contact has other
   * values than those that the request replaces.
   */
  async decide(actor: Principal, id: string, decision: ContactDecision): Promise<ContactChange> {
    if (!can(actor, 'hub.write', { kind: 'hub' })) throw accessErrors.notPermitted({ action: 'decide on contacts' }); // prettier-ignore
    const stored = await CONTACT_CHANGES.in(this.#s.store).get(id);
    if (stored === undefined) throw contactErrors.changeNotFound();
    const { document: change } = stored;
    if (change.state !== 'pending') throw contactErrors.decided();
    const record = await CONTACTS.in(this.#s.store).get(change.contact);
    if (decision.verdict === 'accept') {
      const asked = namesOf(change);
      const accepted = change.kind === 'update' ? asked.filter((name) => decision.fields?.includes(name) ?? true) : asked;
      if (accepted.length === 0) throw memberErrors.nothingToChange();
      return this.#apply(actor, id, stored, change, record, accepted, decision);
    }
    const declined = { ...change, state: 'declined' as const, ...this.#decided(actor, decision) };
    await this.#commit(actor, 'contact.decline', id, declined, [CONTACT_CHANGES.change(stored, declined)], record, change.is24x7);
    return listedChange({ id, document: declined }, { actor, directory: await this.#s.directory.current() });
  } // prettier-ignore

  /** Records that somebody of the hub reached a contact as it is written, at the revision that the caller has seen. */
  async verify(
    actor: Principal,
    id: string,
    { method, note }: ContactVerification,
    revision?: number,
  ): Promise<Contact> {
    const { store, clock, audit } = this.#s;
    if (!can(actor, 'hub.read', { kind: 'hub' }))
      throw accessErrors.notPermitted({ action: 'verify contacts' });
    const record = await CONTACTS.in(store).get(id);
    if (record === undefined) throw contactErrors.notFound();
    if (revision !== undefined && revision !== record.revision) throw contactErrors.changedMeanwhile();
    const verified = { at: clock.now(), by: principalId(actor), method };
    const fact = audit.fact(actor, 'contact.verify', `contact/${id}`, {
      member: record.document.member,
      details: { method, ...(note === undefined ? {} : { note }) },
    });
    await store.commit({
      records: [CONTACTS.change(record, { ...record.document, verified })],
      facts: [fact],
    });
    return this.get(actor, id);
  }

  /** Notifies officers 30 days, 7 days and 1 day before a key of their member ends. */
  async sweep(): Promise<void> {
    const { store, clock, directory } = this.#s;
    for (const record of await CONTACTS.all(store)) {
      const { keys = [], warned = {} } = record.document;
      const ending = keys.flatMap((key) => {
        const stage = stageOf(key, clock.now());
        return stage === undefined || (warned[key.fingerprint] ?? Infinity) <= stage ? [] : [{ key, stage }];
      });
      if (ending.length === 0) continue;
      const notices = keyNotices(this.#s, record, ending, await directory.current());
      const stages = Object.fromEntries(ending.map(({ key, stage }) => [key.fingerprint, stage]));
      const change = CONTACTS.change(record, { ...record.document, warned: { ...warned, ...stages } });
      await store.commit({ records: [change, ...notices.records] });
      await notices.send();
    }
  }

  /** Brings a change into force, and stores it as decided. */
  async #apply(
    actor: Principal,
    id: string,
    stored: Stored<ContactChangeRecord> | undefined,
    requested: ContactChangeRecord,
    record: Stored<ContactRecord> | undefined,
    accepted: readonly FieldName[],
    decision: { readonly method?: Method; readonly note?: string },
  ): Promise<ContactChange> {
    // The contact can have become a 24/7 contact since the request.
    const is24x7 = requested.is24x7 || (record !== undefined && isNight(record.document));
    const change = { ...requested, is24x7 };
    if (is24x7 && decision.method === undefined) throw contactErrors.methodNeeded();
    if (accepted.includes('keys') && hasNewKey(change) && decision.method === undefined)
      throw contactErrors.keyMethodNeeded();
    if (change.kind !== 'create') demandPresent(record, change, accepted);
    const applied = { ...change, state: 'applied' as const, accepted, ...this.#decided(actor, decision) };
    const changes = [
      stored === undefined ? CONTACT_CHANGES.insert(id, applied) : CONTACT_CHANGES.change(stored, applied),
      await this.#written(change, record, accepted),
    ];
    await this.#commit(actor, `contact.${change.kind}`, id, applied, changes, record, change.is24x7);
    return listedChange({ id, document: applied }, { actor, directory: await this.#s.directory.current() });
  }

  /** Returns the change of the record of the contact itself. */
  async #written(
    change: ContactChangeRecord,
    record: Stored<ContactRecord> | undefined,
    accepted: readonly FieldName[],
  ): Promise<RecordChange> {
    if (change.kind === 'remove' && record !== undefined) return removal(record);
    const sent: SentFields = Object.fromEntries(
      accepted.map((name) => [name, sentAgain(change.after, name)]),
    );
    const { fields } = await this.#checked(record?.document ?? {}, sent, true);
    // A check of the contact as it was says nothing about a new number.
    const isOther = accepted.some((name) => name === 'phones' || name === 'emails' || name === 'keys');
    const { verified } = record?.document ?? {};
    const document: ContactRecord = {
      ...{ ...fields, member: change.member, changed: this.#s.clock.now() },
      ...(verified === undefined || isOther ? {} : { verified }),
    };
    return record === undefined
      ? CONTACTS.insert(change.contact, document)
      : CONTACTS.change(record, document);
  }

  async #draft(
    member: string,
    record: Stored<ContactRecord> | undefined,
    { remove, fields: sent = {} }: ContactRequest,
    isHub: boolean,
  ): Promise<Draft> {
    if (record !== undefined && remove === true) {
      const before = pick(record.document, FIELD_NAMES);
      return { kind: 'remove', member, contact: record.id, label: record.document.label, before, after: {} };
    }
    const { fields } = await this.#checked(record?.document ?? {}, sent, isHub);
    if (record === undefined)
      return { kind: 'create', member, contact: this.#s.ids.uuid(), label: fields.label, before: {}, after: pick(fields, FIELD_NAMES) };
    const changed = FIELD_NAMES.filter((name) => !isSame(record.document[name], fields[name]));
    if (changed.length === 0) throw memberErrors.nothingToChange();
    const { label } = record.document;
    return { kind: 'update', member, contact: record.id, label, before: pick(record.document, changed), after: pick(fields, changed) };
  } // prettier-ignore

  /**
   * Returns a contact with some fields set. Throws for faults of these fields. Only the hub learns from a fault
   * that a member does not exist, because officers do not know who the other members are.
   */
  async #checked(
    before: Partial<ContactRecord>,
    sent: SentFields,
    isHub: boolean,
  ): Promise<{ readonly fields: ContactFields }> {
    const { members } = await this.#s.directory.current();
    const knows = (name: string): boolean => !isHub || members.has(name);
    const { fields, faults } = await withFields(pick(before, FIELD_NAMES), sent, knows, this.#s.clock.now());
    if (faults.length > 0)
      throw contactErrors.invalid({
        description: faults.map(({ field, text }) => `${field}: ${text}`).join(' '),
      });
    return { fields };
  }

  async #contactOf(member: string, id: string | undefined): Promise<Stored<ContactRecord> | undefined> {
    if (id === undefined) return undefined;
    const record = await CONTACTS.in(this.#s.store).get(id);
    if (record === undefined || record.document.member !== member) throw contactErrors.notFound();
    return record;
  }

  #demandWriter(actor: Principal, member: string, directory: Snapshot): void {
    const sees = can(actor, 'member.read', { kind: 'member', name: member });
    if ((member !== 'hub' && !directory.members.has(member)) || (!sees && member !== 'hub'))
      throw memberErrors.notFound(
        { name: member.slice(0, 64) },
        suggestion(VisibleNames.of(directory, actor), 'member', member),
      );
    if (!can(actor, 'contact.write', { kind: 'member', name: member }))
      throw accessErrors.notPermitted(
        { action: 'change contacts of this member' },
        {
          description: 'An officer of the member requests changes, and administrators of the hub make them.',
        },
      );
  }

  #seesHistory(actor: Principal, member: string): boolean {
    return can(actor, 'contact.history', { kind: 'member', name: member });
  }

  #decided(actor: Principal, { method, note }: { readonly method?: Method; readonly note?: string }) {
    return {
      ...{ decided_by: principalId(actor), decided_at: this.#s.clock.now() },
      ...(method === undefined ? {} : { method }),
      ...(note === undefined ? {} : { note }),
    };
  }

  /** Stores a change with its audit entry and its notifications. The audit entry contains no number and no address. */
  async #commit(
    actor: Principal,
    action: string,
    id: string,
    change: ContactChangeRecord,
    records: readonly RecordChange[],
    record: Stored<ContactRecord> | undefined,
    tellsMails: boolean,
  ): Promise<void> {
    const { store, directory, audit } = this.#s;
    const { member, contact, label, accepted, method } = change;
    const notices = await noticesOf(this.#s, actor, { change, record, tellsMails, directory: await directory.current() });
    const details = { change: id, label, fields: accepted ?? namesOf(change), ...(method === undefined ? {} : { method }) };
    const facts = [audit.fact(actor, action, `contact/${contact}`, { member, details })];
    await store.commit({ records: [...records, ...notices.records], facts });
    await notices.send();
  } // prettier-ignore

  async #reader(actor: Principal): Promise<Reader> {
    const now = this.#s.clock.now();
    return { actor, directory: await this.#s.directory.current(), now, openAt: this.#hours.at(now) };
  }

  /** Returns the number of waiting changes by contact. */
  async #pending(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const { document } of await CONTACT_CHANGES.all(this.#s.store))
      if (document.state === 'pending') found.set(document.contact, (found.get(document.contact) ?? 0) + 1);
    return found;
  }
}

/** The hub comes first in every list. */
function rank({ member }: Contact): number {
  return member === 'hub' ? 0 : 1;
}

/** Returns the names of the fields that a change concerns. */
function namesOf({ before, after }: Pick<ContactChangeRecord, 'before' | 'after'>): readonly FieldName[] {
  return FIELD_NAMES.filter((name) => before[name] !== undefined || after[name] !== undefined);
}

function pick(from: Partial<ContactFields>, names: readonly FieldName[]): Partial<ContactFields> {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  );
}

/** Returns a field of a change as it would be sent again. Keys are read again, because they can have ended since. */
function sentAgain(after: Partial<ContactFields>, name: FieldName): unknown {
  return name === 'keys' ? (after.keys?.map(({ armored }) => armored) ?? null) : (after[name] ?? null);
}

function hasNewKey({ before, after }: ContactChangeRecord): boolean {
  const known = new Set(before.keys?.map(({ fingerprint }) => fingerprint));
  return after.keys?.some(({ fingerprint }) => !known.has(fingerprint)) === true;
}

function isSame(a: unknown, b: unknown): boolean {
  return canonical(a ?? null) === canonical(b ?? null);
}

/** Throws if a contact is gone, or has other values than those that a change replaces. */
function demandPresent(
  record: Stored<ContactRecord> | undefined,
  { before, kind }: ContactChangeRecord,
  accepted: readonly FieldName[],
): void {
  if (record === undefined) throw contactErrors.notFound();
  const compared = kind === 'remove' ? FIELD_NAMES : accepted;
  const others = compared.filter((name) => !isSame(record.document[name], before[name]));
  if (others.length > 0) throw contactErrors.outdated({ fields: others.join(', ') });
}
