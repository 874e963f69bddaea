import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Tlp } from '../../stix/markings.ts';
import { ConsoleFrame } from './console-frame.tsx';
import { Html } from './page.tsx';
import { ShellContext } from './shell.ts';
import { useMessages } from './messages/messages.ts';

/** A page of the console: its head, then blocks. `marking` is printed at the head and foot of every sheet. */
export function Screen({
  title,
  heading,
  crumb,
  note,
  actions,
  marking,
  children,
}: {
  readonly title: string;
  /** Replaces the title as the visible heading. */
  readonly heading?: ComponentChildren;
  /** The page above this one. */
  readonly crumb?: readonly [href: string, text: string];
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly marking?: Tlp | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const t = useMessages().screen;
  const shell = useContext(ShellContext);
  if (shell === undefined) throw new Error('a page of the console needs a signed-in person');
  return (
    <Html
      title={title}
      hub={shell.hub}
      class={marking === undefined ? undefined : `p-${marking.replace('amber+', '')}`}
    >
      <ConsoleFrame shell={shell}>
        <main id="main" tabIndex={-1}>
          {crumb === undefined ? undefined : (
            <nav class="crumb" aria-label={t.breadcrumb}>
              <a href={crumb[0]}>{crumb[1]}</a>
            </nav>
          )}
          <div class="head">
            <div>
              <h1>{heading ?? title}</h1>
              {note === undefined ? undefined : <p class="small muted">{note}</p>}
            </div>
            {actions === undefined ? undefined : <div class="acts">{actions}</div>}
          </div>
          {children}
        </main>
      </ConsoleFrame>
    </Html>
  );
}
