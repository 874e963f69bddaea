import type { JSX } from 'preact';
import { Time } from '../../shared/times.tsx';
import { clientInWords } from '../../shared/words.ts';

interface FactorsShown {
  readonly required: boolean;
  readonly authenticator?: { readonly since: string } | undefined;
  readonly passkeys: readonly { readonly id: string; readonly label: string; readonly since: string }[];
  readonly recovery_codes_left: number;
}

/** The second factor of an account, on the account page. */
export function FactorSection({
  factors,
  canAddPasskey,
}: {
  readonly factors: FactorsShown;
  readonly canAddPasskey: boolean;
}): JSX.Element {
  const { authenticator, recovery_codes_left: left } = factors;
  return (
    <section id="second-factor">
      <h2>Your second factor</h2>
      <p>
        {authenticator === undefined ? (
          `No authenticator app is set up.${factors.passkeys.length === 0 ? '' : ` ${left} of 10 recovery codes are left.`}`
        ) : (
          <>
            Authenticator app, since <Time at={authenticator.since} />. {left} of 10 recovery codes are left.
          </>
        )}
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
      <Passkeys passkeys={factors.passkeys} />
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

/** The passkeys of a person, each with a button that removes it. */
function Passkeys({ passkeys }: Pick<FactorsShown, 'passkeys'>): JSX.Element {
  return (
    <>
      {passkeys.map(({ id, label, since }) => (
        <form key={id} method="post" action={`/console/second-factor/passkeys/${id}/remove`}>
          <p>
            {label}, since <Time at={since} />
          </p>
          <p>
            <button type="submit">Remove the passkey</button>
          </p>
        </form>
      ))}
    </>
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
              <td data-label="Time">
                <Time at={at} />
              </td>
              <td data-label="Result">{result}</td>
              <td data-label="With">{way}</td>
              <td data-label="Address">{address}</td>
              <td data-label="Browser" class="long">
                {clientInWords(agent)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
