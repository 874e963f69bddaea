import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { Time } from '../../shared/times.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** TLP:RED that was given to the signed-in person. */
export interface RedShown {
  readonly id: string;
  readonly by: string;
  readonly at: string;
  readonly note: string | undefined;
}

/** Lists what was given to a person. The list shows no content, because each item is opened separately. */
export function RedList({
  hub,
  items,
}: {
  readonly hub: string;
  readonly items: readonly RedShown[];
}): JSX.Element {
  const t = useMessages().red;
  return (
    <Page title={t.tlpRedForYou} hub={hub}>
      {items.length === 0 ? (
        <p>{t.nothingWasGivenTo}</p>
      ) : (
        <>
          <p>{t.forYourEyesOnly}</p>
          <ul>
            {items.map(({ id, by, at, note }) => (
              <li key={id}>
                <a href={`/console/red/${id}`}>{t.from(by)}</a>, <Time at={at} />
                {note === undefined ? '' : `: ${note}`}
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <a href="/console/account">{t.back}</a>
      </p>
    </Page>
  );
}

/** One item with its content. */
export function RedItem({
  hub,
  item: { by, at, note },
  content,
}: {
  readonly hub: string;
  readonly item: RedShown;
  readonly content: object;
}): JSX.Element {
  const t = useMessages().red;
  return (
    <Page title={t.tlpRed} hub={hub}>
      <p>
        {t.tlpRedForYouAlone(
          (text) => (
            <strong>{text}</strong>
          ),
          by,
          <Time at={at} />,
        )}
      </p>
      {note === undefined ? undefined : <p>{note}</p>}
      <pre tabIndex={0}>{JSON.stringify(content, undefined, 2)}</pre>
      <p>
        <strong>{t.tlpRed}</strong> <a href="/console/red">{t.back}</a>
      </p>
    </Page>
  );
}
