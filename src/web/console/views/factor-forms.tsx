import type { JSX } from 'preact';
import { passkeyScript } from '../../shared/assets.ts';
import { Fault } from '../../shared/fields.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The reason why the last attempt was refused. Each message is shown at the form that it belongs to. */
export interface StepFaults {
  readonly code?: string;
  readonly passkey?: string;
}

/** A label, its field, and an error message for the value that was entered. */
export function CodeField({
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
export function AuthenticatorForm({
  action,
  button,
  fault,
}: {
  readonly action: string;
  readonly button: string;
  readonly fault: string | undefined;
}): JSX.Element {
  const t = useMessages().factorForms;
  return (
    <form method="post" action={action}>
      <CodeField id="code" label={t.codeFromYourAuthenticator} hint={t.sixDigitsANew} fault={fault} numeric />
      <p>
        <button type="submit">{button}</button>
      </p>
    </form>
  );
}

/** A form that a passkey fills in. It is hidden until the script knows that the browser supports passkeys. */
export function PasskeyForm({
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
  const t = useMessages().factorForms;
  return (
    <>
      <Fault fault={fault} />
      <form method="post" action={action} hidden data-passkey={use} data-options={JSON.stringify(options)}>
        <input type="hidden" name="passkey" value="" />
        <p role="alert" hidden data-fault>
          {t.thePasskeyWasNot}
        </p>
        <p>
          <button type="submit">{button}</button>
        </p>
      </form>
      <p>{t.passkeysNeedJavascriptAnd}</p>
      <script src={passkeyScript.path} defer />
    </>
  );
}
