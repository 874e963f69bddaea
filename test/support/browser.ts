import type { Express } from 'express';
import supertest from 'supertest';

export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * A browser without scripts. It keeps its cookies, sends forms, and names the page that sends a request. It
 * does not follow redirects.
 */
export class FormBrowser {
  readonly #app: () => Express;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #jar = new Map<string, string>();

  /** `headers` are sent with every request, such as the client address from a trusted proxy. */
  constructor(app: () => Express, headers: Readonly<Record<string, string>> = {}) {
    this.#app = app;
    this.#headers = headers;
  }

  get cookies(): string {
    return [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Replaces its cookies with those of another browser. */
  takeCookies(cookies: string): void {
    this.#jar.clear();
    for (const part of cookies.split('; ').filter((text) => text !== '')) {
      const at = part.indexOf('=');
      this.#jar.set(part.slice(0, at), part.slice(at + 1));
    }
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<BrowserAnswer> {
    return this.#send('get', path, undefined, headers);
  }

  /** Sends a form. */
  post(path: string, form: Readonly<Record<string, string>> = {}): Promise<BrowserAnswer> {
    return this.#send('post', path, new URLSearchParams(form).toString());
  }

  /** Sends a form with a file, or with a text instead. */
  upload(
    path: string,
    {
      text = '',
      file,
    }: { readonly text?: string; readonly file?: { readonly name: string; readonly bytes: Buffer } },
  ): Promise<BrowserAnswer> {
    const form = new FormData();
    form.set('file', new Blob([Uint8Array.from(file?.bytes ?? [])]), file?.name ?? '');
    form.set('text', text);
    return this.#send('post', path, form);
  }

  /** Sends a form with a body that was made by hand. */
  multipart(path: string, boundary: string, body: string): Promise<BrowserAnswer> {
    return this.#send('post', path, body, { 'Content-Type': `multipart/form-data; boundary=${boundary}` });
  }

  /** Sends JSON to the API, as a script on a page would. */
  api(
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    body?: object,
  ): Promise<BrowserAnswer> {
    return this.#send(method, `/api/v1${path}`, body);
  }

  async #send(
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    given: object | string | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<BrowserAnswer> {
    const agent = supertest(this.#app());
    const request = agent[method](path)
      .set({ 'User-Agent': 'Firefox', 'Sec-Fetch-Site': 'same-origin', ...this.#headers, ...headers })
      .redirects(0);
    if (this.#jar.size > 0) void request.set('Cookie', this.cookies);
    const encoded = given instanceof FormData ? new Response(given) : undefined;
    if (encoded !== undefined) void request.set('Content-Type', encoded.headers.get('content-type') ?? '');
    const body = encoded === undefined ? given : Buffer.from(await encoded.arrayBuffer());
    if (typeof body === 'string' && headers['Content-Type'] === undefined)
      void request.set('Content-Type', 'application/x-www-form-urlencoded');
    const answer = await (body === undefined ? request : request.send(body));
    for (const cookie of (answer.headers['set-cookie'] ?? []) as unknown as string[]) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0(?:;|$)/.test(cookie)) this.#jar.delete(pair.slice(0, at));
      else this.#jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return {
      status: answer.status,
      headers: answer.headers,
      text: answer.text,
      body: answer.body as Record<string, unknown>,
    };
  }
}
