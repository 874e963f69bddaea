import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { ContactEmail, ContactKey, ContactPhone, ContactRecord, Shown } from './model.ts';

/** The personal fields of a contact that a reader may see. */
export interface Disclosed {
  readonly name?: string;
  readonly phones: readonly ContactPhone[];
  readonly emails: readonly ContactEmail[];
  readonly keys: readonly ContactKey[];
  /** The reader may also see who sees each field, and the whole record: the member itself, and the hub. */
  readonly isWhole: boolean;
}

/**
 * Returns the fields of a contact that a reader may see. Undefined if the reader may see no way to reach it: then the contact
 * does not exist for this reader. Every list, page, file and number about contacts is made from this function.
 */
export function disclosed(
  contact: Pick<ContactRecord, 'member' | 'name' | 'name_shown' | 'phones' | 'emails' | 'keys'>,
  isActive: boolean,
  actor: Principal,
): Disclosed | undefined {
  const { member, name, name_shown: nameShown = { visibility: 'hub' }, phones, emails, keys = [] } = contact;
  const sees = ({ visibility, members = [] }: Shown): boolean =>
    can(actor, 'contact.read', { kind: 'contact', member, isActive, visibility, named: members });
  const seen = { phones: phones.filter(sees), emails: emails.filter(sees) };
  if (seen.phones.length + seen.emails.length === 0) return undefined;
  const isWhole = can(actor, 'contact.history', { kind: 'member', name: member });
  const seesName = name !== undefined && sees(nameShown);
  // A key names its owner and addresses to everybody who has it.
  const hidden = [
    ...emails.filter((email) => !sees(email)).map(({ address }) => address),
    ...(name === undefined || seesName ? [] : [name]),
  ].map((text) => text.toLowerCase());
  const isShown = ({ user_ids: ids }: ContactKey): boolean =>
    !hidden.some((text) => ids.some((id) => id.toLowerCase().includes(text)));
  return { ...seen, keys: keys.filter(isShown), isWhole, ...(seesName ? { name } : {}) };
}
