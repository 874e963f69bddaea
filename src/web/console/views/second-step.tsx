import type { JSX } from 'preact';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { confirmationFor } from '../next-page.ts';
import { Page } from '../../shared/page.tsx';
import { AuthenticatorForm, CodeField, PasskeyForm, type StepFaults } from './factor-forms.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

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
  const t = useMessages().secondStep;
  return (
    <Page title={t.confirmYourIdentity} hub={hub}>
      <p>
        {t.signingInAsUse(<strong>{account}</strong>, (text) => (
          <a href="/console/sign-in">{text}</a>
        ))}
      </p>
      {passkeys === undefined ? undefined : (
        <PasskeyForm
          action="/console/second-factor"
          use="get"
          options={passkeys}
          button={t.useAPasskey}
          fault={faults.passkey}
        />
      )}
      {hasAuthenticator ? (
        <AuthenticatorForm action="/console/second-factor" button={t.signIn} fault={faults.code} />
      ) : undefined}
      <h2>{t.ifYouCannotUse}</h2>
      <form method="post" action="/console/second-factor">
        <CodeField
          id="recovery"
          label={t.recoveryCode}
          hint={t.oneOfTheTen}
          fault={hasAuthenticator ? undefined : faults.code}
          numeric={false}
        />
        <p>
          <button type="submit">{t.useRecoveryCode}</button>
        </p>
      </form>
      <NoCodes now={hasAuthenticator ? now : undefined} />
    </Page>
  );
}

/** Advice for a person without codes. `now` is the time of the hub, for a person whose app shows codes. */
function NoCodes({ now }: { readonly now: string | undefined }): JSX.Element {
  const t = useMessages().secondStep;
  return (
    <p>
      {t.noCodesLeftAsk}
      {now === undefined ? undefined : <> {t.ifCodesAreRefused(<Time at={now} />)}</>}
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
  const t = useMessages().secondStep;
  const action = next === undefined ? '/console/confirm' : confirmationFor(next);
  return (
    <Page title={t.confirmYourIdentity} hub={hub}>
      <p>{t.aboutToChange(next === undefined, account, hasAuthenticator)}</p>
      <Fault fault={fault} />
      {hasAuthenticator ? (
        <form method="post" action={action}>
          <CodeField
            id="code"
            label={t.codeFromYourAuthenticator}
            hint={t.sixDigitsFromThe}
            fault={undefined}
            numeric={false}
          />
          <p>
            <button type="submit">{t.confirmWithCode}</button>
          </p>
        </form>
      ) : undefined}
      {signOn === undefined ? undefined : (
        <p>
          <a href="/console/sso?confirm">{t.confirmWith(signOn)}</a>
        </p>
      )}
      <form method="post" action={action}>
        <AccountOfPassword account={account} />
        <PasswordField use="present" label={t.password} />
        <p>
          <button type="submit">{t.confirmWithPassword}</button>
        </p>
      </form>
    </Page>
  );
}
