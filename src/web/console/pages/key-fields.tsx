import type { JSX } from 'preact';
import type { CreatedKey, Keys, ListConnection } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, State } from '../../shared/components.tsx';
import { Code, Details, Field } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { typed, type Form, type PageContext } from '../page-table.ts';
import { Day } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

const KEYS = '/console/keys';

/** The scopes that a key can have. */
export const SCOPES = [
  'taxii:read',
  'taxii:write',
  'lists:read',
  'api:read',
  'api:write',
  'metrics:read',
] as const;

/** The fields that a link to this page can fill in. Everything else is the person's own choice. */
const OFFERED: ReadonlySet<string> = new Set([
  'account',
  'member',
  'label',
  'only',
  'collections',
  ...SCOPES,
]);

/** Returns the link to the page that creates a key, with these fields filled in. */
export function newKeyPath({ scopes, only, collections, ...names }: NonNullable<ListConnection['key_request']>): string {
  const fields = new URLSearchParams({ only: only.join(',') });
  for (const [name, value] of Object.entries({ ...names, collections: collections?.join(',') }))
    if (value !== undefined) fields.set(name, value);
  for (const scope of scopes) fields.set(scope, 'yes');
  return `${KEYS}/create?${fields.toString()}`;
} // prettier-ignore

/** Returns a form that has not been sent yet, with the fields that its address fills in. */
export function offeredForm(form: Form, query: PageContext['query']): Form {
  if (form.fault !== undefined) return form;
  return { ...form, field: (name) => (OFFERED.has(name) ? query(name) : undefined) };
}

/** The fields of a new key. */
export function KeyFields({
  form,
  accounts,
  own,
}: {
  readonly form: Form;
  readonly accounts: readonly string[];
  /** The member of the person who creates the key. Undefined for accounts of the hub. */
  readonly own: string | undefined;
}): JSX.Element {
  const t = useMessages().keyFields;
  const input = (name: string, label: string, hint: string, more: Readonly<Record<string, string | number>> = {}) => (
    <Field name={name} label={label} hint={hint}>
      {(described) => <input {...described} {...more} value={typed(form, name, String(more['value'] ?? ''))} />}
    </Field>
  ); // prettier-ignore
  const tick = (name: string, text: string): JSX.Element => (
    <label class="opt" key={name}>
      <input type="checkbox" name={name} value="yes" checked={form.field(name) === 'yes'} />
      {text}
    </label>
  );
  return (
    <>
      {input('account', t.account, t.anExistingAccountOr(own), {
        list: 'accounts',
        maxLength: 63,
        autocapitalize: 'none',
      })}
      <datalist id="accounts">
        {accounts.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {own === undefined
        ? input('member', t.memberOptional, t.forANewAccount, { maxLength: 63 })
        : undefined}
      {input('label', t.purposeOptional, t.suchAsTheTool, { maxLength: 120 })}
      {input('days', t.expiresAfterInDays, t.atMost731The, {
        inputMode: 'numeric',
        maxLength: 4,
        value: '365',
      })}
      <fieldset>
        <legend>{t.whatTheKeyCan}</legend>
        <p class="hint">{t.ifYouChooseNothing}</p>
        {SCOPES.map((scope) => tick(scope, t.scopeWords[scope]))}
      </fieldset>
      {input('addresses', t.onlyFromTheseAddresses, t.addressesAndNetworksSeparated, { maxLength: 4_000 })}
      {input('only', t.onlyTheseCollectionsOptional, t.idsOrAliasesSeparated, { maxLength: 4_000 })}
      <Details
        summary={t.giveTheAccountAccess}
        isOpen={['collections', 'write'].some((name) => form.field(name) !== undefined)}
      >
        {input('collections', t.collections, t.idsOrAliasesSeparatedBy, { maxLength: 4_000 })}
        {tick('write', t.itCanAlsoSubmit)}
      </Details>
    </>
  ); // prettier-ignore
}

/** A secret, which nobody can see again. */
export function KeyShown({
  made,
  limits,
  title,
  note,
}: {
  readonly made: CreatedKey;
  readonly limits: Pick<Keys['items'][number], 'scopes' | 'only' | 'addresses'>;
  readonly title: string;
  readonly note: string | undefined;
}): JSX.Element {
  const t = useMessages().keyFields;
  return (
    <Screen title={title} crumb={[KEYS, t.keys]}>
      <State kind="warn" live="status"><strong>{t.thisIsTheOnly}</strong>{' '}{t.copyItIntoThe}</State>
      <Block title={t.key}>
        <Code text={made.secret} label={t.theKey} />
        <Facts
          items={[
            [t.account, made.account],
            [t.purpose, note],
            [t.whatItCanDo, limits.scopes === undefined ? t.everythingThatItsAccount : limits.scopes.map((scope) => t.scopeWords[scope]).join(', ')],
            [t.onlyTheseCollections, limits.only?.join(', ')],
            [t.onlyFrom, limits.addresses?.join(', ')],
            [t.collectionsThatItReaches, made.collections.length === 0 ? t.noneCheckItsLimits : made.collections.map(({ title: name }) => name).join(', ')],
            [t.expires, <Day at={made.expires} />],
            [t.beginsWith, <code>{made.prefix}</code>],
          ]}
        />
        <Acts>
          <Btn href={KEYS} look="go">{t.iHaveStoredIt}</Btn>
          <Btn href="/console/collections">{t.connectATool}</Btn>
        </Acts>
      </Block>
    </Screen>
  );
} // prettier-ignore
