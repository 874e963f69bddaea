import type { JSX } from 'preact';
import { renderSVG } from 'uqr';
import { passkeyScript } from '../../shared/assets.ts';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page, inWords } from '../../shared/page.tsx';

/** Why the last attempt was refused. Each message is shown at the form that it belongs to. */
export interface StepFaults {
  readonly code?: string;
  readonly passkey?: string;
}

/** A label, its field, and an error message for the value that was entered. */
function CodeField({
  id,
  label,
  hint,
  fault,
  numeric,
}: {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly fault: string | undefined;
  readonly numeric: boolean;
}): JSX.Element {
  return (
    <>
      <p>
        <label for={id}>{label}</label>
        <input
          id={id}
          name="code"
          required
          maxLength={40}
          inputMode={numeric ? 'numeric' : 'text'}
          autocomplete={numeric ? 'one-time-code' : 'off'}
          autocapitalize="characters"
          spellcheck={false}
          aria-describedby={fault === undefined ? `${id}-hint` : `${id}-hint ${id}-fault`}
        />
        <small id={`${id}-hint`}>{hint}</small>
      </p>
      <Fault id={`${id}-fault`} fault={fault} />
    </>
  );
}

/** A form for the code that an authenticator app shows. */
function AuthenticatorForm({
  action,
  button,
  fault,
}: {
  readonly action: string;
  readonly button: string;
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <form method="post" action={action}>
      <CodeField
        id="code"
        label="Code from your authenticator app"
        hint="Six digits. A new code appears every 30 seconds."
        fault={fault}
        numeric
      />
      <p>
        <button type="submit">{button}</button>
      </p>
    </form>
  );
}

/** A form that a passkey fills in. It is hidden until the script knows that the browser supports passkeys. */
function PasskeyForm({
  action,
  use,
  options,
  button,
  fault,
}: {
  readonly action: string;
  readonly use: 'create' | 'get';
  readonly options: object;
  readonly button: string;
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <>
      <Fault fault={fault} />
      <form method="post" action={action} hidden data-passkey={use} data-options={JSON.stringify(options)}>
        <input type="hidden" name="passkey" value="" />
        <p role="alert" hidden data-fault>
          The passkey was not used. Try again, or use a code.
        </p>
        <p>
          <button type="submit">{button}</button>
        </p>
      </form>
      <p>Passkeys need JavaScript and a browser that supports them. Codes work without JavaScript.</p>
      <script src={passkeyScript.path} defer />
    </>
  );
}

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
      <p>
        No codes left? Ask the administrator of your account to reset your second factor.
        {hasAuthenticator
          ? ` If codes are refused again and again, check that your phone sets its clock automatically. It is now ${inWords(now)}.`
          : ''}
      </p>
    </Page>
  );
}

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
      {offer === undefined ? (
        <form method="post" action="/console/second-factor/offer">
          <p>
            <button type="submit">Set up an authenticator app</button>
          </p>
        </form>
      ) : (
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
            fault={faults.code}
          />
        </>
      )}
      {passkeys === undefined ? undefined : (
        <>
          <h2 id="passkey">Or use a passkey</h2>
          <p>
            A passkey is stored on your device, in your browser or on a security key. You use it instead of a
            code.
          </p>
          <PasskeyForm
            action="/console/second-factor/passkeys"
            use="create"
            options={passkeys}
            button="Add a passkey"
            fault={faults.passkey}
          />
        </>
      )}
      {isForced ? (
        <form method="post" action="/console/sign-out">
          <p>
            <button type="submit">Cancel and sign out</button>
          </p>
        </form>
      ) : (
        <p>
          <a href="/console">Back to your account</a>
        </p>
      )}
    </Page>
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
            safe. Each code works once in place of your second factor. The codes are shown only now.
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
        <a href="/console">Continue to your account</a>
      </p>
    </Page>
  );
}

