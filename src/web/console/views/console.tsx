import type { JSX } from 'preact';
import { EmailSection } from './email.tsx';
import { FactorSection, SignInTable } from './account-security.tsx';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page } from '../../shared/page.tsx';
import { Time } from '../../shared/times.tsx';
import { clientInWords } from '../../shared/words.ts';

/** The sign-in page. It works without a script. */
export function SignIn({
  hub,
  hasEmail,
  signOn,
  account,
  fault,
}: {
  readonly hub: string;
  /** True when a forgotten password can be reset by email. */
  readonly hasEmail: boolean;
  /** The name of the single sign-on provider. Undefined when there is none. */
  readonly signOn: string | undefined;
  /** The account name that was entered before. */
  readonly account: string;
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <Page title="Sign in" hub={hub}>
      <form method="post" action="/console/sign-in">
        <p>
          <label for="account">Account</label>
          <input
            id="account"
            name="account"
            required
            maxLength={64}
            autocomplete="username"
            autocapitalize="none"
            value={account}
          />
        </p>
        <PasswordField use="present" label="Password" isWrong={fault !== undefined} />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">Sign in</button>
        </p>
      </form>
      {signOn === undefined ? undefined : (
        <p>
          <a href="/console/sso">{`Sign in with ${signOn}`}</a>
        </p>
      )}
      {hasEmail ? (
        <p>
          <a href="/console/forgotten">Forgot your password?</a>
        </p>
      ) : undefined}
      <p>No password yet? Ask your administrator for a sign-in link.</p>
    </Page>
  );
}

/** A session as the account page shows it. */
export interface SessionShown {
  readonly id: string;
  readonly account: string;
  readonly created: string;
  readonly last_used: string;
  readonly address: string;
  readonly agent: string;
  readonly way: string;
  readonly current: boolean;
}

interface NotificationShown {
  readonly id: string;
  readonly at: string;
  readonly text: string;
}

/** An account as its person sees it. */
export interface AccountShown {
  readonly hub: string;
  readonly account: string;
  readonly role: string;
  readonly member: string | undefined;
  readonly sessions: readonly SessionShown[];
  readonly signIns: Parameters<typeof SignInTable>[0]['signIns'];
  /** The sign-in provider. Undefined when there is none. */
  readonly signOn: string | undefined;
  /** Absent when the hub sends no email. */
  readonly email: { readonly email: string | undefined; readonly emailVerified: boolean } | undefined;
  readonly notifications: readonly NotificationShown[];
  readonly factors: Parameters<typeof FactorSection>[0]['factors'];
  readonly canAddPasskey: boolean;
  /** The number of TLP:RED items that were given to the person. */
  readonly red: number;
  /** True if there is a collection that the person can write to. */
  readonly canPublish: boolean;
  readonly fault: string | undefined;
  readonly note: string | undefined;
}

/** The account page of a signed-in person: the account, its sessions and its password. */
export function Account({
  hub,
  account,
  role,
  member,
  sessions,
  signIns,
  notifications,
  factors,
  canAddPasskey,
  signOn,
  email,
  red,
  canPublish,
  fault,
  note,
}: AccountShown): JSX.Element {
  return (
    <Page title={account} hub={hub}>
      <p>
        You are signed in as {role} of {member ?? 'the hub'}. Your programs can use the{' '}
        <a href="/api/docs">API</a> with keys.
      </p>
      {note === undefined ? undefined : <p role="status">{note}</p>}
      <form method="post" action="/console/sign-out">
        <p>
          <button type="submit">Sign out</button>
        </p>
      </form>
      {canPublish ? (
        <p>
          <a href="/console/publish">Publish indicators</a>
        </p>
      ) : undefined}
      {red === 0 ? undefined : (
        <p>
          <a href="/console/red">{red === 1 ? 'One item' : `${red} items`} of TLP:RED for you</a>
        </p>
      )}
      <Notifications items={notifications} />
      <SessionTable sessions={sessions} />
      <SignInTable signIns={signIns} />
      <FactorSection factors={factors} canAddPasskey={canAddPasskey} />
      {signOn === undefined ? undefined : (
        <>
          <h2>Single sign-on</h2>
          <p>
            <a href="/console/sso?link">{`Link this account to you at ${signOn}`}</a>
          </p>
        </>
      )}
      {email === undefined ? undefined : (
        <EmailSection email={email.email} isVerified={email.emailVerified} />
      )}
      <PasswordSection account={account} fault={fault} />
    </Page>
  );
}

/** Recent notifications of the account. Empty when there are none. */
function Notifications({ items }: { readonly items: readonly NotificationShown[] }): JSX.Element {
  if (items.length === 0) return <></>;
  return (
    <>
      <h2>Notifications</h2>
      <ul>
        {items.map(({ id, at, text }) => (
          <li key={id}>
            <Time at={at} />: {text}
          </li>
        ))}
      </ul>
    </>
  );
}

function SessionTable({ sessions }: { readonly sessions: readonly SessionShown[] }): JSX.Element {
  return (
    <>
      <h2>Your sessions</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Since</th>
            <th scope="col">Last used</th>
            <th scope="col">From</th>
            <th scope="col">Browser</th>
            <th scope="col">With</th>
            <th scope="col">End it</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td data-label="Since">
                <Time at={session.created} />
              </td>
              <td data-label="Last used">
                <Time at={session.last_used} />
              </td>
              <td data-label="From">{session.address}</td>
              <td data-label="Browser" class="long">
                {clientInWords(session.agent)}
              </td>
              <td data-label="With">{session.way}</td>
              <td data-label={session.current ? 'Session' : undefined}>
                {session.current ? (
                  'this one'
                ) : (
                  <form method="post" action={`/console/sessions/${session.id}/end`}>
                    <button type="submit">End</button>
                  </form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function PasswordSection({
  account,
  fault,
}: {
  readonly account: string;
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <>
      <h2>Your password</h2>
      <p>A new password ends all your sessions except this one.</p>
      <form method="post" action="/console/password">
        <AccountOfPassword account={account} />
        <PasswordField use="present" id="present" label="Current password" />
        <PasswordField
          use="new"
          id="next"
          label="New password, at least 12 characters"
          isWrong={fault !== undefined}
        />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">Change the password</button>
        </p>
      </form>
    </>
  );
}
