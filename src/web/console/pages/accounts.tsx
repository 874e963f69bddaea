import type { JSX } from 'preact';
import type { Account, Accounts, Sessions, SignInList } from '../../../api/schema-types.ts';
import { Acts, Block, Btn, Facts, List, St, State, Sub, Table } from '../../shared/components.tsx';
import { Empty, Two } from '../../shared/more-components.tsx';
import { Screen } from '../../shared/screen.tsx';
import { textFor } from '../../shared/words.ts';
import type { ConsolePage, PageContext } from '../page-table.ts';
import { accountPath, nameIn } from './account-actions.tsx';
import { nextPage } from './next-page.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** Number of accounts on a page. */
const MOST = 100;
/** Number of sign-ins on the page of an account. */
const MOST_SIGN_INS = 20;

/** The accounts that the person may see. */
export const accountsPage: ConsolePage = {
  path: '/accounts',
  title: (m) => m.accounts.accounts,
  nav: 'Run',
  needs: 'listAccounts',
  show: async ({ ask, permits, query }) => {
    const page = await ask('listAccounts', { query: { limit: String(MOST), after: query('after') } });
    return <AccountsView page={page} canCreate={permits('createAccount')} done={query('done')} />;
  },
};

function AccountState({ account }: { readonly account: Account }): JSX.Element {
  const t = useMessages().accounts;
  if (account.disabled) return <St kind="off">{t.disabled}</St>;
  if (account.person && !account.has_password && account.single_sign_on === undefined)
    return <St kind="wait">{t.noPasswordYet}</St>;
  return <St kind="ok">{t.active}</St>;
}

function AccountsView({
  page: { items, next },
  canCreate,
  done,
}: {
  readonly page: Accounts;
  readonly canCreate: boolean;
  readonly done: string | undefined;
}): JSX.Element {
  const messages = useMessages();
  const t = messages.accounts;
  return (
    <Screen
      title={t.accounts}
      note={<>{t.peopleAndProgramsThat(<code>talanoa account list</code>)}</>}
      actions={canCreate ? <Btn href="/console/invitations/new">{t.inviteAPerson}</Btn> : undefined}
    >
      {done === 'removed' ? (
        <State kind="ok" live="status">
          {t.theAccountWasDeletedWith((text) => (
            <strong>{text}</strong>
          ))}
        </State>
      ) : undefined}
      <Block title={t.accountsThatYouCan} raw foot={nextPage('/console/accounts', { items, next }, messages)}>
        {items.length === 0 ? (
          <Empty title={t.noAccountsYet}>{t.inviteAPersonOr}</Empty>
        ) : (
          <AccountTable accounts={items} />
        )}
      </Block>
    </Screen>
  );
}

function AccountTable({ accounts }: { readonly accounts: Accounts['items'] }): JSX.Element {
  const { accounts: t, words } = useMessages();
  return (
    <Table
      caption={t.accounts}
      columns={[
        { title: t.account },
        { title: t.member },
        { title: t.role },
        { title: t.email },
        { title: t.state, bare: true },
      ]}
      rows={accounts.map((account) => ({
        key: account.name,
        cells: [
          <>
            <a href={accountPath(account.name)}>{account.name}</a>
            <Sub>{account.person ? t.aPerson : t.aProgram}</Sub>
          </>,
          account.member ?? t.theHub,
          words.roles[account.role],
          account.email ?? '–',
          <AccountState account={account} />,
        ],
      }))}
    />
  );
}

/** One account, its sessions and its sign-ins. */
export const accountPage: ConsolePage = {
  path: '/accounts/:account',
  title: (m) => m.accounts.account,
  needs: 'getAccount',
  show: async (context) => {
    const { ask, permits, query, who } = context;
    const account = await ask('getAccount', { parameters: { account: nameIn(context) } });
    const { items: signIns } = await ask('listSignIns', { parameters: { account: account.name } });
    return (
      <AccountView
        account={account}
        sessions={await sessionsOf(context, account.name)}
        signIns={signIns}
        canChange={permits('updateAccount') && account.managed !== 'file' && account.name !== who.name}
        canInvite={
          permits('inviteAccount') && account.person && !account.disabled && account.name !== who.name
        }
        done={query('done')}
      />
    );
  },
};

