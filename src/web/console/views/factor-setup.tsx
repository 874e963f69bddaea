import type { JSX } from 'preact';
import { renderSVG } from 'uqr';
import { Page } from '../../shared/page.tsx';
import { AuthenticatorForm, PasskeyForm, type StepFaults } from './factor-forms.tsx';

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
  return (
    <Page title="Set up a second factor" hub={hub}>
      <p>
        {isForced
          ? `This hub requires a second factor for ${account}: besides your password, you enter a code from an app on your phone.`
          : 'Besides your password, you will enter a code from an app on your phone.'}
      </p>
      <AuthenticatorSteps offer={offer} fault={faults.code} />
      {passkeys === undefined ? undefined : <PasskeyStep options={passkeys} fault={faults.passkey} />}
      {isForced ? (
        <form method="post" action="/console/sign-out">
          <p>
            <button type="submit">Cancel and sign out</button>
          </p>
        </form>
      ) : (
        <p>
          <a href="/console/account">Back to your account</a>
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
  if (offer === undefined) {
    return (
      <form method="post" action="/console/second-factor/offer">
        <p>
          <button type="submit">Set up an authenticator app</button>
        </p>
      </form>
    );
  }
  return (
    <>
      <h2>1. Add this hub to your authenticator app</h2>
      <p>Scan this code with the app, or enter the secret by hand.</p>
      <div
        class="qr"
        role="img"
        aria-label="QR code of the secret"
        // The library draws the code only from the address, which the hub made.
        dangerouslySetInnerHTML={{ __html: renderSVG(offer.uri, { border: 2 }) }}
      />
      <p>
        Secret: <code>{offer.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <h2>2. Enter the code that the app shows</h2>
      <AuthenticatorForm
        action="/console/second-factor/verify"
        button="Turn on second factor"
        fault={fault}
      />
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
  return (
    <>
      <h2 id="passkey">Or use a passkey</h2>
      <p>
        A passkey is stored on your device, in your browser or on a security key. You use it instead of a
        code.
      </p>
      <PasskeyForm
        action="/console/second-factor/passkeys"
        use="create"
        options={options}
        button="Add a passkey"
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
  return (
    <Page title={title} hub={hub}>
      {codes.length === 0 ? (
        <p>Your recovery codes have not changed.</p>
      ) : (
        <>
          <p>
            Save these recovery codes in a place that you can reach without your phone, such as on paper in a
            safe. Each code works once instead of your second factor. The codes are shown only now.
          </p>
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
        <a href="/console/account">Continue to your account</a>
      </p>
    </Page>
  );
}
