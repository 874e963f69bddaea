import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';

/** The texts of the page behind a link in an email. */
const WORDS = {
  acknowledged: { title: 'Got it', asks: 'Tell the hub that you have it?', button: 'We have it' },
  'not-ours': { title: 'Not ours', asks: 'Tell the hub that this is not yours?', button: 'It is not ours' },
  'false-positive': {
    title: 'False alarm',
    asks: 'Tell the hub that this is a false alarm?',
    button: 'It is a false alarm',
  },
  stop: { title: 'No more mails', asks: 'End these mails?', button: 'End them' },
} as const;

/** Asks for a confirmation before it does anything. Programs that scan emails open links but press no buttons. */
export function AnswerPage({
  hub,
  does,
  member,
  tlp,
  added,
}: {
  readonly hub: string;
  readonly does: keyof typeof WORDS;
  readonly member: string;
  readonly tlp: string | undefined;
  readonly added: string | undefined;
}): JSX.Element {
  const { title, asks, button } = WORDS[does];
  return (
    <Page title={title} hub={hub}>
      <p>
        {asks} You answer for {member}.
      </p>
      {added === undefined ? undefined : (
        <p>
          It is an item of <strong>{tlp}</strong> that was added {added.slice(0, 16).replace('T', ' ')} UTC.
        </p>
      )}
      <form method="post">
        <p>
          <button type="submit">{button}</button>
        </p>
      </form>
    </Page>
  );
}
