import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { enhanceScript, mark, styleSheet } from './assets.ts';
import { ConsoleFrame } from './console-frame.tsx';
import { ReaderContext } from './reader.ts';
import { ShellContext } from './shell.ts';
import { useMessages } from './messages/messages.ts';

/** The frame of every page of running text. A signed-in person sees it inside the frame of the console. */
export function Page({
  title,
  hub,
  children,
}: {
  title: string;
  hub: string;
  children: ComponentChildren;
}): JSX.Element {
  const t = useMessages().page;
  const shell = useContext(ShellContext);
  if (shell !== undefined)
    return (
      <Html title={title} hub={hub}>
        <ConsoleFrame shell={shell}>
          <main id="main" tabIndex={-1} class="text">
            <h1>{title}</h1>
            {children}
          </main>
        </ConsoleFrame>
      </Html>
    );
  return (
    <Html title={title} hub={hub} class="page">
      <header>
        <a class="mark" href="/">
          {hub}
        </a>
      </header>
      <main class="text">
        <h1>{title}</h1>
        {children}
      </main>
      <footer>
        <p>{t.talanoaAHubFor}</p>
      </footer>
    </Html>
  );
}

/** The document around a page. */
export function Html({
  title,
  hub,
  class: bodyClass,
  children,
}: {
  readonly title: string;
  readonly hub: string;
  readonly class?: string | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { messages, theme, isHighContrast } = useContext(ReaderContext);
  return (
    <html
      lang={messages.words.language}
      data-theme={theme}
      data-contrast={isHighContrast === true ? 'more' : undefined}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href={mark.path} type={mark.type} />
        <title>{`${title} – ${hub}`}</title>
        <link rel="stylesheet" href={styleSheet.path} />
        <ConsoleScript />
      </head>
      <body class={bodyClass}>{children}</body>
    </html>
  );
}

/** The script of the console, with its texts. Public pages have none. */
function ConsoleScript(): JSX.Element | undefined {
  const shell = useContext(ShellContext);
  if (shell === undefined) return undefined;
  const words = { account: shell.account, ...useMessages().script };
  return <script src={enhanceScript.path} defer data-words={JSON.stringify(words)} />;
}
