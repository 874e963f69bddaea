import type { JSX } from 'preact';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page } from '../../shared/page.tsx';
import { MessagePage } from '../../shared/message-page.tsx';

/** The page behind a one-time link, which sets the password of an account. It works without a script. */
export function First({
  hub,
  account,
  fault,
}: {
  readonly hub: string;
  readonly account: string;
  /** The reason why the submitted password was refused. */
  readonly fault: string | undefined;
}): JSX.Element {
  return (
    <Page title={`Welcome, ${account}`} hub={hub}>
      <p>Choose a password for your account. This page works once.</p>
      <form method="post">
        <AccountOfPassword account={account} />
        <PasswordField
          use="new"
          label="Password, at least 12 characters. Several words in a row are easy to remember."
          isWrong={fault !== undefined}
        />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">Set the password</button>
        </p>
      </form>
    </Page>
  );
}

/** The page that reports success, or that the link cannot be used. */
export function FirstEnd({
  next = { href: '/', text: 'Go to the start page' },
  ...said
}: Parameters<typeof MessagePage>[0]): JSX.Element {
  return <MessagePage {...said} next={next} />;
}
