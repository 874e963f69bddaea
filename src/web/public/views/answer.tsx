import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { Time } from '../../shared/times.tsx';
import type { Messages } from '../../shared/messages/en.ts';
import { useMessages } from '../../shared/messages/messages.ts';

/** Asks for a confirmation before it does anything. Programs that scan emails open links but press no buttons. */
export function AnswerPage({
  hub,
  does,
  member,
  tlp,
  added,
}: {
  readonly hub: string;
  readonly does: keyof Messages['answer']['words'];
  readonly member: string;
  readonly tlp: string | undefined;
  readonly added: string | undefined;
}): JSX.Element {
  const t = useMessages().answer;
  const { title, asks, button } = t.words[does];
  return (
    <Page title={title} hub={hub}>
      <p>{t.youRespondOnBehalf(asks, member)}</p>
      {added === undefined ? undefined : (
        <p>{t.itemMarkedAdded(<strong>{tlp}</strong>, <Time at={added} />)}</p>
      )}
      <form method="post">
        <p>
          <button type="submit">{button}</button>
        </p>
      </form>
    </Page>
  );
}
