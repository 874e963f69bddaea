import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { dayText, timeText } from '../../kernel/time-text.ts';

/** The IANA time zone in which a page shows times: that of the hub (`hub.time_zone`). */
export const ZoneContext = createContext('UTC');

/** A time to the minute, with its zone. `children` replaces its text. */
export function Time({
  at,
  children,
}: {
  readonly at: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const zone = useContext(ZoneContext);
  return <time dateTime={at}>{children ?? timeText(at, zone)}</time>;
}

/** The day of a time. Its title is the time to the minute. */
export function Day({ at }: { readonly at: string }): JSX.Element {
  const zone = useContext(ZoneContext);
  return (
    <time dateTime={at} title={timeText(at, zone)}>
      {dayText(at, zone)}
    </time>
  );
}
