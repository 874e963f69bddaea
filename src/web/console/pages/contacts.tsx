import type { JSX } from 'preact';
import type { Contact, ContactChange, Contacts } from '../../../api/schema-types.ts';
import { contactsCsv, contactsVcard, tlpOfContacts } from '../../../members/contacts/formats.ts';
import { PURPOSES } from '../../../members/contacts/model.ts';
import { Acts, Block, Btn, Facts, St, State, Sub, Table } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Code, Details, Empty, Field, Select, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { Day, Time } from '../../shared/times.tsx';
import { textFor } from '../../shared/words.ts';
import { allowed } from '../allowed.ts';
import { nextPage } from './next-page.tsx';
import type { ConsolePage, PageContext } from '../page-table.ts';
import {
  canChange,
  contactChangePath,
  contactPath,
  CONTACTS,
  Emails,
  fieldsOf,
  fieldText,
  keyWords,
  OpenNow,
  Phones,
  There,
  Verified,
} from './contact-parts.tsx';

/** Numbers of contacts on a page, and in one request for a file. */
const ON_PAGE = 100;
const AT_ONCE = 1_000;

/** Returns some contacts that the filters of the address select, and where the next ones begin. */
function contactsOf(
  { ask, query }: Pick<PageContext, 'ask' | 'query'>,
  limit: number,
  after: string | undefined,
): Promise<Contacts> {
  const purpose = PURPOSES.find((one) => one === query('purpose'));
  const [member, open] = [query('member'), query('open')];
  return ask('listContacts', {
    query: {
      limit: String(limit),
      ...(after === undefined ? {} : { after }),
      ...(member === undefined ? {} : { member }),
      ...(purpose === undefined ? {} : { purpose }),
      ...(open === 'yes' ? { open } : {}),
    },
  });
}

/** Returns all contacts that the filters select, for a file. */
async function allContacts(context: Pick<PageContext, 'ask' | 'query'>): Promise<readonly Contact[]> {
  const found: Contact[] = [];
  for (let after: string | undefined; ;) {
    const { items, next } = await contactsOf(context, AT_ONCE, after);
    found.push(...items);
    if (next === undefined) return found;
    after = next;
  }
}

/** The contacts that the person may see, in the order of calling. */
export const contactsPage: ConsolePage = {
  path: '/contacts',
  title: (m) => m.contacts.contacts,
  nav: 'Network',
  needs: 'listContacts',
  show: async (context) => {
    const { query, permits, who, messages } = context;
    const found = await contactsOf(context, ON_PAGE, query('after'));
    const isOpenOnly = query('open') === 'yes';
    const filters = [
      ...(query('purpose') === undefined ? [] : [`&purpose=${encodeURIComponent(query('purpose') ?? '')}`]),
      ...(isOpenOnly ? ['&open=yes'] : []),
    ].join('');
    return (
      <ContactsView
        contacts={found.items}
        pager={nextPage(CONTACTS, found, messages, filters)}
        purpose={query('purpose') ?? ''}
        isOpenOnly={isOpenOnly}
        canAdd={permits('decideContactChange') || (who.member !== undefined && who.role === 'officer')}
        done={query('done')}
        canPractise={permits('createExercise') || (who.member !== undefined && who.role === 'officer')}
      />
    );
  },
};

/** The contacts of the page as a file. */
export const contactsExport: ConsolePage = {
  path: '/contacts/export',
  title: (m) => m.contacts.contacts,
  needs: 'listContacts',
  show: contactsPage.show,
  download: async (context) => {
    const contacts = await allContacts(context);
    return context.query('as') === 'vcard'
      ? { name: 'contacts.vcf', type: 'text/vcard; charset=utf-8', text: contactsVcard(contacts) }
      : { name: 'contacts.csv', type: 'text/csv; charset=utf-8', text: contactsCsv(contacts) };
  },
};

