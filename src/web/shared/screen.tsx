import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { Tlp } from '../../stix/markings.ts';
import { ConsoleFrame } from './console-frame.tsx';
import { Live } from './live.tsx';
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
  refreshes = false,
  prints = false,
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
  /** The content is fetched again while the page is open. Not for pages with forms. */
  readonly refreshes?: boolean;
  /** The page is made for paper as well: the head has a button that prints it. */
  readonly prints?: boolean;
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
          <ScreenHead title={heading ?? title} note={note} actions={actions} prints={prints} />
          {refreshes ? <Live>{children}</Live> : children}
        </main>
      </ConsoleFrame>
    </Html>
  );
}

/** The heading of a page, and its actions. */
function ScreenHead({
  title,
  note,
  actions,
  prints,
}: {
  readonly title: ComponentChildren;
  readonly note: ComponentChildren;
  readonly actions: ComponentChildren;
  readonly prints: boolean;
}): JSX.Element {
  return (
    <div class="head">
      <div>
        <h1>{title}</h1>
        {note === undefined ? undefined : <p class="small muted">{note}</p>}
      </div>
      {actions === undefined && !prints ? undefined : (
        <div class="acts" data-print={prints ? '' : undefined}>
          {actions}
        </div>
      )}
    </div>
  );
}
