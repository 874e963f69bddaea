import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { ReaderContext } from './reader.ts';

/** A time to the minute, with its zone. `children` replaces its text. */
export function Time({
  at,
  children,
}: {
  readonly at: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { messages, zone } = useContext(ReaderContext);
  return <time dateTime={at}>{children ?? messages.words.time(at, zone)}</time>;
}

/** The day of a time. Its title is the time to the minute. */
export function Day({ at }: { readonly at: string }): JSX.Element {
  const { messages, zone } = useContext(ReaderContext);
  return (
    <time dateTime={at} title={messages.words.time(at, zone)}>
      {messages.words.day(at, zone)}
    </time>
  );
}
