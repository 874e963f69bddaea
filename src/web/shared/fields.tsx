import type { JSX } from 'preact';

/** The error message of a field. The field refers to it as its description by `id`. */
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

/** A hidden field with the account that a password belongs to, for password managers. */
export function AccountOfPassword({ account }: { readonly account: string }): JSX.Element {
  return <input type="text" autocomplete="username" value={account} hidden readOnly />;
}

/** A password field, for the current password or for a new one. */
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
  /** True when a `Fault` with the id `fault` follows. */
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
