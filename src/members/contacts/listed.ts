import type { Contact, ContactChange } from '../../api/schema-types.ts';
import type { Principal } from '../../access/principal.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { VisibleNames } from '../../access/visible-names.ts';
import type { Stored } from '../../store/records.ts';
import { disclosed } from './disclosure.ts';
import type { OpenNow } from './hours.ts';
import type { ContactChangeRecord, ContactFields, ContactKey, ContactRecord, Shown } from './model.ts';
import { verificationState } from './rules.ts';

/** A reader of contacts at one moment. */
export interface Reader {
  readonly actor: Principal;
  readonly directory: Snapshot;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether a contact can be reached now. */
  readonly openAt: (contact: ContactRecord) => OpenNow;
}

/** A list of whole keys would have tens of megabytes. */
function withoutArmor({ armored: _armored, ...key }: ContactKey) {
  return key;
}

/** Returns a field set of a change without whole keys. */
function withoutArmors({ keys, ...fields }: Partial<ContactFields>) {
  return { ...fields, ...(keys === undefined ? {} : { keys: keys.map(withoutArmor) }) };
}

/**
 * Returns a contact as the reader may see it. Lists leave out whole keys.
 * Undefined for a contact that does not exist for the reader.
 */
export function listedContact(
  { id, revision, document }: Stored<ContactRecord>,
  pending: number,
  { actor, directory, now, openAt }: Reader,
  isList: boolean,
): Contact | undefined {
  const { member, label, purposes, order, wait, languages, time_zone: zone, hours, holidays, verified } = document;
  const found = disclosed(document, isActive(member, directory), actor);
  if (found === undefined) return undefined;
  const { name, phones, emails, keys, isWhole } = found;
  const { changes, ...open } = openAt(document);
  const state = verificationState(document, now);
  return {
    ...{ id, member, team: teamOf(member, directory), label, purposes, order, wait, languages, time_zone: zone, revision },
    ...(name === undefined ? {} : { name }),
    ...(isWhole && document.name_shown !== undefined ? { name_shown: document.name_shown } : {}),
    ...(hours === undefined ? {} : { hours }),
    ...(holidays === undefined ? {} : { holidays }),
    now: { ...open, ...(changes === undefined ? {} : { changes: new Date(changes).toISOString() }) },
    phones: isWhole ? phones : phones.map(withoutReaders),
    emails: isWhole ? emails : emails.map(withoutReaders),
    keys: isList ? keys.map(withoutArmor) : keys,
    verification: verified === undefined ? { state } : { state, at: new Date(verified.at).toISOString(), method: verified.method },
    ...(isWhole ? { pending } : {}),
  };
} // prettier-ignore

/** Other members do not learn who else sees a field. */
function withoutReaders<T extends Shown>({ visibility: _visibility, members: _members, ...field }: T) {
  return field;
}

/** Returns a change of a contact for a reader who may see the history of its member. */
export function listedChange(
  { id, document }: Pick<Stored<ContactChangeRecord>, 'id' | 'document'>,
  { actor, directory }: Pick<Reader, 'actor' | 'directory'>,
): ContactChange {
  const { by, at, decided_by: decider, decided_at: decided, is24x7, before, after, ...change } = document;
  const visible = VisibleNames.of(directory, actor);
  return {
    ...change,
    before: withoutArmors(before),
    after: withoutArmors(after),
    id,
    team: teamOf(document.member, directory),
    night: is24x7,
    by: visible.actor(by),
    at: new Date(at).toISOString(),
    ...(decider === undefined ? {} : { decided_by: visible.actor(decider) }),
    ...(decided === undefined ? {} : { decided_at: new Date(decided).toISOString() }),
  };
}

/** The title of a member, or of the hub. */
function teamOf(member: string, directory: Snapshot): string {
  return directory.members.get(member)?.title ?? member;
}

/** True for the hub, and for a member that takes part in it. */
function isActive(member: string, directory: Snapshot): boolean {
  return member === 'hub' || directory.members.get(member)?.active === true;
}
