import { Router, type Response } from 'express';
import type { JSX } from 'preact';
import { NOT_STORED, endAfterResponse, setHeaders } from '../../kernel/http-door.ts';
import { packed, sendPage, type Packed } from '../shared/packed.ts';
import { documentOf } from '../shared/send-view.tsx';
import type { Docs } from './docs.ts';
import { docsSearch, SEARCH_LIMITS } from './docs-search.ts';
import { DocsArticle, DocsMissing, DocsResults } from './views/docs.tsx';

interface Answer {
  readonly status: number;
  readonly page: Packed;
}

/** Opens the documentation of the package. Its renderer is loaded with the first page, so that the hub starts sooner. */
async function ownDocs(): Promise<Docs> {
  const { openDocs } = await import('./docs.ts');
  return openDocs();
}

/** The documentation at `/docs`. It is public, because it contains nothing about this hub but its title. */
export function docsRouter({
  hub,
  headers,
  open = ownDocs,
}: {
  readonly hub: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly open?: () => Promise<Docs>;
}): Router {
  const router = Router();
  // As many entries as pages.
  const pages = new Map<string, Answer>();
  let opened: Promise<Docs> | undefined;
  const docs = (): Promise<Docs> => (opened ??= open());
  let search: Promise<ReturnType<typeof docsSearch>> | undefined;

  router.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') next();
    else {
      endAfterResponse(request, (closing) => {
        setHeaders(response, { ...closing, Allow: 'GET, HEAD' });
        sendAnswer(response, answer(405, <DocsMissing hub={hub} />), headers);
      });
    }
  });
  router.get('/search', async (request, response) => {
    const { q } = request.query;
    const query = (typeof q === 'string' ? q : '').slice(0, SEARCH_LIMITS.query);
    search ??= docs()
      .then((own) => own.sections())
      .then(docsSearch);
    const matches = (await search)(query);
    sendAnswer(response, answer(200, <DocsResults hub={hub} query={query} matches={matches} />), headers);
  });
  router.get('/{*path}', async (request, response) => {
    const path = request.path.replace(/\/$/, '');
    const known = pages.get(path);
    if (known !== undefined) {
      sendAnswer(response, known, headers);
      return;
    }
    const page = (await docs()).page(path);
    if (page === undefined) {
      sendAnswer(response, answer(404, <DocsMissing hub={hub} />), headers);
      return;
    }
    const made = answer(200, <DocsArticle hub={hub} page={page} />);
    pages.set(path, made);
    sendAnswer(response, made, headers);
  });
  return router;
}

function answer(status: number, page: JSX.Element): Answer {
  return { status, page: packed(documentOf(page)) };
}

function sendAnswer(
  response: Response,
  { status, page }: Answer,
  headers: Readonly<Record<string, string>>,
): void {
  sendPage(response, status, page, {
    ...headers,
    ...(status === 200 ? { 'Cache-Control': 'public, max-age=300' } : NOT_STORED),
  });
}
