import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compose } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { createLog } from '../kernel/log.ts';
import { Problem, codeOf, type ProblemKind } from '../kernel/problem.ts';
import { socketPath } from '../listen.ts';
import type { Io } from './io.ts';
import type { CommonFlags } from './program.ts';

/** Speaks to the admin API of a hub over its socket. */
export interface LocalClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** A call whose answer comes line by line; `line` sees each of them. */
  stream(path: string, line: (value: Readonly<Record<string, unknown>>) => void): Promise<void>;
}

/**
 * Calls `work` with a client of the hub that uses this data folder. Where none runs, one is put together for the time of
 * the call: it serves the same API on the same socket, so that a command has one way of working.
 */
export async function withHub<T>(
  flags: CommonFlags,
  io: Io,
  work: (client: LocalClient) => Promise<T>,
): Promise<T> {
  const config = loadConfig(
    {
      ...(flags.config === undefined ? {} : { config: flags.config }),
      ...(flags.data === undefined ? {} : { data: flags.data }),
    },
    io.environment,
  );
  if (await answers(socketPath(config.data))) return work(clientOf(socketPath(config.data)));
  const demo = join(config.data, 'demo');
  if (await answers(socketPath(demo)))
    io.stderr.write(`A demo hub is running. To speak to it, add: --data ${demo}\n`);
  const hub = await compose(config, createLog('error', io.stderr));
  try {
    await hub.startOffline();
    return await work(clientOf(socketPath(config.data)));
  } finally {
    await hub.stop();
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    await call(path, 'GET', '/api/v1/feeds', undefined, () => undefined);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return false;
    if (code === 'EACCES')
      throw new Problem('forbidden', 'You may not use the socket of this hub', {
        hint: 'Run the command as the user that runs the hub.',
        code: 'TLN-N-403',
        cause: error,
      });
    throw error;
  }
}

function clientOf(path: string): LocalClient {
  const whole = async <T>(method: string, url: string, body?: object): Promise<T> => {
    let text = '';
    await call(path, method, url, body, (line) => (text += line));
    return JSON.parse(text) as T;
  };
  return {
    get: (url) => whole('GET', url),
    post: (url, body) => whole('POST', url, body),
    delete: (url) => whole('DELETE', url),
    stream: (url, line) =>
      call(path, 'POST', url, {}, (text) => {
        const value = JSON.parse(text) as Record<string, unknown>;
        if ('problem' in value) throw problemOf(value['problem'] as Record<string, unknown>);
        line(value);
      }),
  };
}

function call(
  socket: string,
  method: string,
  path: string,
  body: object | undefined,
  line: (text: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      payload === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) };
    const out = request({ socketPath: socket, method, path, headers }, (response) => {
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

const KIND_OF_STATUS: Readonly<Record<number, ProblemKind>> = {
  400: 'invalid-request', 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 422: 'invalid-content', 502: 'peer', 503: 'unavailable',
}; // prettier-ignore

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
