import type { JSX } from 'preact';
import { Page } from './page.tsx';

/** The page behind a one-use link: gives an account its password. Works without a script. */
export function First({
  hub,
  account,
  fault,
}: {
  readonly hub: string;
  readonly account: string;
  /** What was wrong with the password that was sent. */
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <Page title={`Welcome, ${account}`} hub={hub}>
      <p>Choose a password for your account. This page works once.</p>
      <form method="post">
        <input type="text" autocomplete="username" value={account} hidden readOnly />
        <p>
          <label for="password">
            Password, 12 characters at least. Several words in a row are easy to keep.
          </label>
          <input
            id="password"
            name="password"
            type="password"
            required
            minLength={12}
            maxLength={256}
            autocomplete="new-password"
            aria-describedby={fault === undefined ? undefined : 'fault'}
          />
        </p>
        {fault === undefined ? undefined : (
          <p id="fault" role="alert">
            {fault}
          </p>
        )}
        <p>
          <button type="submit">Set the password</button>
        </p>
      </form>
    </Page>
  );
}

/** What is said when it is done, or cannot be done. */
export function FirstEnd({
  hub,
  title,
  text,
  next = { href: '/', text: 'To the first page' },
}: {
  readonly hub: string;
  readonly title: string;
  readonly text: string;
  readonly next?: { readonly href: string; readonly text: string };
}): JSX.Element {
  return (
    <Page title={title} hub={hub}>
      <p>{text}</p>
      <p>
        <a href={next.href}>{next.text}</a>
      </p>
    </Page>
  );
}
