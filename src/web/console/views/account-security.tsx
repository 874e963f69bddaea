import type { JSX } from 'preact';
import { Time } from '../../shared/times.tsx';
import { textFor } from '../../shared/words.ts';
import { useMessages } from '../../shared/messages/messages.ts';

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
  const t = useMessages().security;
  const { authenticator, recovery_codes_left: left } = factors;
  return (
    <section id="second-factor">
      <h2>{t.yourSecondFactor}</h2>
      <p>
        {authenticator === undefined ? (
          t.noAuthenticatorAppIs(factors.passkeys.length, left)
        ) : (
          <>{t.authenticatorAppSinceOf(<Time at={authenticator.since} />, left)}</>
        )}
        {factors.required ? t.thisHubRequiresA : ''}
      </p>
      <p>
        <a href="/console/second-factor/set-up">
          {authenticator === undefined ? t.setUpAnAuthenticator : t.replaceTheAuthenticatorApp}
        </a>
      </p>
      {canAddPasskey ? (
        <p>
          <a href="/console/second-factor/set-up#passkey">{t.setUpAPasskey(factors.passkeys.length)}</a>
        </p>
      ) : undefined}
      <Passkeys passkeys={factors.passkeys} />
      {authenticator === undefined && factors.passkeys.length === 0 ? undefined : (
        <>
          <form method="post" action="/console/second-factor/codes">
            <p>
              <button type="submit">{t.createNewRecoveryCodes}</button>
            </p>
          </form>
          {factors.required || authenticator === undefined ? undefined : (
            <form method="post" action="/console/second-factor/remove">
              <p>
                <button type="submit">{t.removeTheAuthenticatorApp}</button>
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
  const t = useMessages().security;
  return (
    <>
      {passkeys.map(({ id, label, since }) => (
        <form key={id} method="post" action={`/console/second-factor/passkeys/${id}/remove`}>
          <p>{t.since(label, <Time at={since} />)}</p>
          <p>
            <button type="submit">{t.removeThePasskey}</button>
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
  const { security: t, words } = useMessages();
  return (
    <>
      <h2>{t.lastSignIns}</h2>
      <p>{t.ifYouDoNot}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.time}</th>
            <th scope="col">{t.result}</th>
            <th scope="col">{t.with}</th>
            <th scope="col">{t.address}</th>
            <th scope="col">{t.browser}</th>
          </tr>
        </thead>
        <tbody>
          {signIns.map(({ at, way, result, address, agent }, i) => (
            <tr key={i}>
              <td data-label={t.time}>
                <Time at={at} />
              </td>
              <td data-label={t.result}>{textFor(t.results, result) ?? result}</td>
              <td data-label={t.with}>{way}</td>
              <td data-label={t.address}>{address}</td>
              <td data-label={t.browser} class="long">
                {words.client(agent)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