function ContactsView({
  contacts,
  pager,
  purpose,
  isOpenOnly,
  canAdd,
  canPractise,
  done,
}: {
  readonly contacts: readonly Contact[];
  readonly pager: JSX.Element | undefined;
  readonly purpose: string;
  readonly isOpenOnly: boolean;
  readonly canAdd: boolean;
  readonly canPractise: boolean;
  readonly done: string | undefined;
}): JSX.Element {
  const t = useMessages().contacts;
  const said = textFor(t.done, done);
  const view = new URLSearchParams({ purpose, open: isOpenOnly ? 'yes' : '' }).toString();
  return (
    <Screen
      title={t.contacts}
      marking={tlpOfContacts(contacts)}
      prints
      note={t.callInThisOrder}
      actions={
        <>
          {canAdd ? <Btn href={`${CONTACTS}/new`}>{t.addAContact}</Btn> : undefined}
          {canPractise ? <Btn href="/console/exercises">{t.exercises}</Btn> : undefined}
          <Btn href={`${CONTACTS}/export?as=csv&${view}`}>{t.csvFile}</Btn>
          <Btn href={`${CONTACTS}/export?as=vcard&${view}`}>{t.vcardFile}</Btn>
        </>
      }
    >
      {said === undefined ? undefined : <State kind="ok" live="status">{said}</State>}
      <form method="get" class="filters">
        <Field name="purpose" label={t.purpose}>
          {(described) => <Select described={described} options={[['', t.anyPurpose], ...PURPOSES.map((one) => [one, t.purposes[one]] as const)]} value={purpose} />}
        </Field>
        <label class="opt">
          <input type="checkbox" name="open" value="yes" checked={isOpenOnly} />
          {t.onlyThoseThere}
        </label>
        <Btn>{t.apply}</Btn>
      </form>
      <Block title={t.whomToCall} raw foot={pager}>
        {contacts.length === 0 ? <Empty title={t.noContacts}>{t.contactsAppear}</Empty> : <ContactTable contacts={contacts} />}
      </Block>
    </Screen>
  );
} // prettier-ignore

function ContactTable({ contacts }: { readonly contacts: readonly Contact[] }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <Table
      caption={t.contacts}
      columns={[
        { title: t.contact },
        { title: t.phone },
        { title: t.timeThere, class: 'nw' },
        { title: t.state, bare: true },
        { title: t.verification, bare: true },
      ]}
      rows={contacts.map((contact) => ({
        key: contact.id,
        cells: [
          <>
            <a href={contactPath(contact.id)}>{contact.label}</a>
            <Sub>{[contact.team, contact.name].filter((one) => one !== undefined).join(', ')}</Sub>
          </>,
          <Phones contact={contact} isShort />,
          <There contact={contact} />,
          <OpenNow contact={contact} />,
          <Verified contact={contact} />,
        ],
      }))}
    />
  );
}

/** One contact, with its history for those who may see it. */
export const contactPage: ConsolePage = {
  path: '/contacts/:contact',
  title: (m) => m.contacts.contact,
  needs: 'getContact',
  show: async (context) => {
    const { ask, path, permits, query } = context;
    const contact = await ask('getContact', { parameters: { contact: path['contact'] ?? '' } });
    const history = contact.pending === undefined ? undefined : await allowed(ask('listContactChanges', { query: { contact: contact.id, limit: '100' } }));
    return (
      <ContactView
        contact={contact}
        history={history?.items}
        canEdit={canChange(context, contact)}
        canVerify={permits('verifyContact')}
        canDecide={permits('decideContactChange')}
        done={query('done')}
      />
    );
  },
}; // prettier-ignore

function ContactView({
  contact,
  history,
  canEdit,
  canVerify,
  canDecide,
  done,
}: {
  readonly contact: Contact;
  readonly history: readonly ContactChange[] | undefined;
  readonly canEdit: boolean;
  readonly canVerify: boolean;
  readonly canDecide: boolean;
  readonly done: string | undefined;
}): JSX.Element {
  const t = useMessages().contacts;
  const said = textFor(t.done, done);
  const path = contactPath(contact.id);
  return (
    <Screen
      title={contact.label}
      crumb={[CONTACTS, t.contacts]}
      note={contact.team}
      actions={
        canEdit || canVerify ? (
          <>
            {canEdit ? <Btn href={`${path}/edit`}>{t.edit}</Btn> : undefined}
            {canVerify ? <Btn href={`${path}/verify`}>{t.iReachedThem}</Btn> : undefined}
            {canEdit ? <Btn href={`${path}/delete`}>{t.delete}</Btn> : undefined}
          </>
        ) : undefined
      }
    >
      {said === undefined ? undefined : <State kind="ok" live="status">{said}</State>}
      <Two left={<ReachBlock contact={contact} />} right={<ContactFacts contact={contact} />} />
      {history === undefined ? undefined : <History changes={history} canDecide={canDecide} />}
    </Screen>
  );
} // prettier-ignore

