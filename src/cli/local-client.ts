import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compose } from '../server/compose.ts';
import { loadConfig } from '../config/load.ts';
import { createLog } from '../kernel/log.ts';
import { Problem, codeOf, type ProblemKind } from '../kernel/problem.ts';
import { socketPath } from '../server/listen.ts';
import { typedAddress } from './typed-address.ts';
import type { Io } from './io.ts';
import type { CommonFlags } from './common-flags.ts';
import { commandErrors } from './command-errors.ts';

/** A client of the admin API of a hub, over its socket or over the network. */
export interface LocalClient {
  get<T>(path: string): Promise<T>;
  /** Returns all items of a list by fetching every page. */
  list<T>(path: string): Promise<readonly T[]>;
  post<T>(path: string, body: object): Promise<T>;
  put<T>(path: string, body: object): Promise<T>;
  patch<T>(path: string, body: object): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** Sends a request whose response arrives line by line. `line` is called for each line. */
  stream(
    path: string,
    line: (value: Readonly<Record<string, unknown>>) => void,
    body?: Buffer,
  ): Promise<void>;
}

/**
 * Calls `work` with a client of the hub that `--hub` or TALANOA_HUB names, or else of the hub that uses this data
 * folder. If no hub is running there, one is started for the duration of the call. It serves the same API on the same
 * socket, so a command always works the same way.
 */
export async function withHub<T>(
  flags: CommonFlags,
  io: Io,
  work: (client: LocalClient) => Promise<T>,
): Promise<T> {
  const remote = flags.hub ?? io.environment['TALANOA_HUB'];
  if (remote !== undefined && remote !== '') return work(clientOf(remoteCaller(remote, io)));
  const config = loadConfig(
    {
      ...(flags.config === undefined ? {} : { config: flags.config }),
      ...(flags.data === undefined ? {} : { data: flags.data }),
    },
    io.environment,
  );
  if (await answers(socketPath(config.data))) return work(clientOf(socketCaller(socketPath(config.data))));
  const demo = join(config.data, 'demo');
  if (await answers(socketPath(demo)))
    io.stderr.write(`A demo hub is running. To use it, add: --data ${demo}\n`);
  const hub = await compose(config, createLog('error', io.stderr));
  try {
    await hub.startOffline();
    return await work(clientOf(socketCaller(socketPath(config.data))));
  } finally {
    await hub.stop();
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    await socketCaller(path)('GET', '/api/v1/whoami', undefined, () => undefined);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return false;
    if (code === 'EACCES') throw commandErrors.socketForbidden({ cause: error });
    throw error;
  }
}

/** Sends one request and returns the lines of its response. Rejects with the problem in the response. */
type Caller = (
  method: string,
  path: string,
  body: object | Buffer | undefined,
  line: (text: string) => void,
) => Promise<void>;

function clientOf(call: Caller): LocalClient {
  const whole = async <T>(method: string, url: string, body?: object): Promise<T> => {
    let text = '';
    await call(method, url, body, (line) => (text += line));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    get: (url) => whole('GET', url),
    async list<T>(url: string) {
      const items: T[] = [];
      for (let after = ''; ;) {
        const page = await whole<{ items: readonly T[]; next?: string }>(
          'GET',
          `${url}${url.includes('?') ? '&' : '?'}limit=1000${after}`,
        );
        items.push(...page.items);
        if (page.next === undefined) return items;
        after = `&after=${encodeURIComponent(page.next)}`;
      }
    },
    post: (url, body) => whole('POST', url, body),
    put: (url, body) => whole('PUT', url, body),
    patch: (url, body) => whole('PATCH', url, body),
    delete: (url) => whole('DELETE', url),
    stream: (url, line, body) =>
      call('POST', url, body, (text) => {
        const value = JSON.parse(text) as Record<string, unknown>;
        if ('problem' in value) throw problemOf(value['problem'] as Record<string, unknown>);
        line(value);
      }),
  };
}

function socketCaller(socket: string): Caller {
  return (method, path, body, line) => call(socket, method, path, body, line);
}

/** Returns a caller for a remote hub, which uses the key in TALANOA_KEY. */
function remoteCaller(hub: string, io: Io): Caller {
  const { url: base, http } = typedAddress(hub, 'Use the form https://hub.example.org.');
  const key = io.environment['TALANOA_KEY'];
  if (key === undefined || key === '') throw commandErrors.keyRequired();
  return async (method, path, body, line) => {
    const response = await http.fetch({
      url: new URL(path, base).href,
      method: method as 'GET',
      headers: {
        Authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'Content-Type': typeOf(body) }),
      },
      ...(body === undefined ? {} : { body: payloadOf(body) }),
      redirects: 0,
    });
    const failed = response.status >= 400;
    let text = '';
    for await (const part of createInterface({ input: response.body })) {
      if (failed) text += part;
      else line(part);
    }
    if (!failed) return;
    if (!String(response.headers['content-type']).startsWith('application/problem+json'))
      throw commandErrors.notHub({ host: base.host, status: response.status });
    throw problemOf(JSON.parse(text) as Record<string, unknown>);
  };
}

function call(
  socket: string,
  method: string,
  path: string,
  body: object | Buffer | undefined,
  line: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : payloadOf(body);
    const headers =
      payload === undefined ? {} : { 'Content-Type': typeOf(body), 'Content-Length': payload.length };
    // A connection that was kept could belong to a hub that has ended: a command may start one twice on this socket.
    const out = request({ socketPath: socket, method, path, headers, agent: false }, (response) => {
      const lines = createInterface({ input: response });
      const failed = (response.statusCode ?? 500) >= 400;
      let text = '';
      lines.on('line', (content) => {
        if (failed) text += content;
        else {
          try {
            line(content);
          } catch (error) {
            reject(error instanceof Error ? error : new Error('the answer cannot be read'));
          }
        }
      });
      lines.on('close', () => {
        if (failed) reject(problemOf(JSON.parse(text) as Record<string, unknown>));
        else resolve();
      });
    });
    out.on('error', reject);
    out.end(payload);
  });
}

function payloadOf(body: object | Buffer): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** Returns the media type of a body. Files are sent unchanged. */
function typeOf(body: object | Buffer | undefined): string {
  return Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
}

const KIND_OF_STATUS: Readonly<Record<number, ProblemKind>> = {
  400: 'invalid-request', 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 412: 'precondition-failed', 413: 'too-large', 422: 'invalid-content', 429: 'rate-limited', 502: 'peer', 503: 'unavailable',
}; // prettier-ignore

/** Relays an error of the hub that was called: its code and texts are those of the response. */
function problemOf(details: Readonly<Record<string, unknown>>): Problem {
  const optional = (name: string): string | undefined =>
    typeof details[name] === 'string' ? details[name] : undefined;
  const description = optional('detail');
  const hint = optional('hint');
  return new Problem(
    KIND_OF_STATUS[Number(details['status'])] ?? 'internal',
    optional('title') ?? 'The hub answered with an error',
    {
      code: optional('code') ?? 'TLN-X-500',
      ...(description === undefined ? {} : { description }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}
