import type { RequestHandler, Response } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { Headers } from '../../kernel/http-door.ts';
import type { Problem } from '../../kernel/problem.ts';
import { sendPage } from './packed.ts';
import { ShellContext, type Shell } from './shell.ts';
import { symbolsIn } from './symbols.ts';
import { ZoneContext } from './times.tsx';

/** A page as Preact elements. */
export type View = Parameters<typeof renderToString>[0];

/**
 * Returns a page as an HTML document, in the frame of the console if there is one.
 *
 * @param zone IANA time zone in which the page shows times.
 */
export function documentOf(view: View, shell?: Shell, zone = 'UTC'): string {
  const html = renderToString(
    <ZoneContext.Provider value={zone}>
      <ShellContext.Provider value={shell}>{view}</ShellContext.Provider>
    </ZoneContext.Provider>,
  );
  // The symbols come before everything that refers to them.
  return `<!doctype html>${html.replace(/<body[^>]*>/, (body) => `${body}${symbolsIn(html)}`)}`;
}

/** Puts the pages of this response into the frame of the console. */
export function frameWith(response: Response, shell: Shell): void {
  response.locals['shell'] = shell;
}

/** Returns a handler after which the pages of the response show times in an IANA time zone. */
export function timesIn(zone: string): RequestHandler {
  return (_request, response, next) => {
    response.locals['zone'] = zone;
    next();
  };
}

/** Sends a page. */
export function sendView(response: Response, status: number, view: View, headers?: Headers): void {
  const shell = response.locals['shell'] as Shell | undefined;
  const zone = response.locals['zone'] as string | undefined;
  sendPage(response, status, documentOf(view, shell, zone), headers);
}

/** Returns a problem as the sentences that a page shows. */
export function sentencesOf({ title, hint }: Problem): string {
  return `${title}. ${hint ?? ''}`;
}
