import type { JSX } from 'preact';
import type { Contact, ContactRequest } from '../../../api/schema-types.ts';
import { PURPOSES } from '../../../members/contacts/model.ts';
import { Block, Btn, State } from '../../shared/components.tsx';
import { useMessages } from '../../shared/messages/messages.ts';
import { Details, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { typed, type Form } from '../page-table.ts';
import { contactPath, CONTACTS } from './contact-parts.tsx';

type Readers = NonNullable<NonNullable<ContactRequest['fields']>['name_shown']>;

/** The words of fields that the form offers. */
export const KINDS = ['duty', 'mobile', 'desk', 'satellite', 'fax'] as const;
export const REACHES = ['sms', 'whatsapp', 'signal'] as const;
export const READERS = ['members', 'named', 'hub', 'public'] as const;
export const METHODS = ['call', 'sms', 'signed-email', 'known-person'] as const;
/** Numbers and addresses that a contact can have. */
export const MOST_PHONES = 10;
export const MOST_EMAILS = 10;
/** Empty rows that a form offers for more numbers and addresses. */
const SPARE = 1;

/** Returns the sentences of a fault about one field. The hub begins each with the name of the field. */
function faultOf(form: Form, field: string): string | undefined {
  const part = new RegExp(`(?:^|[.!] )${field}: (.*?)(?= [a-z_]+: |$)`, 's').exec(form.fault ?? '');
  return part?.[1];
}

/** The fields of a contact. */
export function ContactForm({
  contact,
  form,
  decides,
  members,
}: {
  readonly contact: Contact | undefined;
  readonly form: Form;
  /** The change comes into force at once. */
  readonly decides: boolean;
  readonly members: readonly (readonly [string, string])[];
}): JSX.Element {
  const t = useMessages().contacts;
  const above = contact === undefined ? ([CONTACTS, t.contacts] as const) : ([contactPath(contact.id), contact.label] as const);
  return (
    <Screen title={contact === undefined ? t.addAContact : t.editIt(contact.label)} crumb={above} note={decides ? t.atOnce : t.afterADecision}>
      {form.fault === undefined ? undefined : <State kind="bad" live="alert">{form.fault}</State>}
      <form method="post" class="narrow">
        <Block title={t.theContact}>
          {contact !== undefined || members.length < 2 ? undefined : (
            <Field name="member" label={t.member}>
              {(described) => <Select described={described} options={members} value={form.field('member') ?? ''} />}
            </Field>
          )}
          <PlainFields contact={contact} form={form} />
        </Block>
        <Block title={t.phonesTitle}>
          <p class="hint">{t.numbersWithCountry}</p>
          {faultOf(form, 'phones') === undefined ? undefined : <p class="err">{faultOf(form, 'phones')}</p>}
          <PhoneRows contact={contact} form={form} />
        </Block>
        <Block title={t.emailsTitle}>
          {faultOf(form, 'emails') === undefined ? undefined : <p class="err">{faultOf(form, 'emails')}</p>}
          <EmailRows contact={contact} form={form} />
        </Block>
        <Block title={t.keys}>
          <Field name="keys" label={t.keysLabel} hint={t.keysHint} error={faultOf(form, 'keys')}>
            {(described) => (
              <textarea {...described} rows={4} class="mono" maxLength={50_000} spellcheck={false}>
                {typed(form, 'keys', (contact?.keys ?? []).map(({ armored }) => (armored ?? '').trim()).join('\n\n'))}
              </textarea>
            )}
          </Field>
        </Block>
        <Block title={t.when}>
          <TimeFields contact={contact} form={form} />
        </Block>
        <Block title={t.theDecision}>
          <Reasons form={form} decides={decides} />
        </Block>
        <div class="acts">
          <Btn look="go">{decides ? t.saveIt : t.askTheHub}</Btn>
          <Btn href={above[0]}>{t.cancel}</Btn>
        </div>
      </form>
    </Screen>
  );
} // prettier-ignore

interface Part {
  readonly contact: Contact | undefined;
  readonly form: Form;
}

function PlainFields({ contact, form }: Part): JSX.Element {
  const t = useMessages().contacts;
  const isChosen = (purpose: (typeof PURPOSES)[number]): boolean =>
    form.fault === undefined ? (contact?.purposes ?? ['incident']).includes(purpose) : form.field(`purpose-${purpose}`) === 'yes';
  return (
    <>
      <Field name="label" label={t.label} hint={t.labelHint} error={faultOf(form, 'label')}>
        {(described) => <input {...described} required maxLength={100} value={typed(form, 'label', contact?.label ?? '')} />}
      </Field>
      <fieldset>
        <legend>{t.purposesTitle}</legend>
        {faultOf(form, 'purposes') === undefined ? undefined : <p class="err">{faultOf(form, 'purposes')}</p>}
        {PURPOSES.map((one) => (
          <label class="opt" key={one}>
            <input type="checkbox" name={`purpose-${one}`} value="yes" checked={isChosen(one)} />
            {t.purposes[one]}
          </label>
        ))}
      </fieldset>
      <Field name="name" label={t.nameOptional} hint={t.nameHint} error={faultOf(form, 'name')}>
        {(described) => <input {...described} maxLength={100} autocomplete="off" value={typed(form, 'name', contact?.name ?? '')} />}
      </Field>
      <ReaderFields row="name" form={form} before={contact?.name_shown} usual="hub" />
      <Field name="order" label={t.order} hint={t.orderHint}>
        {(described) => <input {...described} inputMode="numeric" maxLength={2} value={typed(form, 'order', String(contact?.order ?? 1))} />}
      </Field>
      <Field name="wait" label={t.waitLabel} hint={t.waitHint}>
        {(described) => <input {...described} inputMode="numeric" maxLength={3} value={typed(form, 'wait', String(contact?.wait ?? 15))} />}
      </Field>
      <Field name="languages" label={t.languages} hint={t.languagesHint} error={faultOf(form, 'languages')}>
        {(described) => <input {...described} maxLength={200} value={typed(form, 'languages', (contact?.languages ?? ['en']).join(', '))} />}
      </Field>
    </>
  );
} // prettier-ignore

function TimeFields({ contact, form }: Part): JSX.Element {
  const t = useMessages().contacts;
  return (
    <>
      <Field name="zone" label={t.timeZone} hint={t.zoneHint} error={faultOf(form, 'time_zone')}>
        {(described) => <input {...described} required maxLength={64} list="zones" value={typed(form, 'zone', contact?.time_zone ?? '')} />}
      </Field>
      <datalist id="zones">
        {ZONES.map((zone) => <option key={zone} value={zone} />)}
      </datalist>
      <Field name="hours" label={t.hours} hint={t.hoursHint} error={faultOf(form, 'hours')}>
        {(described) => <input {...described} maxLength={500} value={typed(form, 'hours', contact?.hours ?? '')} />}
      </Field>
      <Field name="holidays" label={t.holidays} hint={t.holidaysHint} error={faultOf(form, 'holidays')}>
        {(described) => <textarea {...described} rows={3} maxLength={1_500}>{typed(form, 'holidays', (contact?.holidays ?? []).join(' '))}</textarea>}
      </Field>
    </>
  );
} // prettier-ignore

/** Time zones that the form suggests. Every other one can be written as well. */
const ZONES = [
  'Pacific/Apia', 'Pacific/Auckland', 'Pacific/Chuuk', 'Pacific/Efate', 'Pacific/Fiji', 'Pacific/Funafuti', 'Pacific/Guadalcanal',
  'Pacific/Majuro', 'Pacific/Nauru', 'Pacific/Niue', 'Pacific/Noumea', 'Pacific/Palau', 'Pacific/Pohnpei', 'Pacific/Port_Moresby',
  'Pacific/Rarotonga', 'Pacific/Tahiti', 'Pacific/Tarawa', 'Pacific/Tongatapu', 'Australia/Sydney', 'UTC',
] as const; // prettier-ignore

/** The readers of a field: a choice, and the members where they are named. */
function ReaderFields({
  row,
  form,
  before,
  usual,
}: {
  readonly row: string;
  readonly form: Form;
  readonly before: { readonly visibility?: Readers['visibility'] | undefined; readonly members?: readonly string[] | undefined } | undefined;
  readonly usual: Readers['visibility'];
}): JSX.Element {
  const t = useMessages().contacts;
  return (
    <>
      <Field name={`${row}-for`} label={t.readersOf}>
        {(described) => (
          <Select described={described} options={READERS.map((one) => [one, t.readerOptions[one]] as const)} value={form.field(`${row}-for`) ?? before?.visibility ?? usual} />
        )}
      </Field>
      <Field name={`${row}-members`} label={t.namedMembers} hint={t.namedMembersHint}>
        {(described) => <input {...described} maxLength={2_000} value={typed(form, `${row}-members`, (before?.members ?? []).join(', '))} />}
      </Field>
    </>
  );
} // prettier-ignore

/** Returns how many rows a form shows: those that are filled, and some empty ones. */
function rowsOf(form: Form, name: string, before: number, most: number): number {
  const filled = Array.from({ length: most }, (_, i) => i).filter(
    (i) => form.field(`${name}${i}`) !== undefined,
  );
  return Math.min(most, Math.max(before, (filled.at(-1) ?? -1) + 1) + SPARE);
}

function readersBefore(
  row: string,
  form: Form,
  before: { readonly visibility?: Readers['visibility'] | undefined } | undefined,
): Readers['visibility'] {
  return READERS.find((one) => one === form.field(`${row}-for`)) ?? before?.visibility ?? 'members';
}

function PhoneRows({ contact, form }: Part): JSX.Element {
  const t = useMessages().contacts;
  const phones = contact?.phones ?? [];
  return (
    <>
      {Array.from({ length: rowsOf(form, 'phone', phones.length, MOST_PHONES) }, (_, i) => `phone${i}`).map((row, i) => (
        <fieldset key={row}>
          <legend>{t.phoneNumber(i + 1)}</legend>
          <Field name={row} label={t.number}>
            {(described) => <input {...described} type="tel" maxLength={40} value={typed(form, row, phones[i]?.number ?? '')} />}
          </Field>
          <Field name={`${row}-kind`} label={t.kind}>
            {(described) => <Select described={described} options={KINDS.map((one) => [one, t.kinds[one]] as const)} value={form.field(`${row}-kind`) ?? phones[i]?.kind ?? 'duty'} />}
          </Field>
          <Details summary={t.shownTo(t.readerOptions[readersBefore(row, form, phones[i])])} isOpen={form.fault !== undefined}>
          {REACHES.map((one) => (
            <label class="opt" key={one}>
              <input type="checkbox" name={`${row}-${one}`} value="yes" checked={form.fault === undefined ? phones[i]?.reach?.includes(one) === true : form.field(`${row}-${one}`) === 'yes'} />
              {t.reach[one]}
            </label>
          ))}
          <ReaderFields row={row} form={form} before={phones[i]} usual="members" />
          </Details>
        </fieldset>
      ))}
    </>
  );
} // prettier-ignore

function EmailRows({ contact, form }: Part): JSX.Element {
  const t = useMessages().contacts;
  const emails = contact?.emails ?? [];
  return (
    <>
      {Array.from({ length: rowsOf(form, 'email', emails.length, MOST_EMAILS) }, (_, i) => `email${i}`).map((row, i) => (
        <fieldset key={row}>
          <legend>{t.emailAddress(i + 1)}</legend>
          <Field name={row} label={t.email}>
            {(described) => <input {...described} type="email" maxLength={254} value={typed(form, row, emails[i]?.address ?? '')} />}
          </Field>
          <Details summary={t.shownTo(t.readerOptions[readersBefore(row, form, emails[i])])} isOpen={form.fault !== undefined}>
          <ReaderFields row={row} form={form} before={emails[i]} usual="members" />
          </Details>
        </fieldset>
      ))}
    </>
  );
} // prettier-ignore

/** How a change was checked, for administrators, and a note. */
export function Reasons({ form, decides }: { readonly form: Form; readonly decides: boolean }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <>
      {decides ? <MethodField form={form} label={t.howChecked} /> : undefined}
      <NoteField form={form} hint={decides ? t.theMemberCanRead : t.noteForTheHub} />
    </>
  );
}

/** The way in which somebody was reached. */
export function MethodField({ form, label }: { readonly form: Form; readonly label: string }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <Field name="method" label={label} hint={t.methodHint}>
      {(described) => <Select described={described} options={[['', t.choose], ...METHODS.map((one) => [one, t.methods[one]] as const)]} value={form.field('method') ?? ''} />}
    </Field>
  );
} // prettier-ignore

export function NoteField({ form, hint }: { readonly form: Form; readonly hint: string }): JSX.Element {
  const t = useMessages().contacts;
  return (
    <Field name="note" label={t.noteOptional} hint={hint}>
      {(described) => <input {...described} maxLength={300} value={form.field('note') ?? ''} />}
    </Field>
  );
}
