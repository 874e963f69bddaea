import { describe, expect, test } from '@jest/globals';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import supertest from 'supertest';
import {
  answerProblem,
  asProblem,
  demandNoSecrets,
  handledAs,
  isRead,
  sendText,
  sendWhole,
  wrongMethod,
  type ProblemDoor,
} from '../../src/kernel/http-door.ts';
import { Problem, type ProblemKind } from '../../src/kernel/problem.ts';

describe('an address', () => {
  test.each([
    '/taxii2/?token=x',
    '/lists/a/plain?limit=5&api_key=x',
    '/?APIKEY=x',
    '/console?Password=',
    '/x?access_token=a&y=1',
  ])('with a credential is refused: %s', (url) => {
    expect(() => demandNoSecrets(url)).toThrow(Problem);
  });

  test.each(['/', '/o/token=x', '/search?q=token%3Dx', '/search?tokens=5', '/main/?match[type]=key'])(
    'without one is accepted: %s',
    (url) => {
      expect(() => demandNoSecrets(url)).not.toThrow();
    },
  );
});

describe('methods', () => {
  test('HEAD is answered as GET, and both only read', () => {
    expect(['HEAD', 'GET', undefined, 'POST'].map((method) => [handledAs(method), isRead(method)])).toEqual([
      ['GET', true],
      ['GET', true],
      ['GET', true],
      ['POST', false],
    ]);
  });

  test('a wrong method is refused with the list of allowed methods (RFC 9110 §15.5.6)', () => {
    const make = (
      values: { method: string; allowed: string },
      { headers }: { headers: Record<string, string> },
    ) =>
      new Problem('method-not-allowed', `${values.method} | ${values.allowed}`, {
        code: 'TLN-Z-405',
        headers,
      });
    expect(wrongMethod('PUT', ['GET', 'POST'], make)).toMatchObject({
      title: 'PUT | GET, POST, HEAD',
      headers: { Allow: 'GET, POST, HEAD' },
    });
    expect(wrongMethod('GET', ['POST'], make).headers).toEqual({ Allow: 'POST' });
  });
});

describe('any thrown value', () => {
  const unreadable = (): Problem => new Problem('invalid-request', 'Unreadable path', { code: 'TLN-Z-400' });

  test('becomes a problem, and the details of an unexpected one stay in its cause', () => {
    const own = new Problem('not-found', 'Lamp not found', { code: 'TLN-Z-404' });
    expect(asProblem(own, unreadable)).toBe(own);
    expect(asProblem(new URIError('bad'), unreadable).code).toBe('TLN-Z-400');
    for (const thrown of [new Error('password of lani'), 'password of lani', undefined]) {
      const problem = asProblem(thrown, unreadable);
      expect([problem.kind, problem.cause]).toEqual(['internal', thrown]);
      expect([problem.title, problem.description, problem.hint].join(' ')).not.toContain('lani');
    }
  });
});

describe('a door', () => {
  const ids = { uuid: () => 'error-1', secret: () => '' };

  /** Runs a server that answers each request with a problem, and notes what it logs. */
  function door(problem: Problem, before: (response: ServerResponse) => void = () => undefined) {
    const noted: unknown[] = [];
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      before(response);
      const own: ProblemDoor = {
        ids,
        challenge: 'Bearer realm="x"',
        failed: (logged) => noted.push(['failed', logged]),
        refused: (logged) => noted.push(['refused', logged]),
        send: (status, errorId, headers) => sendText(response, status, `${errorId}\n`, headers),
      };
      answerProblem(own, request, response, problem);
    };
    return { noted, listener };
  }

  test.each<[ProblemKind, number, string]>([
    ['not-found', 404, 'refused'],
    ['rate-limited', 429, 'refused'],
    ['unavailable', 503, 'failed'],
    ['internal', 500, 'failed'],
  ])('answers a problem of the kind %s with %i, and logs that it %s', async (kind, status, logged) => {
    const problem = new Problem(kind, 'Title', { code: 'TLN-Z-1', headers: { 'Retry-After': '30' } });
    const { noted, listener } = door(problem);
    const answer = await supertest(listener).get('/');
    expect([answer.status, answer.text, answer.headers['retry-after']]).toEqual([status, 'error-1\n', '30']);
    expect(noted).toMatchObject([[logged, { error_id: 'error-1', method: 'GET', status, code: 'TLN-Z-1' }]]);
  });

  test('names the ways to sign in only where credentials are missing', async () => {
    const challengeOf = async (kind: ProblemKind): Promise<string | undefined> => {
      const { headers } = await supertest(door(new Problem(kind, 'T', { code: 'TLN-Z-1' })).listener).get(
        '/',
      );
      return headers['www-authenticate'];
    };
    expect(await challengeOf('unauthenticated')).toBe('Bearer realm="x"');
    expect(await challengeOf('forbidden')).toBeUndefined();
  });

  test('closes the connection of a response that has begun, instead of adding an error to it', async () => {
    const { noted, listener } = door(new Problem('internal', 'T', { code: 'TLN-Z-1' }), (response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half');
    });
    await expect(supertest(listener).get('/').buffer(true)).rejects.toThrow();
    expect(noted).toHaveLength(1);
  });

  test('ends the connection of a client that is still sending its body', async () => {
    const { listener } = door(new Problem('too-large', 'T', { code: 'TLN-Z-1' }));
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const request = send({ port, host: '127.0.0.1', method: 'POST', headers: { 'Content-Length': 1_000 } });
      request.on('error', () => undefined);
      request.write('the beginning of a long body');
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect([response.statusCode, response.headers.connection]).toEqual([413, 'close']);
      response.resume();
      request.destroy();
    } finally {
      server.close();
    }
  });
});

test('a body is sent with its length in bytes, and its type cannot be replaced', async () => {
  const answer = await supertest((_request: IncomingMessage, response: ServerResponse) =>
    sendWhole(response, 200, 'text/plain; charset=utf-8', 'kōrero', {
      'Content-Type': 'text/html',
      'X-A': '1',
    }),
  ).get('/');
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-length': '7',
    'x-a': '1',
  });
  expect(answer.text).toBe('kōrero');
});
