import type { JSX } from 'preact';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { confirmationFor } from '../next-page.ts';
import { Page } from '../../shared/page.tsx';
import { AuthenticatorForm, CodeField, PasskeyForm, type StepFaults } from './factor-forms.tsx';
import { Time } from '../../shared/times.tsx';

/** The second step of a sign-in. It works without a script. */
export function SecondStep({
  hub,
  account,
  now,
  hasAuthenticator,
  passkeys,
  faults,
}: {
  readonly hub: string;
  readonly account: string;
  /** Options for using a passkey. Undefined when the account has none. */
  readonly passkeys: object | undefined;
  /** RFC 3339. A phone with a wrong clock shows codes that do not match. */
  readonly now: string;
  readonly hasAuthenticator: boolean;
  readonly faults: StepFaults;
}): JSX.Element {
  return (
    <Page title="Confirm your identity" hub={hub}>
      <p>
        Signing in as <strong>{account}</strong>. <a href="/console/sign-in">Use a different account</a>
      </p>
      {passkeys === undefined ? undefined : (
        <PasskeyForm
          action="/console/second-factor"
          use="get"
          options={passkeys}
          button="Use a passkey"
          fault={faults.passkey}
        />
      )}
      {hasAuthenticator ? (
        <AuthenticatorForm action="/console/second-factor" button="Sign in" fault={faults.code} />
      ) : undefined}
      <h2>If you cannot use it</h2>
      <form method="post" action="/console/second-factor">
        <CodeField
          id="recovery"
          label="Recovery code"
          hint="One of the ten codes that you saved, such as 7Q4K-M2RD-X0V9-3HTN. Each works once."
          fault={hasAuthenticator ? undefined : faults.code}
          numeric={false}
        />
        <p>
          <button type="submit">Use recovery code</button>
        </p>
      </form>
      <NoCodes now={hasAuthenticator ? now : undefined} />
    </Page>
  );
}

/** Advice for a person without codes. `now` is the time of the hub, for a person whose app shows codes. */
function NoCodes({ now }: { readonly now: string | undefined }): JSX.Element {
  return (
    <p>
      No codes left? Ask the administrator of your account to reset your second factor.
      {now === undefined ? undefined : (
        <>
          {' '}
          If codes are refused again and again, check that your phone sets its clock automatically. It is now{' '}
          <Time at={now} />.
        </>
      )}
    </p>
  );
}

/** Asks for the password or a code again. */
export function Confirm({
  hub,
  account,
  hasAuthenticator,
  signOn,
  next,
  fault,
}: {
  readonly hub: string;
  readonly account: string;
  /** The page that asked for the confirmation. Undefined: the page of the person's own account. */
  readonly next: string | undefined;
  readonly hasAuthenticator: boolean;
  /** The sign-in provider that the session came from. Undefined when there is none. */
  readonly signOn: string | undefined;
  readonly fault: string | undefined;
}): JSX.Element {
  const action = next === undefined ? '/console/confirm' : confirmationFor(next);
  return (
    <Page title="Confirm your identity" hub={hub}>
      <p>
        {next === undefined
          ? `You are about to change how ${account} signs in. `
          : 'You are about to change what people or programs can do. '}
        Enter your password
        {hasAuthenticator ? ', or a code from your authenticator app,' : ''} again. The confirmation lasts for
        five minutes.
      </p>
      <Fault fault={fault} />
      {hasAuthenticator ? (
        <form method="post" action={action}>
          <CodeField
            id="code"
            label="Code from your authenticator app, or a recovery code"
            hint="Six digits from the app. A new code appears every 30 seconds."
            fault={undefined}
            numeric={false}
          />
          <p>
            <button type="submit">Confirm with code</button>
          </p>
        </form>
      ) : undefined}
      {signOn === undefined ? undefined : (
        <p>
          <a href="/console/sso?confirm">{`Confirm with ${signOn}`}</a>
        </p>
      )}
      <form method="post" action={action}>
        <AccountOfPassword account={account} />
        <PasswordField use="present" label="Password" />
        <p>
          <button type="submit">Confirm with password</button>
        </p>
      </form>
    </Page>
  );
}
