import type { JSX } from 'preact';
import type { CreatedKey, Keys, ListConnection } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, State } from '../../shared/components.tsx';
import { Code, Details, Field } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { typed, type Form, type PageContext } from '../page-table.ts';
import { Day } from '../../shared/times.tsx';

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
/** The scopes in words. */
const SCOPE_WORDS: Readonly<Record<(typeof SCOPES)[number], string>> = {
  'taxii:read': 'Read over TAXII',
  'taxii:write': 'Submit over TAXII',
  'lists:read': 'Fetch lists for firewalls',
  'api:read': 'Read over the API',
  'api:write': 'Make changes over the API',
  'metrics:read': 'Read metrics',
};

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
      {input('account', 'Account', `An existing account, or the name of a new service account${own === undefined ? '' : `, which begins with ${own}-`}.`, {
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
        ? input('member', 'Member (optional)', 'For a new account: the member that it belongs to.', { maxLength: 63 })
        : undefined}
      {input('label', 'Purpose (optional)', 'Such as the tool that uses the key.', { maxLength: 120 })}
      {input('days', 'Expires after, in days', 'At most 731. The hub warns before the key expires.', {
        inputMode: 'numeric',
        maxLength: 4,
        value: '365',
      })}
      <fieldset>
        <legend>What the key can do</legend>
        <p class="hint">If you choose nothing, it can do everything that its account can do.</p>
        {SCOPES.map((scope) => tick(scope, SCOPE_WORDS[scope]))}
      </fieldset>
      {input('addresses', 'Only from these addresses (optional)', 'Addresses and networks, separated by commas.', { maxLength: 4_000 })}
      {input('only', 'Only these collections (optional)', 'Ids or aliases, separated by commas.', { maxLength: 4_000 })}
      <Details
        summary="Give the account access to collections"
        isOpen={['collections', 'write'].some((name) => form.field(name) !== undefined)}
      >
        {input('collections', 'Collections', 'Ids or aliases, separated by commas. The account can read them.', { maxLength: 4_000 })}
        {tick('write', 'It can also submit to them')}
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
  return (
    <Screen title={title} crumb={[KEYS, 'Keys']}>
      <State kind="warn" live="status">
        <strong>This is the only time that the key is shown.</strong> Copy it into the tool or a password
        manager now. If it is lost, rotate it.
      </State>
      <Block title="Key">
        <Code text={made.secret} label="The key" />
        <Facts
          items={[
            ['Account', made.account],
            ['Purpose', note],
            ['What it can do', limits.scopes === undefined ? 'Everything that its account can do' : limits.scopes.map((scope) => SCOPE_WORDS[scope]).join(', ')],
            ['Only these collections', limits.only?.join(', ')],
            ['Only from', limits.addresses?.join(', ')],
            ['Collections that it reaches', made.collections.length === 0 ? 'None. Check its limits, and the access of its account.' : made.collections.map(({ title: name }) => name).join(', ')],
            ['Expires', <Day at={made.expires} />],
            ['Begins with', <code>{made.prefix}</code>],
          ]}
        />
        <Acts>
          <Btn href={KEYS} look="go">
            I have stored it
          </Btn>
          <Btn href="/console/collections">Connect a tool</Btn>
        </Acts>
      </Block>
    </Screen>
  );
} // prettier-ignore
