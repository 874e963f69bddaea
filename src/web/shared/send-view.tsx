import type { ServerResponse } from 'node:http';
import { renderToString } from 'preact-render-to-string';
import { sendHtml, type Headers } from '../../kernel/http-door.ts';
import type { Problem } from '../../kernel/problem.ts';

/** A page as Preact elements. */
export type View = Parameters<typeof renderToString>[0];

/** Returns a page as an HTML document. */
export function documentOf(view: View): string {
  return `<!doctype html>${renderToString(view)}`;
}

/** Sends a page. */
export function sendView(response: ServerResponse, status: number, view: View, headers?: Headers): void {
  sendHtml(response, status, documentOf(view), headers);
}

/** Returns a problem as the sentences that a page shows. */
export function sentencesOf({ title, hint }: Problem): string {
  return `${title}. ${hint ?? ''}`;
}
