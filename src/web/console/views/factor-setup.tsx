import type { JSX } from 'preact';
import { renderSVG } from 'uqr';
import { Page } from '../../shared/page.tsx';
import { AuthenticatorForm, PasskeyForm, type StepFaults } from './factor-forms.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The page for setting up an authenticator app or a passkey. */
export function SetUp({
  hub,
  account,
  offer,
  passkeys,
  isForced,
  faults,
}: {
  /** Options for creating a passkey. Undefined when the account has the maximum number. */
  readonly passkeys: object | undefined;
  readonly hub: string;
  readonly account: string;
  /** The secret to add to the app. Undefined before one was requested. */
  readonly offer: { readonly secret: string; readonly uri: string } | undefined;
  /** True when the sign-in cannot continue without a second factor. */
  readonly isForced: boolean;
  readonly faults: StepFaults;
}): JSX.Element {
  const t = useMessages().factorSetup;
  return (
    <Page title={t.setUpASecond} hub={hub}>
      <p>{isForced ? t.thisHubRequiresA(account) : t.besidesYourPasswordYou}</p>
      <AuthenticatorSteps offer={offer} fault={faults.code} />
      {passkeys === undefined ? undefined : <PasskeyStep options={passkeys} fault={faults.passkey} />}
      {isForced ? (
        <form method="post" action="/console/sign-out">
          <p>
            <button type="submit">{t.cancelAndSignOut}</button>
          </p>
        </form>
      ) : (
        <p>
          <a href="/console/account">{t.backToYourAccount}</a>
        </p>
      )}
    </Page>
  );
}

/** Requests a secret for an authenticator app, or shows it and asks for the first code. */
function AuthenticatorSteps({
  offer,
  fault,
}: {
  readonly offer: { readonly secret: string; readonly uri: string } | undefined;
  readonly fault: StepFaults['code'];
}): JSX.Element {
  const t = useMessages().factorSetup;
  if (offer === undefined) {
    return (
      <form method="post" action="/console/second-factor/offer">
        <p>
          <button type="submit">{t.setUpAnAuthenticator}</button>
        </p>
      </form>
    );
  }
  return (
    <>
      <h2>{t.n1AddThisHub}</h2>
      <p>{t.scanThisCodeWith}</p>
      <div
        class="qr"
        role="img"
        aria-label={t.qrCodeOfThe}
        // The library draws the code only from the address, which the hub made.
        dangerouslySetInnerHTML={{ __html: renderSVG(offer.uri, { border: 2 }) }}
      />
      <p>{t.secret(<code>{offer.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>)}</p>
      <h2>{t.n2EnterTheCode}</h2>
      <AuthenticatorForm action="/console/second-factor/verify" button={t.turnOnSecondFactor} fault={fault} />
    </>
  );
}

function PasskeyStep({
  options,
  fault,
}: {
  readonly options: object;
  readonly fault: StepFaults['passkey'];
}): JSX.Element {
  const t = useMessages().factorSetup;
  return (
    <>
      <h2 id="passkey">{t.orUseAPasskey}</h2>
      <p>{t.aPasskeyIsStored}</p>
      <PasskeyForm
        action="/console/second-factor/passkeys"
        use="create"
        options={options}
        button={t.addAPasskey}
        fault={fault}
      />
    </>
  );
}

/** Recovery codes. This is the only time that they are shown. */
export function RecoveryCodes({
  hub,
  codes,
  title,
}: {
  readonly hub: string;
  readonly codes: readonly string[];
  readonly title: string;
}): JSX.Element {
  const t = useMessages().factorSetup;
  return (
    <Page title={title} hub={hub}>
      {codes.length === 0 ? (
        <p>{t.yourRecoveryCodesHave}</p>
      ) : (
        <>
          <p>{t.saveTheseRecoveryCodes}</p>
          <ul>
            {codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <a href="/console/account">{t.continueToYourAccount}</a>
      </p>
    </Page>
  );
}
