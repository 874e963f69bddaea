import type { Request, RequestHandler, Response } from 'express';
import { renderToString } from 'preact-render-to-string';
import { setHeaders, type Headers } from '../../kernel/http-door.ts';
import type { Language } from '../../kernel/languages.ts';
import type { Problem } from '../../kernel/problem.ts';
import type { Preferences } from '../../api/schema-types.ts';
import { en, type Messages } from './messages/en.ts';
import { messagesIn, preferredLanguage } from './messages/languages.ts';
import { fragmentOf, LIVE_PART } from './live.tsx';
import { sendPage } from './packed.ts';
import { ReaderContext, type Reader } from './reader.ts';
import { ShellContext, type Shell } from './shell.ts';
import { symbolsIn } from './symbols.ts';

/** A page as Preact elements. */
export type View = Parameters<typeof renderToString>[0];

/** The language and the time zone of readers who have chosen none. */
export interface ReaderDefaults {
  readonly language: Language;
  /** IANA time zone. */
  readonly zone: string;
}

/** Returns a page as an HTML document, in the frame of the console if there is one. */
export function documentOf(
  view: View,
  shell?: Shell,
  reader: Reader = { messages: en, zone: 'UTC' },
): string {
  const html = renderToString(
    <ReaderContext.Provider value={reader}>
      <ShellContext.Provider value={shell}>{view}</ShellContext.Provider>
    </ReaderContext.Provider>,
  );
  // The symbols come before everything that refers to them.
  return `<!doctype html>${html.replace(/<body[^>]*>/, (body) => `${body}${symbolsIn(html)}`)}`;
}

/** Puts the pages of this response into the frame of the console. */
export function frameWith(response: Response, shell: Shell): void {
  response.locals['shell'] = shell;
}

/** Returns how the pages of a response address their reader. */
function readerOf(response: Response): Reader {
  return (response.locals['reader'] as Reader | undefined) ?? { messages: en, zone: 'UTC' };
}

/** Returns the texts of a response, in the language of its reader. */
export function textsOf(response: Response): Messages {
  return readerOf(response).messages;
}

/** Sets how the pages of a response address their reader. */
function readAs(response: Response, reader: Reader): void {
  response.locals['reader'] = reader;
}

/** Applies the preferences of a person to the pages of a response. The browser and the hub decide the others. */
export function readAsPerson(response: Response, preferences: Preferences): void {
  const visitor = readerOf(response);
  const { language, time_zone: zone = visitor.zone, theme, contrast } = preferences;
  readAs(response, {
    messages: language === undefined ? visitor.messages : messagesIn(language),
    zone,
    theme,
    isHighContrast: contrast === 'more',
  });
}

/** Returns the reader whom the headers of a request describe. */
function visitorOf(acceptLanguage: string | undefined, { language, zone }: ReaderDefaults): Reader {
  return { messages: messagesIn(preferredLanguage(acceptLanguage, language)), zone };
}

/**
 * Returns a handler after which the pages of the response use the language that the browser asks for.
 */
export function forVisitors(defaults: ReaderDefaults): RequestHandler {
  return (request, response, next) => {
    readAs(response, visitorOf(request.headers['accept-language'], defaults));
    next();
  };
}

/**
 * Sends a page. The script of the console asks for one part of an open page (`X-Fragment`) and names the digest of what it
 * has (`X-Fragment-Seen`). It gets the part, without content (204) if it is the same.
 */
export function sendView(response: Response, status: number, view: View, headers?: Headers): void {
  const shell = response.locals['shell'] as Shell | undefined;
  const reader = readerOf(response);
  const html = documentOf(view, shell, reader);
  const sent = { 'Content-Language': reader.messages.words.language, Vary: 'Accept-Language', ...headers };
  const fragment = shell !== undefined && isByScript(response.req) ? fragmentOf(html) : undefined;
  if (fragment === undefined || status !== 200) {
    sendPage(response, status, html, sent);
    return;
  }
  const named = { ...sent, 'X-Fragment-Digest': fragment.digest };
  if (response.req.get('x-fragment-seen') === fragment.digest) {
    setHeaders(response, named);
    response.status(204).end();
  } else sendPage(response, 200, fragment.html, named);
}

/** True for a request that the page sends by itself. It does not show that the person is still there. */
export function isByScript(request: Request): boolean {
  return request.get('x-fragment') === LIVE_PART;
}

/** Returns all that a problem says about an input, as sentences. */
export function faultOf({ title, description = '', hint = '' }: Problem): string {
  return [title, description, hint]
    .filter((text) => text !== '')
    .map((text) => `${text.replace(/\.$/, '')}.`)
    .join(' ');
}

/** Returns a problem as the sentences that a page shows. */
export function sentencesOf({ title, hint }: Problem): string {
  return `${title}. ${hint ?? ''}`;
}
