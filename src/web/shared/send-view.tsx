import type { Response } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { Headers } from '../../kernel/http-door.ts';
import type { Problem } from '../../kernel/problem.ts';
import { sendPage } from './packed.ts';
import { ShellContext, type Shell } from './shell.ts';
import { symbolsIn } from './symbols.ts';

/** A page as Preact elements. */
export type View = Parameters<typeof renderToString>[0];

/** Returns a page as an HTML document, in the frame of the console if there is one. */
export function documentOf(view: View, shell?: Shell): string {
  const html = renderToString(<ShellContext.Provider value={shell}>{view}</ShellContext.Provider>);
  // The symbols come before everything that refers to them.
  return `<!doctype html>${html.replace(/<body[^>]*>/, (body) => `${body}${symbolsIn(html)}`)}`;
}

/** Puts the pages of this response into the frame of the console. */
export function frameWith(response: Response, shell: Shell): void {
  response.locals['shell'] = shell;
}

/** Sends a page. */
export function sendView(response: Response, status: number, view: View, headers?: Headers): void {
  const shell = response.locals['shell'] as Shell | undefined;
  sendPage(response, status, documentOf(view, shell), headers);
}

/** Returns a problem as the sentences that a page shows. */
export function sentencesOf({ title, hint }: Problem): string {
  return `${title}. ${hint ?? ''}`;
}
