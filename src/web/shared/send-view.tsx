import type { Response } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { Headers } from '../../kernel/http-door.ts';
import type { Problem } from '../../kernel/problem.ts';
import { sendPage } from './packed.ts';

/** A page as Preact elements. */
export type View = Parameters<typeof renderToString>[0];

/** Returns a page as an HTML document. */
export function documentOf(view: View): string {
  return `<!doctype html>${renderToString(view)}`;
}

/** Sends a page. */
export function sendView(response: Response, status: number, view: View, headers?: Headers): void {
  sendPage(response, status, documentOf(view), headers);
}

/** Returns a problem as the sentences that a page shows. */
export function sentencesOf({ title, hint }: Problem): string {
  return `${title}. ${hint ?? ''}`;
}
