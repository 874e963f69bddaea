import type { JSX } from 'preact';
import { EmailSection } from './email.tsx';
import type { Preferences } from '../../../api/schema-types.ts';
import { PreferencesSection } from './preferences.tsx';
import { FactorSection, SignInTable } from './account-security.tsx';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page } from '../../shared/page.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

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
  const t = useMessages().account;
  return (
    <Page title={t.signIn} hub={hub}>
      <form method="post" action="/console/sign-in">
        <p>
          <label for="account">{t.account}</label>
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
        <PasswordField use="present" label={t.password} isWrong={fault !== undefined} />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">{t.signIn}</button>
        </p>
      </form>
      {signOn === undefined ? undefined : (
        <p>
          <a href="/console/sso">{t.signInWith(signOn)}</a>
        </p>
      )}
      {hasEmail ? (
        <p>
          <a href="/console/forgotten">{t.forgotYourPassword}</a>
        </p>
      ) : undefined}
      <p>{t.noPasswordYetAsk}</p>
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
  readonly preferences: Preferences;
  readonly preferenceFault: string | undefined;
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
  preferences,
  preferenceFault,
}: AccountShown): JSX.Element {
  const t = useMessages().account;
  return (
    <Page title={account} hub={hub}>
      <p>
        {t.youAreSignedIn(role, member ?? t.theHub, (text) => (
          <a href="/api/docs">{text}</a>
        ))}
      </p>
      {note === undefined ? undefined : <p role="status">{note}</p>}
      <form method="post" action="/console/sign-out">
        <p>
          <button type="submit">{t.signOut}</button>
        </p>
      </form>
      {canPublish ? (
        <p>
          <a href="/console/publish">{t.publishIndicators}</a>
        </p>
      ) : undefined}
      {red === 0 ? undefined : (
        <p>
          <a href="/console/red">{t.oneItemItemsOf(red)}</a>
        </p>
      )}
      <Notifications items={notifications} />
      <SessionTable sessions={sessions} />
      <SignInTable signIns={signIns} />
      <FactorSection factors={factors} canAddPasskey={canAddPasskey} />
      <SignOnSection signOn={signOn} />
      {email === undefined ? undefined : (
        <EmailSection email={email.email} isVerified={email.emailVerified} />
      )}
      <PreferencesSection preferences={preferences} fault={preferenceFault} />
      <PasswordSection account={account} fault={fault} />
    </Page>
  );
}

/** The link of the account to the sign-in provider. Empty when there is none. */
function SignOnSection({ signOn }: { readonly signOn: string | undefined }): JSX.Element {
  const t = useMessages().account;
  if (signOn === undefined) return <></>;
  return (
    <>
      <h2>{t.singleSignOn}</h2>
      <p>
        <a href="/console/sso?link">{t.linkThisAccountTo(signOn)}</a>
      </p>
    </>
  );
}

/** Recent notifications of the account. Empty when there are none. */
function Notifications({ items }: { readonly items: readonly NotificationShown[] }): JSX.Element {
  const t = useMessages().account;
  if (items.length === 0) return <></>;
  return (
    <>
      <h2>{t.notifications}</h2>
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
  const { account: t, words } = useMessages();
  return (
    <>
      <h2>{t.yourSessions}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.since}</th>
            <th scope="col">{t.lastUsed}</th>
            <th scope="col">{t.from}</th>
            <th scope="col">{t.browser}</th>
            <th scope="col">{t.with}</th>
            <th scope="col">{t.endIt}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td data-label={t.since}>
                <Time at={session.created} />
              </td>
              <td data-label={t.lastUsed}>
                <Time at={session.last_used} />
              </td>
              <td data-label={t.from}>{session.address}</td>
              <td data-label={t.browser} class="long">
                {words.client(session.agent)}
              </td>
              <td data-label={t.with}>{session.way}</td>
              <td data-label={session.current ? t.session : undefined}>
                {session.current ? (
                  t.thisOne
                ) : (
                  <form method="post" action={`/console/sessions/${session.id}/end`}>
                    <button type="submit">{t.end}</button>
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
  const t = useMessages().account;
  return (
    <>
      <h2>{t.yourPassword}</h2>
      <p>{t.aNewPasswordEnds}</p>
      <form method="post" action="/console/password">
        <AccountOfPassword account={account} />
        <PasswordField use="present" id="present" label={t.currentPassword} />
        <PasswordField use="new" id="next" label={t.newPasswordAtLeast} isWrong={fault !== undefined} />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">{t.changeThePassword}</button>
        </p>
      </form>
    </>
  );
}