/** Returns the sessions of an account. The list of the operation has those of all accounts, in pages. */
async function sessionsOf({ ask }: PageContext, name: string): Promise<Sessions['items']> {
  const found: Sessions['items'][number][] = [];
  let after: string | undefined;
  do {
    const page = await ask('listSessions', { query: { limit: '1000', after } });
    found.push(...page.items.filter(({ account }) => account === name));
    after = page.next;
  } while (after !== undefined);
  return found;
}

function AccountView({
  account,
  sessions,
  signIns,
  canChange,
  canInvite,
  done,
}: {
  readonly account: Account;
  readonly sessions: Sessions['items'];
  readonly signIns: SignInList['items'];
  readonly canChange: boolean;
  readonly canInvite: boolean;
  readonly done: string | undefined;
}): JSX.Element {
  const t = useMessages().accounts;
  const at = accountPath(account.name);
  const said = textFor(t.done, done);
  return (
    <Screen title={account.name} crumb={['/console/accounts', t.accounts]}>
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      {canChange || canInvite ? (
        <Acts>
          {canInvite ? <Btn href={`${at}/invite`}>{t.createASignIn}</Btn> : undefined}
          {canChange ? <Btn href={`${at}/role`}>{t.changeTheRole}</Btn> : undefined}
          {canChange && account.person ? <Btn href={`${at}/reset`}>{t.resetTheSecondFactor}</Btn> : undefined}
          {canChange ? (
            <Btn href={`${at}/${account.disabled ? 'enable' : 'disable'}`}>
              {account.disabled ? t.enable : t.disable}
            </Btn>
          ) : undefined}
          {canChange ? (
            <Btn look="stop" href={`${at}/remove`}>
              {t.delete}
            </Btn>
          ) : undefined}
        </Acts>
      ) : undefined}
      <Two left={<SignIns signIns={signIns} />} right={<AccountFacts account={account} />} />
      <SessionTable sessions={sessions} />
    </Screen>
  );
}

function AccountFacts({ account }: { readonly account: Account }): JSX.Element {
  const { accounts: t, words } = useMessages();
  return (
    <Block title={t.facts}>
      <Facts
        items={[
          [t.state, <AccountState account={account} />],
          [t.kind, account.person ? t.aPerson : t.aProgram],
          [t.role, words.roles[account.role]],
          [t.member, account.member ?? t.theHub],
          [t.password, account.has_password ? t.set : t.none],
          [t.email, account.email === undefined ? undefined : t.text(account.email, account.email_verified)],
          [t.singleSignOn, account.single_sign_on],
          [t.tlpOfUnmarkedObjects, account.default_tlp],
          [t.managedBy, account.managed === 'file' ? t.theSettingsOfThe : t.theConsoleAndThe],
        ]}
      />
    </Block>
  );
}

function SignIns({ signIns }: { readonly signIns: SignInList['items'] }): JSX.Element {
  const t = useMessages().accounts;
  return (
    <Block title={t.lastSignIns} raw>
      {signIns.length === 0 ? (
        <Empty title={t.neverSignedIn}>{t.signInsAndRefused}</Empty>
      ) : (
        <List
          items={signIns.slice(0, MOST_SIGN_INS).map(({ at, way, result, address, agent }, i) => ({
            key: `${at} ${i}`,
            kind: result === 'accepted' ? 'ok' : 'bad',
            text: t.text2(result === 'accepted', way),
            note: <>{t.from(<Time at={at} />, address, agent === '', agent)}</>,
          }))}
        />
      )}
    </Block>
  );
}

function SessionTable({ sessions }: { readonly sessions: Sessions['items'] }): JSX.Element {
  const t = useMessages().accounts;
  return (
    <Block title={t.sessions} raw>
      {sessions.length === 0 ? (
        <Empty title={t.noOpenSession}>{t.aSessionAppearsHere}</Empty>
      ) : (
        <Table
          caption={t.sessions}
          columns={[
            { title: t.browser },
            { title: t.address, class: 'nw' },
            { title: t.since, class: 'nw' },
            { title: t.lastUse, class: 'nw' },
            { title: t.action, bare: true },
          ]}
          rows={sessions.map(({ id, agent, address, created, last_used: used, current }) => ({
            key: id,
            cells: [
              <>
                {agent === '' ? t.unknownProgram : agent}
                {current ? <Sub>{t.thisSession}</Sub> : undefined}
              </>,
              address,
              <Time at={created} />,
              <Time at={used} />,
              current ? '' : <a href={`/console/sessions/${encodeURIComponent(id)}`}>{t.end}</a>,
            ],
          }))}
        />
      )}
    </Block>
  );
}
