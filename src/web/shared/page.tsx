import type { ComponentChildren, JSX } from 'preact';
import { mark, styleSheet } from './assets.ts';

/** The frame of every page. */
export function Page({
  title,
  hub,
  children,
}: {
  title: string;
  hub: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href={mark.path} type={mark.type} />
        <title>{`${title} – ${hub}`}</title>
        <link rel="stylesheet" href={styleSheet.path} />
      </head>
      <body>
        <header>
          <a class="mark" href="/">
            {hub}
          </a>
        </header>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
        <footer>
          <p>Talanoa, a hub for sharing threat information over STIX and TAXII 2.1.</p>
        </footer>
      </body>
    </html>
  );
}

/** Formats a time to the minute, in UTC. */
export function inWords(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
