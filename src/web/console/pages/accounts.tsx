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

/** Number of accounts on a page. */
const MOST = 100;
/** Number of sign-ins on the page of an account. */
const MOST_SIGN_INS = 20;

/** The accounts that the person may see. */
export const accountsPage: ConsolePage = {
  path: '/accounts',
  title: 'Accounts',
  nav: 'Run',
  needs: 'listAccounts',
  show: async ({ ask, permits, query }) => {
    const page = await ask('listAccounts', { query: { limit: String(MOST), after: query('after') } });
    return <AccountsView page={page} canCreate={permits('createAccount')} done={query('done')} />;
  },
};

function AccountState({ account }: { readonly account: Account }): JSX.Element {
  if (account.disabled) return <St kind="off">Disabled</St>;
  if (account.person && !account.has_password && account.single_sign_on === undefined)
    return <St kind="wait">No password yet</St>;
  return <St kind="ok">Active</St>;
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
  return (
    <Screen
      title="Accounts"
      note={
        <>
          People and programs that can sign in. The same list: <code>talanoa account list</code>.
        </>
      }
      actions={canCreate ? <Btn href="/console/invitations/new">Invite a person</Btn> : undefined}
    >
      {done === 'removed' ? (
        <State kind="ok" live="status">
          <strong>The account was deleted,</strong> with its keys and grants.
        </State>
      ) : undefined}
      <Block title="Accounts that you can see" raw foot={nextPage('/console/accounts', { items, next })}>
        {items.length === 0 ? (
          <Empty title="No accounts yet">Invite a person, or create an account for a program.</Empty>
        ) : (
          <AccountTable accounts={items} />
        )}
      </Block>
    </Screen>
  );
}

function AccountTable({ accounts }: { readonly accounts: Accounts['items'] }): JSX.Element {
  return (
    <Table
      caption="Accounts"
      columns={[
        { title: 'Account' },
        { title: 'Member' },
        { title: 'Role' },
        { title: 'Email' },
        { title: 'State', bare: true },
      ]}
      rows={accounts.map((account) => ({
        key: account.name,
        cells: [
          <>
            <a href={accountPath(account.name)}>{account.name}</a>
            <Sub>{account.person ? 'a person' : 'a program'}</Sub>
          </>,
          account.member ?? 'the hub',
          account.role,
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
  title: 'Account',
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

const DONE: Readonly<Record<string, string>> = {
  disabled: 'The account is disabled. Its sessions have ended, and its keys do not work.',
  enabled: 'The account can be used again. Sessions and keys that have ended are not restored.',
  role: 'The role was changed. The sessions of the account have ended.',
  reset: 'The second factor was reset. The person sets up a new one at the next sign-in.',
  ended: 'The session has ended.',
};

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
  const at = accountPath(account.name);
  const said = textFor(DONE, done);
  return (
    <Screen title={account.name} crumb={['/console/accounts', 'Accounts']}>
      {said === undefined ? undefined : (
        <State kind="ok" live="status">
          {said}
        </State>
      )}
      {canChange || canInvite ? (
        <Acts>
          {canInvite ? <Btn href={`${at}/invite`}>Create a sign-in link</Btn> : undefined}
          {canChange ? <Btn href={`${at}/role`}>Change the role</Btn> : undefined}
          {canChange && account.person ? <Btn href={`${at}/reset`}>Reset the second factor</Btn> : undefined}
          {canChange ? (
            <Btn href={`${at}/${account.disabled ? 'enable' : 'disable'}`}>
              {account.disabled ? 'Enable' : 'Disable'}
            </Btn>
          ) : undefined}
          {canChange ? (
            <Btn look="stop" href={`${at}/remove`}>
              Delete
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
  return (
    <Block title="Facts">
      <Facts
        items={[
          ['State', <AccountState account={account} />],
          ['Kind', account.person ? 'a person' : 'a program'],
          ['Role', account.role],
          ['Member', account.member ?? 'the hub'],
          ['Password', account.has_password ? 'set' : 'none'],
          [
            'Email',
            account.email === undefined
              ? undefined
              : `${account.email}, ${account.email_verified ? 'confirmed' : 'not confirmed yet'}`,
          ],
          ['Single sign-on', account.single_sign_on],
          ['TLP of unmarked objects', account.default_tlp],
          ['Managed by', account.managed === 'file' ? 'the settings of the hub' : 'the console and the API'],
        ]}
      />
    </Block>
  );
}

function SignIns({ signIns }: { readonly signIns: SignInList['items'] }): JSX.Element {
  return (
    <Block title="Last sign-ins" raw>
      {signIns.length === 0 ? (
        <Empty title="Never signed in">Sign-ins and refused attempts appear here.</Empty>
      ) : (
        <List
          items={signIns.slice(0, MOST_SIGN_INS).map(({ at, way, result, address, agent }, i) => ({
            key: `${at} ${i}`,
            kind: result === 'accepted' ? 'ok' : 'bad',
            text: `${result === 'accepted' ? 'Signed in' : 'Refused'}: ${way}`,
            note: (
              <>
                <Time at={at} />, from {address}, {agent === '' ? 'unknown program' : agent}
              </>
            ),
          }))}
        />
      )}
    </Block>
  );
}

function SessionTable({ sessions }: { readonly sessions: Sessions['items'] }): JSX.Element {
  return (
    <Block title="Sessions" raw>
      {sessions.length === 0 ? (
        <Empty title="No open session">A session appears here while somebody is signed in.</Empty>
      ) : (
        <Table
          caption="Sessions"
          columns={[
            { title: 'Browser' },
            { title: 'Address', class: 'nw' },
            { title: 'Since', class: 'nw' },
            { title: 'Last use', class: 'nw' },
            { title: 'Action', bare: true },
          ]}
          rows={sessions.map(({ id, agent, address, created, last_used: used, current }) => ({
            key: id,
            cells: [
              <>
                {agent === '' ? 'unknown program' : agent}
                {current ? <Sub>this session</Sub> : undefined}
              </>,
              address,
              <Time at={created} />,
              <Time at={used} />,
              current ? '' : <a href={`/console/sessions/${encodeURIComponent(id)}`}>End</a>,
            ],
          }))}
        />
      )}
    </Block>
  );
}
