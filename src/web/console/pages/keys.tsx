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
import { useMessages } from '../../shared/messages/messages.ts';
import type { Messages } from '../../shared/messages/en.ts';

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
  title: (m) => m.keys.keys,
  nav: 'Run',
  needs: 'listKeys',
  show: async ({ ask, query }) => (
    <KeysView
      page={await ask('listKeys', { query: { limit: String(MOST), after: query('after') } })}
      isRevoked={query('done') === 'revoked'}
    />
  ),
};

const STATES: Readonly<Record<Key['state'], StateKind>> = {
  active: 'ok',
  ending: 'warn',
  unused: 'none',
  expired: 'off',
  unconfirmed: 'bad',
};

/** The limits of a key in words. */
function limitsOf({ scopes, only, addresses }: Key, messages: Messages): readonly string[] {
  const t = messages.keys;
  return [
    ...(scopes === undefined ? [] : [t.only(scopes.join(', '))]),
    ...(only === undefined ? [] : [t.onlyTheCollections(only.join(', '))]),
    ...(addresses === undefined ? [] : [t.onlyFrom(addresses.join(', '))]),
  ];
}

function KeysView({ page, isRevoked }: { readonly page: Keys; readonly isRevoked: boolean }): JSX.Element {
  const messages = useMessages();
  const t = messages.keys;
  const ending = page.items.filter(({ state }) => state === 'ending').length;
  return (
    <Screen title={t.keys} actions={<Btn href={`${KEYS}/create`}>{t.createAKey}</Btn>}>
      {isRevoked ? (
        <State kind="ok" live="status">
          {t.theKeyIsRevoked}
        </State>
      ) : undefined}
      {ending === 0 ? undefined : (
        <State kind="warn">
          <strong>{t.n1KeyExpiresSoon(ending)}</strong> {t.rotateEachAndEnter}
        </State>
      )}
      <Block title={t.keys} raw foot={nextPage(KEYS, page, messages)}>
        {page.items.length === 0 ? (
          <Empty title={t.noKeysYet} actions={<Btn href={`${KEYS}/create`}>{t.createAKey}</Btn>}>
            {t.aKeyLetsA}
          </Empty>
        ) : (
          <Table
            caption={t.keys}
            columns={[
              { title: t.key },
              { title: t.account },
              { title: t.state, bare: true },
              { title: t.expires, class: 'nw' },
              { title: t.lastUse, class: 'nw' },
              { title: t.actions, bare: true },
            ]}
            rows={page.items.map((key) => ({ key: key.id, cells: cellsOf(key, messages) }))}
          />
        )}
      </Block>
    </Screen>
  );
}

