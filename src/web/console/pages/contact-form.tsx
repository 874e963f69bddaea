import type { Contact, ContactRequest } from '../../../api/schema-types.ts';
import { PURPOSES } from '../../../members/contacts/model.ts';
import { webErrors } from '../../errors.ts';
import type { ConsolePage, Form, PageContext } from '../page-table.ts';
import {
  ContactForm,
  KINDS,
  METHODS,
  MethodField,
  MOST_EMAILS,
  MOST_PHONES,
  NoteField,
  REACHES,
  READERS,
  Reasons,
} from './contact-form-view.tsx';
import { canChange, contactPath, CONTACTS } from './contact-parts.tsx';
import { Question } from './question.tsx';

type Sent = NonNullable<ContactRequest['fields']>;
type Readers = NonNullable<Sent['name_shown']>;

/** A new contact of the person's member, or of any member for an administrator of the hub. */
export const newContactPage: ConsolePage = {
  path: '/contacts/new',
  title: (m) => m.contacts.addAContact,
  needs: 'requestContactChange',
  show: async (context, form) => (
    <ContactForm contact={undefined} form={form} decides={context.permits('decideContactChange')} members={await membersOf(context)} />
  ),
  act: async (context, form) => {
    const member = form.field('member') ?? context.who.member ?? '';
    return ask(context, form, member, { fields: fieldsIn(form) });
  },
}; // prettier-ignore

/** The members that the form offers: of an officer, only the own one. */
async function membersOf({
  ask,
  permits,
  who,
}: PageContext): Promise<readonly (readonly [string, string])[]> {
  if (!permits('decideContactChange')) {
    if (who.member === undefined) throw webErrors.noPage();
    return [[who.member, who.member]];
  }
  const { items } = await ask('listMembers', { query: { limit: '1000' } });
  return [['hub', 'hub'], ...items.map(({ name, title }) => [name, title] as const)];
}

/** The change of a contact. */
export const editContactPage: ConsolePage = {
  path: '/contacts/:contact/edit',
  title: (m) => m.contacts.edit,
  needs: 'requestContactChange',
  show: async (context, form) => (
    <ContactForm contact={await changeable(context)} form={form} decides={context.permits('decideContactChange')} members={[]} />
  ),
  act: async (context, form) => {
    const { id, member } = await changeable(context);
    return ask(context, form, member, { contact: id, fields: fieldsIn(form) });
  },
}; // prettier-ignore

/** Returns the contact of the page. Throws for people who can only read it. */
async function changeable(context: PageContext): Promise<Contact> {
  const contact = await contactOf(context);
  if (!canChange(context, contact)) throw webErrors.noPage();
  return contact;
}

