import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { Time } from '../../shared/times.tsx';

/** The texts of the page behind a link in an email. */
const WORDS = {
  acknowledged: { title: 'Confirm receipt', asks: 'Have you received this item?', button: 'Confirm receipt' },
  'not-ours': {
    title: 'Not ours',
    asks: 'Does this item not affect your organisation?',
    button: 'Report as not ours',
  },
  'false-positive': {
    title: 'False positive',
    asks: 'Is this item a false positive?',
    button: 'Report a false positive',
  },
  stop: { title: 'Unsubscribe', asks: 'Stop these emails?', button: 'Unsubscribe' },
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
        {asks} You respond on behalf of {member}.
      </p>
      {added === undefined ? undefined : (
        <p>
          Item marked <strong>{tlp}</strong>, added <Time at={added} />.
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
