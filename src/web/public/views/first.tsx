import type { JSX } from 'preact';
import { AccountOfPassword, Fault, PasswordField } from '../../shared/fields.tsx';
import { Page } from '../../shared/page.tsx';
import { MessagePage } from '../../shared/message-page.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

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
  const t = useMessages().first;
  return (
    <Page title={t.welcome(account)} hub={hub}>
      <p>{t.chooseAPasswordFor}</p>
      <form method="post">
        <AccountOfPassword account={account} />
        <PasswordField use="new" label={t.passwordAtLeast12} isWrong={fault !== undefined} />
        <Fault id="fault" fault={fault} />
        <p>
          <button type="submit">{t.setThePassword}</button>
        </p>
      </form>
    </Page>
  );
}

/** The page that reports success, or that the link cannot be used. */
export function FirstEnd({ next, ...said }: Parameters<typeof MessagePage>[0]): JSX.Element {
  const t = useMessages().first;
  return <MessagePage {...said} next={next ?? { href: '/', text: t.goToTheStart }} />;
}
