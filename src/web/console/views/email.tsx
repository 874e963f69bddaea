import type { JSX } from 'preact';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page } from '../../shared/page.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The form that requests a password reset link. */
export function Forgotten({
  hub,
  fault,
}: {
  readonly hub: string;
  readonly fault: string | undefined;
}): JSX.Element {
  const t = useMessages().email;
  return (
    <Page title={t.resetAForgottenPassword} hub={hub}>
      <p>{t.ifTheAccountHas}</p>
      <form method="post" action="/console/forgotten">
        <p>
          <label for="account">{t.accountNameOrEmail}</label>
          <input
            id="account"
            name="account"
            required
            maxLength={254}
            autocomplete="username"
            autocapitalize="none"
          />
        </p>
        <Fault fault={fault} />
        <p>
          <button type="submit">{t.sendTheLink}</button>
        </p>
      </form>
      <p>
        <a href="/console/sign-in">{t.backToSignIn}</a>
      </p>
    </Page>
  );
}

/** The form for a new password. */
export function Reset({
  hub,
  account,
  token,
  fault,
}: {
  readonly hub: string;
  readonly account: string;
  readonly token: string;
  readonly fault: string | undefined;
}): JSX.Element {
  const t = useMessages().email;
  return (
    <Page title={t.chooseANewPassword(account)} hub={hub}>
      <p>{t.thisEndsAllSessions}</p>
      <form method="post" action={`/console/reset/${token}`}>
        <AccountOfPassword account={account} />
        <PasswordField use="new" label={t.newPasswordAtLeast} isWrong={fault !== undefined} />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">{t.setThePassword}</button>
        </p>
      </form>
    </Page>
  );
}

/**
 * Asks for a confirmation of an email address. The page uses a button, because programs that scan emails
 * follow links.
 */
export function ConfirmEmail({
  hub,
  email,
  token,
}: {
  readonly hub: string;
  readonly email: string;
  readonly token: string;
}): JSX.Element {
  const t = useMessages().email;
  return (
    <Page title={t.confirmYourEmailAddress} hub={hub}>
      <p>{t.confirmThatIsYours(<strong>{email}</strong>)}</p>
      <form method="post" action={`/console/email/${token}`}>
        <p>
          <button type="submit">{t.confirmAddress}</button>
        </p>
      </form>
    </Page>
  );
}

/** The email address of an account, on the account page. */
export function EmailSection({
  email,
  isVerified,
}: {
  readonly email: string | undefined;
  readonly isVerified: boolean;
}): JSX.Element {
  const t = useMessages().email;
  return (
    <section id="email">
      <h2>{t.yourEmailAddress}</h2>
      <p>{email === undefined ? t.noneWithAConfirmed : t.text(email, isVerified)}</p>
      <form method="post" action="/console/email">
        <p>
          <label for="email-address">{email === undefined ? t.address : t.newAddress}</label>
          <input
            id="email-address"
            name="email"
            type="email"
            required
            maxLength={254}
            autocomplete="email"
            value={email !== undefined && !isVerified ? email : ''}
          />
        </p>
        <p>
          <button type="submit">{t.sendConfirmationLink}</button>
        </p>
      </form>
    </section>
  );
}
