import type { JSX } from 'preact';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page } from '../../shared/page.tsx';

/** The form that requests a password reset link. */
export function Forgotten({
  hub,
  fault,
}: {
  readonly hub: string;
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <Page title="Reset a forgotten password" hub={hub}>
      <p>
        If the account has a confirmed email address, the hub sends a link there. It works for 30 minutes.
      </p>
      <form method="post" action="/console/forgotten">
        <p>
          <label for="account">Account name or email address</label>
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
          <button type="submit">Send the link</button>
        </p>
      </form>
      <p>
        <a href="/console/sign-in">Back to sign in</a>
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
  return (
    <Page title={`Choose a new password for ${account}`} hub={hub}>
      <p>This ends all sessions of the account. A second factor does not change.</p>
      <form method="post" action={`/console/reset/${token}`}>
        <AccountOfPassword account={account} />
        <PasswordField use="new" label="New password, at least 12 characters" isWrong={fault !== undefined} />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">Set the password</button>
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
  return (
    <Page title="Confirm your email address" hub={hub}>
      <p>
        Confirm that <strong>{email}</strong> is yours. You must be signed in to your account in this browser.
      </p>
      <form method="post" action={`/console/email/${token}`}>
        <p>
          <button type="submit">Confirm address</button>
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
  return (
    <section id="email">
      <h2>Your email address</h2>
      <p>
        {email === undefined
          ? 'None. With a confirmed address you can reset a forgotten password and receive security notices.'
          : `${email} (${isVerified ? 'confirmed' : 'not confirmed'})`}
      </p>
      <form method="post" action="/console/email">
        <p>
          <label for="email-address">{email === undefined ? 'Address' : 'New address'}</label>
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
          <button type="submit">Send confirmation link</button>
        </p>
      </form>
    </section>
  );
}