function ReachBlock({ contact }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <Block title={t.whomToCall}>
      <Acts>
        <OpenNow contact={contact} />
        <There contact={contact} />
      </Acts>
      <Facts
        items={[
          [t.name, contact.name],
          [t.phone, contact.phones.length === 0 ? undefined : <Phones contact={contact} />],
          [t.email, contact.emails.length === 0 ? undefined : <Emails contact={contact} />],
          [t.keys, contact.keys.length === 0 ? undefined : <Keys contact={contact} />],
          [t.noAnswer, t.waitThenNext(contact.wait)],
        ]}
      />
    </Block>
  );
}

function Keys({ contact: { keys } }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <>
      {keys.map((key) => (
        <div key={key.fingerprint}>
          <code>{keyWords(key)}</code>
          {key.expires === undefined ? undefined : <Sub>{t.ends} <Day at={key.expires} /></Sub>}
          <Details summary={t.showKey}>
            <Code text={key.armored ?? key.fingerprint} label={t.keys} />
          </Details>
        </div>
      ))}
    </>
  );
} // prettier-ignore

function ContactFacts({ contact }: { readonly contact: Contact }): JSX.Element {
  const t = useMessages().contacts;
  const { hours, holidays = [], languages, purposes, order, time_zone: zone, name_shown: shown } = contact;
  return (
    <Block title={t.facts}>
      <Facts
        items={[
          [t.purposesTitle, purposes.map((one) => t.purposes[one]).join(', ')],
          [t.order, String(order)],
          [t.hours, hours ?? t.notKnown],
          [t.timeZone, zone],
          [t.holidays, holidays.length === 0 ? undefined : holidays.join(', ')],
          [t.languages, languages.join(', ')],
          [t.nameReaders, shown === undefined ? undefined : fieldText(shown, t)],
          [t.verification, <Verified contact={contact} />],
        ]}
      />
    </Block>
  );
}

const STATES = { pending: 'wait', applied: 'ok', declined: 'bad' } as const;

/** Changes of a contact, newest first. */
function History({
  changes,
  canDecide,
}: {
  readonly changes: readonly ContactChange[];
  readonly canDecide: boolean;
}): JSX.Element {
  const t = useMessages().contacts;
  return (
    <Block title={t.history} raw aside={<p>{t.changeCount(changes.length)}</p>}>
      <Table
        caption={t.history}
        columns={[{ title: t.change }, { title: t.by }, { title: t.when, class: 'nw' }, { title: t.state, bare: true }]}
        rows={changes.map((change) => ({
          key: change.id,
          cells: [
            <>
              {canDecide && change.state === 'pending' ? <a href={contactChangePath(change.id)}>{t.changeKinds[change.kind]}</a> : t.changeKinds[change.kind]}
              {fieldsOf(change).map((field) => (
                <Sub key={field}>{t.fieldChanged(t.fields[field], fieldText(change.before[field], t), fieldText(change.after[field], t))}</Sub>
              ))}
              {change.note === undefined ? undefined : <Sub>{t.noteOf(change.note)}</Sub>}
            </>,
            change.by,
            <Time at={change.at} />,
            <St kind={STATES[change.state]}>{t.changeStates[change.state]}</St>,
          ],
        }))}
      />
    </Block>
  );
} // prettier-ignore

/** The contacts of a member, on the page of the member. */
export function MemberContacts({ contacts }: { readonly contacts: readonly Contact[] }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <Block title={t.whomToCall} raw aside={<a href={CONTACTS}>{t.allContacts}</a>}>
      {contacts.length === 0 ? (
        <Empty title={t.noContacts}>{t.anOfficerAdds}</Empty>
      ) : (
        <ContactTable contacts={contacts} />
      )}
    </Block>
  );
}
