import type { JSX } from 'preact';
import type { ApiRequests, Keys } from '../../../api/schema-types.ts';
import { webErrors } from '../../errors.ts';
import { Acts, Block, Btn, List, St, State, Sub, Table, type StateKind } from '../../shared/components.tsx';
import { Empty, Field, Select } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { typed, type ConsolePage, type Form, type PageContext } from '../page-table.ts';
import { KeyFields, KeyShown, offeredForm, SCOPES } from './key-fields.tsx';
import { nextPage } from './next-page.tsx';
import { Question } from './question.tsx';
import { Day, Time } from '../../shared/times.tsx';

const KEYS = '/console/keys';
/** Number of rows on a page, and of pages that are searched for one key. */
const MOST = 50;
const MOST_PAGES = 20;

type Key = Keys['items'][number];
type KeyRequest = ApiRequests['api/key-request.json'];

function keyPath(id: string): string {
  return `${KEYS}/${encodeURIComponent(id)}`;
}

/** The keys of the accounts that the person may see. */
export const keysPage: ConsolePage = {
  path: '/keys',
  title: 'Keys',
  nav: 'Run',
  needs: 'listKeys',
  show: async ({ ask, query }) => (
    <KeysView
      page={await ask('listKeys', { query: { limit: String(MOST), after: query('after') } })}
      isRevoked={query('done') === 'revoked'}
    />
  ),
};

const STATES: Readonly<Record<Key['state'], readonly [kind: StateKind, text: string]>> = {
  active: ['ok', 'Active'],
  ending: ['warn', 'Ends soon'],
  unused: ['none', 'Not used'],
  expired: ['off', 'Expired'],
  unconfirmed: ['bad', 'Not confirmed'],
};

/** The limits of a key in words. */
function limitsOf({ scopes, only, addresses }: Key): readonly string[] {
  return [
    ...(scopes === undefined ? [] : [`only ${scopes.join(', ')}`]),
    ...(only === undefined ? [] : [`only the collections ${only.join(', ')}`]),
    ...(addresses === undefined ? [] : [`only from ${addresses.join(', ')}`]),
  ];
}

function KeysView({ page, isRevoked }: { readonly page: Keys; readonly isRevoked: boolean }): JSX.Element {
  const ending = page.items.filter(({ state }) => state === 'ending').length;
  return (
    <Screen title="Keys" actions={<Btn href={`${KEYS}/create`}>Create a key</Btn>}>
      {isRevoked ? (
        <State kind="ok" live="status">
          The key is revoked. It stopped working at once.
        </State>
      ) : undefined}
      {ending === 0 ? undefined : (
        <State kind="warn">
          <strong>{ending === 1 ? '1 key expires soon.' : `${ending} keys expire soon.`}</strong> Rotate each,
          and enter the new key in its tool while the old one still works.
        </State>
      )}
      <Block title="Keys" raw foot={nextPage(KEYS, page)}>
        {page.items.length === 0 ? (
          <Empty title="No keys yet" actions={<Btn href={`${KEYS}/create`}>Create a key</Btn>}>
            A key lets a program sign in. It is shown once, when you create it.
          </Empty>
        ) : (
          <Table
            caption="Keys"
            columns={[
              { title: 'Key' },
              { title: 'Account' },
              { title: 'State', bare: true },
              { title: 'Expires', class: 'nw' },
              { title: 'Last use', class: 'nw' },
              { title: 'Actions', bare: true },
            ]}
            rows={page.items.map((key) => ({ key: key.id, cells: cellsOf(key) }))}
          />
        )}
      </Block>
    </Screen>
  );
}

function cellsOf(key: Key): readonly JSX.Element[] {
  const [kind, text] = STATES[key.state];
  return [
    <>
      <code>{key.prefix}</code>
      {key.label === undefined ? undefined : <Sub>{key.label}</Sub>}
      {limitsOf(key).map((limit) => (
        <Sub key={limit}>{limit}</Sub>
      ))}
    </>,
    <>
      {key.account}
      {key.member === undefined ? undefined : <Sub>{key.member}</Sub>}
    </>,
    <St kind={kind}>{text}</St>,
    <>{key.expires === undefined ? 'never' : <Day at={key.expires} />}</>,
    key.last_used === undefined ? <>–</> : <Time at={key.last_used} />,
    key.managed === 'file' ? (
      <Sub>in the settings of the hub</Sub>
    ) : (
      <Acts>
        {key.certificate === undefined && key.state !== 'expired' ? (
          <Btn href={`${keyPath(key.id)}/rotate`} look="s">
            Rotate
          </Btn>
        ) : undefined}
        <Btn href={`${keyPath(key.id)}/revoke`} look="s stop">
          Revoke
        </Btn>
      </Acts>
    ),
  ];
}

/** Returns a key that the person may see. */
async function keyOf({ ask, path }: PageContext): Promise<Key> {
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { items, next } = await ask('listKeys', { query: { limit: '1000', after } });
    const found = items.find(({ id }) => id === path['key']);
    if (found !== undefined) return found;
    if (next === undefined) break;
    after = next;
  }
  throw webErrors.noPage();
}