/** Asks for the password or a code again. */
export function Confirm({
  hub,
  account,
  hasAuthenticator,
  signOn,
  fault,
}: {
  readonly hub: string;
  readonly account: string;
  readonly hasAuthenticator: boolean;
  /** The sign-in provider that the session came from. Undefined when there is none. */
  readonly signOn: string | undefined;
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <Page title="Confirm your identity" hub={hub}>
      <p>
        You are about to change how {account} signs in. Enter your password
        {hasAuthenticator ? ', or a code from your authenticator app,' : ''} again. The confirmation lasts for
        five minutes.
      </p>
      <Fault fault={fault} />
      {hasAuthenticator ? (
        <form method="post" action="/console/confirm">
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
      <form method="post" action="/console/confirm">
        <AccountOfPassword account={account} />
        <PasswordField use="present" label="Password" />
        <p>
          <button type="submit">Confirm with password</button>
        </p>
      </form>
    </Page>
  );
}

/** The second factor of an account, on the account page. */
export function FactorSection({
  factors,
  canAddPasskey,
}: {
  readonly factors: {
    readonly required: boolean;
    readonly authenticator: { readonly since: string } | undefined;
    readonly passkeys: readonly { readonly id: string; readonly label: string; readonly since: string }[];
    readonly recovery_codes_left: number;
  };
  readonly canAddPasskey: boolean;
}): JSX.Element {
  const { authenticator, recovery_codes_left: left } = factors;
  return (
    <section id="second-factor">
      <h2>Your second factor</h2>
      <p>
        {authenticator === undefined
          ? `No authenticator app is set up.${factors.passkeys.length === 0 ? '' : ` ${left} of 10 recovery codes are left.`}`
          : `Authenticator app, since ${inWords(authenticator.since)}. ${left} of 10 recovery codes are left.`}
        {factors.required ? ' This hub requires a second factor for your account.' : ''}
      </p>
      <p>
        <a href="/console/second-factor/set-up">
          {authenticator === undefined ? 'Set up an authenticator app' : 'Replace the authenticator app'}
        </a>
      </p>
      {canAddPasskey ? (
        <p>
          <a href="/console/second-factor/set-up#passkey">
            {factors.passkeys.length === 0 ? 'Set up a passkey' : 'Set up another passkey'}
          </a>
        </p>
      ) : undefined}
      {factors.passkeys.map(({ id, label, since }) => (
        <form key={id} method="post" action={`/console/second-factor/passkeys/${id}/remove`}>
          <p>
            {label}, since {inWords(since)}
          </p>
          <p>
            <button type="submit">Remove the passkey</button>
          </p>
        </form>
      ))}
      {authenticator === undefined && factors.passkeys.length === 0 ? undefined : (
        <>
          <form method="post" action="/console/second-factor/codes">
            <p>
              <button type="submit">Create new recovery codes</button>
            </p>
          </form>
          {factors.required || authenticator === undefined ? undefined : (
            <form method="post" action="/console/second-factor/remove">
              <p>
                <button type="submit">Remove the authenticator app</button>
              </p>
            </form>
          )}
        </>
      )}
    </section>
  );
}

/** The last sign-ins of an account, on the account page. */
export function SignInTable({
  signIns,
}: {
  readonly signIns: readonly {
    readonly at: string;
    readonly way: string;
    readonly result: string;
    readonly address: string;
    readonly agent: string;
  }[];
}): JSX.Element {
  return (
    <>
      <h2>Last sign-ins</h2>
      <p>If you do not recognise one that was accepted, change your password and tell your administrator.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Result</th>
            <th scope="col">With</th>
            <th scope="col">Address</th>
            <th scope="col">Browser</th>
          </tr>
        </thead>
        <tbody>
          {signIns.map(({ at, way, result, address, agent }, i) => (
            <tr key={i}>
              <td data-label="Time">{inWords(at)}</td>
              <td data-label="Result">{result}</td>
              <td data-label="With">{way}</td>
              <td data-label="Address">{address}</td>
              <td data-label="Browser" class="long">
                {agent}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
