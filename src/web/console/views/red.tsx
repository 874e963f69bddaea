import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { Time } from '../../shared/times.tsx';

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
  return (
    <Page title="TLP:RED for you" hub={hub}>
      {items.length === 0 ? (
        <p>Nothing was given to you.</p>
      ) : (
        <>
          <p>For your eyes only. The sender can see that you have read it.</p>
          <ul>
            {items.map(({ id, by, at, note }) => (
              <li key={id}>
                <a href={`/console/red/${id}`}>From {by}</a>, <Time at={at} />
                {note === undefined ? '' : `: ${note}`}
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <a href="/console/account">Back</a>
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
  return (
    <Page title="TLP:RED" hub={hub}>
      <p>
        <strong>TLP:RED</strong>. For you alone: pass it on to nobody, and do not print it. From {by},{' '}
        <Time at={at} />.
      </p>
      {note === undefined ? undefined : <p>{note}</p>}
      <pre tabIndex={0}>{JSON.stringify(content, undefined, 2)}</pre>
      <p>
        <strong>TLP:RED</strong> <a href="/console/red">Back</a>
      </p>
    </Page>
  );
}
