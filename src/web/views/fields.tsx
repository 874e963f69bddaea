import type { JSX } from 'preact';

/** What was wrong with what was typed. A field names it as its description by `id`. */
export function Fault({
  id,
  fault,
}: {
  readonly id?: string;
  readonly fault: string | undefined;
}): JSX.Element | undefined {
  return fault === undefined ? undefined : (
    <p id={id} role="alert">
      {fault}
    </p>
  );
}

/** The account that a password belongs to, for password managers alone. */
export function AccountOfPassword({ account }: { readonly account: string }): JSX.Element {
  return <input type="text" autocomplete="username" value={account} hidden readOnly />;
}

/** The field of a password: of the one in use, or of a new one. */
export function PasswordField({
  use,
  id = 'password',
  label,
  isWrong = false,
}: {
  readonly use: 'present' | 'new';
  /** Id and name of the field. */
  readonly id?: string;
  readonly label: string;
  /** True where a `Fault` with the id `fault` follows. */
  readonly isWrong?: boolean;
}): JSX.Element {
  return (
    <p>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={id}
        type="password"
        required
        minLength={use === 'new' ? 12 : undefined}
        maxLength={256}
        autocomplete={use === 'new' ? 'new-password' : 'current-password'}
        aria-describedby={isWrong ? 'fault' : undefined}
      />
    </p>
  );
}