/** Creating a key. The secret is shown once. */
export const createKeyPage: ConsolePage = {
  path: '/keys/create',
  title: 'Create a key',
  needs: 'createKey',
  show: async ({ ask, who, query }, form) => {
    const { items } = await ask('listAccounts', { query: { limit: '1000' } });
    return (
      <Question
        title="Create a key"
        above={[KEYS, 'Keys']}
        heading="The new key"
        form={form}
        action="Create the key"
        keep="Back to the keys"
      >
        <div class="in">
          <KeyFields
            form={offeredForm(form, query)}
            accounts={items.map(({ name }) => name)}
            own={who.member}
          />
        </div>
      </Question>
    );
  },
  act: async ({ ask, who }, form) => {
    const { items } = await ask('listAccounts', { query: { limit: '1000' } });
    const request = keyRequestOf(form, items, who.member);
    const made = await ask('createKey', { body: request });
    return <KeyShown made={made} limits={request} title="Your new key" note={form.field('label')} />;
  },
};

/** Returns the items of a list that was typed with commas or spaces. */
function listOf(typed: string | undefined): readonly string[] {
  return (typed ?? '').split(/[\s,]+/).filter((item) => item !== '');
}

/** The longest life of a key, in days. */
const LONGEST_DAYS = 731;

function daysOf(typed: string | undefined, least: number, most: number): number {
  const days = typed !== undefined && /^\d{1,4}$/.test(typed.trim()) ? Number(typed) : Number.NaN;
  if (!(days >= least && days <= most))
    throw webErrors.invalidInput({ description: `Enter a whole number of days from ${least} to ${most}` });
  return days;
}

/** Returns the request that the form makes. A new account of an officer belongs to the officer's member. */
function keyRequestOf(
  form: Form,
  accounts: readonly { readonly name: string }[],
  own: string | undefined,
): KeyRequest {
  const account = form.field('account')?.trim() ?? '';
  if (account === '') throw webErrors.invalidInput({ description: 'Enter an account' });
  const isNew = !accounts.some(({ name }) => name === account);
  const member = own ?? form.field('member');
  const [collections, only, addresses] = ['collections', 'only', 'addresses'].map((name) =>
    listOf(form.field(name)),
  );
  const scopes = SCOPES.filter((scope) => form.field(scope) === 'yes');
  const label = form.field('label');
  return {
    account,
    ...((isNew || own === undefined) && member !== undefined ? { member } : {}),
    expiresDays: daysOf(form.field('days'), 1, LONGEST_DAYS),
    ...(label === undefined ? {} : { label }),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(collections === undefined || collections.length === 0
      ? {}
      : { collections, read: true, write: form.field('write') === 'yes' }),
    ...(only === undefined || only.length === 0 ? {} : { only }),
    ...(addresses === undefined || addresses.length === 0 ? {} : { addresses }),
  };
}

const OVERLAPS = ['0', '1', '7', '30', '90'] as const;

/** Replacing a key. The old one works for some days, so that nothing stops. */
export const rotateKeyPage: ConsolePage = {
  path: '/keys/:key/rotate',
  title: 'Rotate a key',
  needs: 'rotateKey',
  show: async (context, form) => {
    const key = await keyOf(context);
    return (
      <Question
        title={`Rotate the key ${key.prefix}?`}
        above={[KEYS, 'Keys']}
        form={form}
        action="Create the new key"
        keep="Keep the key"
      >
        <div class="in">
          <p>
            The hub creates a new key for {key.account} with the same limits, and shows it once. The old key
            keeps working for the time that you choose.
          </p>
          <Field name="overlap" label="The old key keeps working for">
            {(described) => (
              <Select
                described={described}
                options={OVERLAPS.map((days) => [days, days === '0' ? '0 days: it stops at once' : days === '1' ? '1 day' : `${days} days`])}
                value={form.field('overlap') ?? '7'}
              />
            )}
          </Field>
          <Field name="days" label="The new key expires after, in days" hint="At most 731.">
            {(described) => (
              <input {...described} inputMode="numeric" maxLength={4} value={typed(form, 'days', '365')} />
            )}
          </Field>
        </div>
      </Question>
    ); // prettier-ignore
  },
  act: async (context, form) => {
    const key = await keyOf(context);
    const made = await context.ask('rotateKey', {
      parameters: { key: key.id },
      body: {
        overlapDays: daysOf(form.field('overlap'), 0, 90),
        expiresDays: daysOf(form.field('days'), 1, LONGEST_DAYS),
      },
    });
    return <KeyShown made={made} limits={key} title="The new key" note={key.label} />;
  },
};

/** Revoking a key. */
export const revokeKeyPage: ConsolePage = {
  path: '/keys/:key/revoke',
  title: 'Revoke a key',
  needs: 'revokeKey',
  show: async (context, form) => {
    const key = await keyOf(context);
    return (
      <Question
        title={`Revoke the key ${key.prefix}?`}
        above={[KEYS, 'Keys']}
        form={form}
        action="Revoke the key"
        keep="Keep the key"
        isDangerous
      >
        <List
          items={[
            { key: 'stop', kind: 'bad', text: `Programs of ${key.account} that use this key stop working at once.` },
            { key: 'undo', kind: 'warn', text: 'You can’t undo this. A new key has to be entered in each program.' },
            {
              key: 'use',
              kind: 'info',
              text: key.last_used === undefined ? 'The key has never been used.' : <>Last used <Time at={key.last_used} /></>,
              note: key.label,
            },
          ]}
        />
      </Question>
    ); // prettier-ignore
  },
  act: async (context) => {
    const key = await keyOf(context);
    await context.ask('revokeKey', { parameters: { key: key.id } });
    return `${KEYS}?done=revoked`;
  },
};
