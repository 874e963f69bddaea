import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { Problem, codeOf, reasonOf, type ProblemKind } from '../kernel/problem.ts';
import { socketPath } from '../server/listen.ts';
import { demandHub } from './hub-finding.ts';
import { typedAddress } from './typed-address.ts';
import { printable, type Io } from './io.ts';
import type { CommonFlags } from './common-flags.ts';
import { keyFor, loginsFile, remoteHub } from './credentials.ts';
import type { HttpClient } from '../kernel/http-client.ts';
import { commandErrors } from './command-errors.ts';

/** A client of the admin API of a hub, over its socket or over the network. */
export interface LocalClient {
  /** False for a hub that was started for this command only. */
  readonly isRunning: boolean;
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
 * A faster way to a result from a hub that does not run. It calls `differs` if the settings file differs from the settings
 * that the hub has applied. Returns undefined if only a hub can do it.
 */
type StoppedWay<T> = (config: Config, differs: (what: string) => void) => Promise<T | undefined>;

/**
 * Calls `work` with a client of the hub that `--hub` or TALANOA_HUB names, or else of the hub that uses this data
 * folder. If the hub is not running, it is started for the duration of the call. It serves the same API on the same
 * socket, so a command always works the same way. A command that only reads can have a faster way for a hub that does
 * not run: `stopped`. Where it returns undefined, the hub is started.
 */
export async function withHub<T>(
  flags: CommonFlags,
  io: Io,
  work: (client: LocalClient) => Promise<T>,
  stopped: StoppedWay<T> = () => Promise.resolve(undefined),
): Promise<T> {
  const remote = remoteHub(flags, io);
  if (remote !== undefined) return work(clientOf(remoteCaller(remote, io), true));
  const config = loadConfig(
    {
      ...(flags.config === undefined ? {} : { config: flags.config }),
      ...(flags.data === undefined ? {} : { data: flags.data }),
    },
    io.environment,
  );
  io.zone = config.hub.timeZone;
  if (await answers(socketPath(config.data)))
    return work(clientOf(socketCaller(socketPath(config.data)), true));
  demandHub(config, flags, io);
  const demo = join(config.data, 'demo');
  if (await answers(socketPath(demo)))
    io.stderr.write(`A demo hub is running. To use it, add: --data ${demo}\n`);
  const differs = (what: string): void => tellUnapplied(what, config, flags, io);
  const found = await stopped(config, differs);
  if (found !== undefined) return found;
  // Loading the parts of a hub takes longer than most commands.
  const [{ compose }, { createLog }] = await Promise.all([
    import('../server/compose.ts'),
    import('../kernel/log.ts'),
  ]);
  const hub = await compose(config, createLog('error', io.stderr), { isOffline: true });
  if (hub.unapplied !== undefined) differs(hub.unapplied);
  try {
    await hub.startOffline();
    return await work(clientOf(socketCaller(socketPath(config.data)), false));
  } finally {
    await hub.stop();
  }
}

/** Tells a person that the settings file was changed, or is another one, and that only a start applies it. */
function tellUnapplied(what: string, { file }: Config, { quiet, json }: CommonFlags, io: Io): void {
  if (quiet === true || json === true) return;
  io.stderr.write(
    `${file === undefined ? 'The settings differ' : `${printable(file)} differs`} from what this hub has applied: ${printable(what)}. This command uses what was applied. The next start applies the changes: talanoa serve\n`,
  );
}

/** Tells a person who gave a hub that is not running something to do that it will not do before it runs. */
export function tellIfStopped({ isRunning }: LocalClient, { quiet, json }: CommonFlags, io: Io): void {
  if (!isRunning && quiet !== true && json !== true)
    io.stderr.write(
      'No hub runs with this data folder. Routing and delivery continue when it runs: talanoa serve\n',
    );
}

async function answers(path: string): Promise<boolean> {
  try {
    await socketCaller(path)('GET', '/api/v1/whoami', undefined, () => undefined);
    return true;
  } catch (error) {
    const code = error instanceof Problem ? codeOf(error.cause) : undefined;
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

function clientOf(call: Caller, isRunning: boolean): LocalClient {
  const whole = async <T>(method: string, url: string, body?: object): Promise<T> => {
    let text = '';
    await call(method, url, body, (line) => (text += line));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    isRunning,
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

/** Returns a caller for a remote hub. It uses the key in TALANOA_KEY, or else the one that `login` has stored. */
function remoteCaller(hub: string, io: Io): Caller {
  const { url: base, http } = typedAddress(hub, HUB_FORM);
  const key = keyFor(base, io);
  if (key === undefined) throw commandErrors.keyRequired({ hub: base.origin });
  return async (method, path, body, line) => {
    try {
      await sendTo(http, base, { method, path, body, headers: { Authorization: `Bearer ${key}` } }, line);
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'unauthenticated') throw error;
      // The response of the hub explains to a program how to send a key. A person needs to know which key was sent.
      const isStored = isUnset(io.environment['TALANOA_KEY']);
      throw commandErrors.keyRefused(
        {
          hub: base.origin,
          origin: isStored ? `that talanoa login has stored in ${loginsFile(io)}` : 'in TALANOA_KEY',
        },
        {
          ...(isStored ? { hint: `Sign in again: talanoa login ${base.origin}` } : {}),
          cause: error,
        },
      );
    }
  };
}

function isUnset(value: string | undefined): boolean {
  return value === undefined || value === '';
}

/** A format of the address of a hub, for error messages. */
export const HUB_FORM = 'Use the format https://hub.example.org.';

/** A request to a remote hub. */
export interface RemoteRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object | Buffer | undefined;
}

/**
 * Sends a request to a remote hub, and calls `line` for each line of the response. Returns the headers of the response,
 * and throws the problem that it describes.
 */
export async function sendTo(
  http: HttpClient,
  base: URL,
  { method, path, headers, body }: RemoteRequest,
  line: (text: string) => void,
): Promise<IncomingHttpHeaders> {
  const response = await http.fetch({
    url: new URL(path, base).href,
    method: method as 'GET',
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': typeOf(body) }) },
    ...(body === undefined ? {} : { body: payloadOf(body) }),
    redirects: 0,
    // The hub sends nothing while it works on a long command.
    bodyLimits: false,
  });
  await readAnswer(response, base.host, line);
  return response.headers;
}

/**
 * Sends a request to a socket. Each request has a connection of its own. The hub may close an idle connection at any
 * time, for example while a person thinks about a question, and a request that was sent on it cannot be repeated: the
 * hub may have carried it out.
 */
async function call(
  socket: string,
  method: string,
  path: string,
  body: object | Buffer | undefined,
  line: (text: string) => void,
): Promise<void> {
  const payload = body === undefined ? undefined : payloadOf(body);
  const headers =
    payload === undefined ? {} : { 'Content-Type': typeOf(body), 'Content-Length': payload.length };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const out = request({ socketPath: socket, agent: false, method, path, headers }, resolve);
    out.on('error', (error) => reject(connectionLost(error)));
    out.end(payload);
  });
  return readAnswer(
    { status: response.statusCode ?? 0, headers: response.headers, body: response },
    socket,
    line,
  );
}

function connectionLost(cause: unknown): Problem {
  return commandErrors.connectionLost({ description: reasonOf(cause), cause });
}

/** Calls `line` for each line of a response. Throws the problem that a response describes. */
async function readAnswer(
  { status, headers, body }: { status: number; headers: IncomingHttpHeaders; body: Readable },
  host: string,
  line: (text: string) => void,
): Promise<void> {
  const failed = status >= 400;
  const type = headers['content-type'] ?? '';
  const isExpected = failed
    ? type.startsWith('application/problem+json')
    : type === '' || type.includes('json');
  if (!isExpected) {
    body.destroy();
    throw commandErrors.notHub({ host, status });
  }
  let text = '';
  for await (const content of linesOf(body)) {
    if (failed) text += content;
    else line(content);
  }
  if (failed) throw problemOf(JSON.parse(text) as Record<string, unknown>);
}

/** The lines of a body. Only a line feed ends a line: JSON may contain every other separator in a text. */
async function* linesOf(body: Readable): AsyncGenerator<string> {
  let begun = '';
  const parts = body.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  for (;;) {
    const part = await parts.next().catch((error: unknown) => {
      throw connectionLost(error);
    });
    if (part.done === true) break;
    const [rest = '', ...more] = part.value.split('\n');
    begun += rest;
    for (const next of more) {
      yield begun;
      begun = next;
    }
  }
  if (begun !== '') yield begun;
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
    optional('title') ?? 'The hub returned an error',
    {
      code: optional('code') ?? 'TLN-X-500',
      ...(description === undefined ? {} : { description }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}