function cellsOf(key: Key, messages: Messages): readonly JSX.Element[] {
  const t = messages.keys;
  return [
    <>
      <code>{key.prefix}</code>
      {key.label === undefined ? undefined : <Sub>{key.label}</Sub>}
      {limitsOf(key, messages).map((limit) => (
        <Sub key={limit}>{limit}</Sub>
      ))}
    </>,
    <>
      {key.account}
      {key.member === undefined ? undefined : <Sub>{key.member}</Sub>}
    </>,
    <St kind={STATES[key.state]}>{t.states[key.state]}</St>,
    <>{key.expires === undefined ? t.never : <Day at={key.expires} />}</>,
    key.last_used === undefined ? <>–</> : <Time at={key.last_used} />,
    key.managed === 'file' ? (
      <Sub>{t.inTheSettingsOf}</Sub>
    ) : (
      <Acts>
        {key.certificate === undefined && key.state !== 'expired' ? (
          <Btn href={`${keyPath(key.id)}/rotate`} look="s">
            {t.rotate}
          </Btn>
        ) : undefined}
        <Btn href={`${keyPath(key.id)}/revoke`} look="s stop">
          {t.revoke}
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
  title: (m) => m.keys.createAKey,
  needs: 'createKey',
  show: async ({ ask, who, query, messages }, form) => {
    const t = messages.keys;
    const { items } = await ask('listAccounts', { query: { limit: '1000' } });
    return (
      <Question
        title={t.createAKey}
        above={[KEYS, t.keys]}
        heading={t.theNewKey}
        form={form}
        action={t.createTheKey}
        keep={t.backToTheKeys}
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
  act: async ({ ask, who, messages }, form) => {
    const t = messages.keys;
    const { items } = await ask('listAccounts', { query: { limit: '1000' } });
    const request = keyRequestOf(form, items, who.member, messages);
    const made = await ask('createKey', { body: request });
    return <KeyShown made={made} limits={request} title={t.yourNewKey} note={form.field('label')} />;
  },
};

/** Returns the items of a list that was typed with commas or spaces. */
function listOf(typed: string | undefined): readonly string[] {
  return (typed ?? '').split(/[\s,]+/).filter((item) => item !== '');
}

/** The longest life of a key, in days. */
const LONGEST_DAYS = 731;

function daysOf(typed: string | undefined, least: number, most: number, messages: Messages): number {
  const t = messages.keys;
  const days = typed !== undefined && /^\d{1,4}$/.test(typed.trim()) ? Number(typed) : Number.NaN;
  if (!(days >= least && days <= most))
    throw webErrors.invalidInput({ description: t.enterAWholeNumber(least, most) });
  return days;
}

/** Returns the request that the form makes. A new account of an officer belongs to the officer's member. */
function keyRequestOf(
  form: Form,
  accounts: readonly { readonly name: string }[],
  own: string | undefined,
  messages: Messages,
): KeyRequest {
  const t = messages.keys;
  const account = form.field('account')?.trim() ?? '';
  if (account === '') throw webErrors.invalidInput({ description: t.enterAnAccount });
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
    expiresDays: daysOf(form.field('days'), 1, LONGEST_DAYS, messages),
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
  title: (m) => m.keys.rotateAKey,
  needs: 'rotateKey',
  show: async (context, form) => {
    const t = context.messages.keys;
    const key = await keyOf(context);
    return (
      <Question
        title={t.rotateTheKey(key.prefix)}
        above={[KEYS, t.keys]}
        form={form}
        action={t.createTheNewKey}
        keep={t.keepTheKey}
      >
        <div class="in">
          <p>{t.theHubCreatesA(key.account)}</p>
          <Field name="overlap" label={t.theOldKeyKeeps}>
            {(described) => (
              <Select
                described={described}
                options={OVERLAPS.map((days) => [days, t.overlap(Number(days))])}
                value={form.field('overlap') ?? '7'}
              />
            )}
          </Field>
          <Field name="days" label={t.theNewKeyExpires} hint={t.atMost731}>
            {(described) => (
              <input {...described} inputMode="numeric" maxLength={4} value={typed(form, 'days', '365')} />
            )}
          </Field>
        </div>
      </Question>
    ); // prettier-ignore
  },
  act: async (context, form) => {
    const t = context.messages.keys;
    const key = await keyOf(context);
    const made = await context.ask('rotateKey', {
      parameters: { key: key.id },
      body: {
        overlapDays: daysOf(form.field('overlap'), 0, 90, context.messages),
        expiresDays: daysOf(form.field('days'), 1, LONGEST_DAYS, context.messages),
      },
    });
    return <KeyShown made={made} limits={key} title={t.theNewKey} note={key.label} />;
  },
};

/** Revoking a key. */
export const revokeKeyPage: ConsolePage = {
  path: '/keys/:key/revoke',
  title: (m) => m.keys.revokeAKey,
  needs: 'revokeKey',
  show: async (context, form) => {
    const t = context.messages.keys;
    const key = await keyOf(context);
    return (
      <Question
        title={t.revokeTheKey(key.prefix)}
        above={[KEYS, t.keys]}
        form={form}
        action={t.revokeIt}
        keep={t.keepTheKey}
        isDangerous
      >
        <List
          items={[
            { key: 'stop', kind: 'bad', text: t.programsOfThatUse(key.account) },
            { key: 'undo', kind: 'warn', text: t.youCantUndoThis },
            {
              key: 'use',
              kind: 'info',
              text: key.last_used === undefined ? t.theKeyHasNever : <>{t.lastUsed(<Time at={key.last_used} />)}</>,
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