/** The removal of a contact. */
export const deleteContactPage: ConsolePage = {
  path: '/contacts/:contact/delete',
  title: (m) => m.contacts.delete,
  needs: 'requestContactChange',
  show: async (context, form) => {
    const contact = await changeable(context);
    const t = context.messages.contacts;
    const decides = context.permits('decideContactChange');
    return (
      <Question title={t.deleteIt(contact.label)} above={[contactPath(contact.id), contact.label]} form={form} action={decides ? t.delete : t.askTheHub} keep={t.keepIt} isDangerous>
        <div class="in">
          <p>{t.nobodyWillCall(contact.team)}</p>
          <Reasons form={form} decides={decides} />
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const { id, member } = await changeable(context);
    return ask(context, form, member, { contact: id, remove: true });
  },
}; // prettier-ignore

/** Recording that a person of the hub reached a contact. */
export const verifyContactPage: ConsolePage = {
  path: '/contacts/:contact/verify',
  title: (m) => m.contacts.iReachedThem,
  needs: 'verifyContact',
  show: async (context, form) => {
    const contact = await contactOf(context);
    const t = context.messages.contacts;
    return (
      <Question title={t.youReached(contact.label)} above={[contactPath(contact.id), contact.label]} heading={t.verification} form={form} action={t.saveIt} keep={t.cancel}>
        <div class="in">
          <p>{t.asWritten}</p>
          <MethodField form={form} label={t.how} />
          <NoteField form={form} hint={t.noteForTheLog} />
        </div>
      </Question>
    );
  },
  act: async (context, form) => {
    const { id } = await contactOf(context);
    const method = methodIn(form);
    if (method === undefined) throw webErrors.invalidInput({ description: context.messages.contacts.chooseHow });
    const note = form.field('note');
    await context.ask('verifyContact', { parameters: { contact: id }, body: { method, ...(note === undefined ? {} : { note }) } });
    return `${contactPath(id)}?done=verified`;
  },
}; // prettier-ignore

function contactOf({ ask, path }: PageContext): Promise<Contact> {
  return ask('getContact', { parameters: { contact: path['contact'] ?? '' } });
}

/** Sends a change, and returns the page that says what happened. */
async function ask(context: PageContext, form: Form, member: string, request: ContactRequest): Promise<string> {
  const [method, note] = [methodIn(form), form.field('note')];
  const body = {
    ...request,
    ...(method === undefined || !context.permits('decideContactChange') ? {} : { method }),
    ...(note === undefined ? {} : { note }),
  };
  const made = await context.ask('requestContactChange', { parameters: { member }, body });
  const isThere = made.state === 'pending' ? made.kind !== 'create' : made.kind !== 'remove';
  return `${isThere ? contactPath(made.contact) : CONTACTS}?done=${made.state === 'pending' ? 'asked' : made.kind}`;
} // prettier-ignore

function methodIn(form: Form): (typeof METHODS)[number] | undefined {
  return METHODS.find((one) => one === form.field('method'));
}

/** Reads the fields of the form. A field that is empty is removed. */
function fieldsIn(form: Form): Sent {
  const [name, hours] = [form.field('name') ?? null, form.field('hours') ?? null];
  const holidays = wordsIn(form.field('holidays'));
  return {
    label: form.field('label') ?? '',
    name,
    name_shown: name === null ? null : readersIn(form, 'name'),
    purposes: PURPOSES.filter((one) => form.field(`purpose-${one}`) === 'yes'),
    order: numberIn(form, 'order', 1),
    wait: numberIn(form, 'wait', 15),
    languages: wordsIn(form.field('languages')),
    time_zone: form.field('zone') ?? '',
    hours,
    holidays: holidays.length === 0 ? null : holidays,
    keys: keysIn(form.field('keys')),
    phones: Array.from({ length: MOST_PHONES }, (_, i) => `phone${i}`).flatMap((row) => phoneIn(form, row)),
    emails: Array.from({ length: MOST_EMAILS }, (_, i) => `email${i}`).flatMap((row) => {
      const address = form.field(row);
      return address === undefined ? [] : [{ address, ...readersIn(form, row) }];
    }),
  };
} // prettier-ignore

/** Returns the armored blocks of a text. A text without any is sent as it is, and the hub returns the fault. */
function keysIn(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  const blocks = text.split(/(?=-----BEGIN PGP )/).map((one) => one.trim()).filter((one) => one !== '');
  return blocks.map((one) => one.padEnd(50));
} // prettier-ignore

function phoneIn(form: Form, row: string): NonNullable<Sent['phones']> {
  const number = form.field(row);
  if (number === undefined) return [];
  const kind = KINDS.find((one) => one === form.field(`${row}-kind`)) ?? 'duty';
  const reach = REACHES.filter((one) => form.field(`${row}-${one}`) === 'yes');
  return [{ number, kind, ...(reach.length === 0 ? {} : { reach }), ...readersIn(form, row) }];
}

/** Reads who sees a field. Members are named only where this is chosen. */
function readersIn(form: Form, row: string): Readers {
  const visibility = READERS.find((one) => one === form.field(`${row}-for`)) ?? 'hub';
  const members = wordsIn(form.field(`${row}-members`));
  return { visibility, ...(visibility === 'named' ? { members } : {}) };
}

function wordsIn(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,;]+/).filter((word) => word !== '');
}

/** A number that cannot be read is refused by the hub, with its field. */
function numberIn(form: Form, name: string, usual: number): number {
  const text = form.field(name);
  return text === undefined ? usual : Number(text);
}
