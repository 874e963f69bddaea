import type { JSX } from 'preact';
import { Page } from './page.tsx';

/** A page with a single message. */
export function MessagePage({
  hub,
  title,
  text,
  next,
}: {
  readonly hub: string;
  readonly title: string;
  readonly text: string;
  readonly next?: { readonly href: string; readonly text: string };
}): JSX.Element {
  return (
    <Page title={title} hub={hub}>
      <p>{text}</p>
      {next === undefined ? undefined : (
        <p>
          <a href={next.href}>{next.text}</a>
        </p>
      )}
    </Page>
  );
}
